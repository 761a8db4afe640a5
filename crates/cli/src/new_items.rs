//! `--new-items`: items that came after training, beside those that the model knows.

use anchorrec_files::counted;
use anchorrec_prepare::own::features::{Read, read_folder};
use anchorrec_retrieval::Trained;
use anchorrec_retrieval::new_items::{Added, Table, add};
use anchorrec_retrieval::placement::Way;
use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Options on new items.
#[derive(Debug, Args)]
pub struct NewItemOptions {
    /// Also use new items, which the model does not know: a folder with their features by item id, in any format that `prepare` reads
    #[arg(long, value_name = "FOLDER")]
    pub new_items: Option<PathBuf>,

    /// How to compute the vectors of new items from their features. `blend`: from the nearest known items and from each user's own items; `neighbours`:
    /// from the nearest known items alone, which keeps the width of the vectors
    #[arg(long, value_name = "METHOD", value_enum, default_value = "blend", requires = "new_items")]
    pub place: PlaceOption,

    /// Share of all list places for new items, between 0 and 1 [default: their share of the catalogue]
    #[arg(long, value_name = "SHARE", value_parser = share, requires = "new_items")]
    pub new_share: Option<f64>,
}

/// [`Way`] as an option.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum PlaceOption {
    Blend,
    Neighbours,
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if 0.0 < share && share < 1.0 => Ok(share),
        _ => Err("expected a number above 0 and below 1".to_owned()),
    }
}

impl NewItemOptions {
    /// Adds the new items to the data set and the embeddings, and says what a reader should know; nothing where there are none.
    pub fn add(&self, trained: &mut Trained) -> Result<Option<Added>> {
        let Some(folder) = &self.new_items else { return Ok(None) };
        if !folder.is_dir() {
            bail!("--new-items {}: expected a folder with features of new items", folder.display());
        }
        let Read { features, notes, .. } = read_folder(folder)?;
        notes.iter().for_each(|note| eprintln!("note: {note}"));
        let tables: Vec<Table> = features
            .into_iter()
            .map(|table| Table { modality: table.modality, path: table.path, ids: table.ids, rows: table.rows })
            .collect();
        let way = match self.place {
            PlaceOption::Blend => Way::Blend,
            PlaceOption::Neighbours => Way::Neighbours,
        };
        let added = add(trained, folder, &tables, way, self.new_share)?;
        added.notes.iter().for_each(|note| eprintln!("note: {note}"));
        let count = trained.dataset.interactions.items - added.known;
        let items = counted(count, "new item, placed by its", "new items, placed by their");
        eprintln!("{items} {} features", added.modality);
        Ok(Some(added))
    }
}
