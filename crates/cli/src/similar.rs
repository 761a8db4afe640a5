//! `anchorrec similar`: items that are like an item.

use crate::args::at_least_one;
use crate::finished::{RunOptions, load};
use crate::new_items::{NewItemOptions, PlaceOption};
use crate::say::Output;
use anchorrec_retrieval::compared::{Asked, compared};
use anchorrec_retrieval::names::Names;
use anchorrec_retrieval::new_items::Added;
use anchorrec_retrieval::similar::space;
use anchorrec_retrieval::table::{TableFormat, write};
use anchorrec_retrieval::{Ids, Trained};
use anyhow::{Result, bail};
use clap::Args;
use ndarray::{Array2, Axis, concatenate};
use std::io::BufWriter;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct SimilarOptions {
    #[command(flatten)]
    pub run: RunOptions,

    /// Id of the item to compare with; may be repeated
    #[arg(long, value_name = "ID", required = true, allow_hyphen_values = true)]
    pub item: Vec<String>,

    /// Space to compare in: `final`, the vectors that make the scores; another space of the model (`id`, `mm`, `text`, `vision`); or the features
    /// themselves (`raw_text`, `raw_vision`, `raw_mm`)
    #[arg(long, value_name = "SPACE", default_value = "final")]
    pub space: String,

    /// Items per list
    #[arg(long, value_name = "N", default_value = "10", value_parser = at_least_one)]
    pub top: usize,

    /// Also compare new items, which the model does not know: a folder with their features by item id, in any format that `prepare` reads. In the space
    /// `final`, a new item is placed among its nearest known items
    #[arg(long, value_name = "FOLDER")]
    pub new_items: Option<PathBuf>,
}

/// Returns the positions of known and new items.
fn with_new(options: &SimilarOptions, added: &Added, trained: &Trained) -> Result<Array2<f32>> {
    let raw = format!("raw_{}", added.modality);
    let known = trained.dataset.features.of(added.modality);
    match (options.space.as_str(), known) {
        ("final", _) => Ok(trained.trained.embeddings.items.clone()),
        (space, Some(known)) if space == raw => Ok(concatenate(Axis(0), &[known.view(), added.features.view()])?),
        (other, _) => {
            bail!("--space {other}: new items have a place in the spaces `final` and `{raw}`, by which they are placed")
        }
    }
}

/// Runs the command.
pub fn run(options: &SimilarOptions) -> Result<ExitCode> {
    let (_, mut model) = load(&options.run, Some("an item is as similar as the trained model alone finds it"))?;
    // Similar items are found by cosine: how often new ones come into lists is no matter here.
    let new = NewItemOptions { new_items: options.new_items.clone(), place: PlaceOption::Neighbours, new_share: None };
    let positions = match new.add(&mut model)? {
        Some(added) => with_new(options, &added, &model)?,
        None => space(&*model.trained.model, &model.dataset.features, &options.space)?,
    };
    let dataset = model.dataset;
    let wanted = Ids::of_items(&dataset).find_all("--item", options.item.iter().map(String::as_str))?;
    let asked = Asked { place: "--item", items: &wanted, space: &options.space, top: options.top };
    let (lists, note) = compared(&dataset, &positions, &asked)?;
    note.iter().for_each(|note| eprintln!("note: {note}"));
    let names = Names::of_items(&dataset);
    write(TableFormat::Csv, &mut BufWriter::new(Output::lock()), &names, |add| {
        let mut both = wanted.iter().zip(&lists);
        both.try_for_each(|(&item, list)| add(names.id(item), list))
    })?;
    Ok(ExitCode::SUCCESS)
}
