//! `--recommendations`: what a model would show each user, in the names that the data set has for people.

use anchorrec_data::Dataset;
use anchorrec_files::atomic::write_atomic;
use anchorrec_files::disk::FileSystem;
use anyhow::{Context, Result, bail};
use std::io;
use std::path::Path;

/// Whether the file could be written: to be asked before hours of training.
pub fn check_place(path: &Path) -> Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if path.is_dir() || !parent.is_dir() {
        bail!("--recommendations {}: expected a file in a folder that is there", path.display());
    }
    Ok(())
}

/// Writes `user,rank,item,title,score`: external ids where the data set has mappings, else numbers.
pub fn write(path: &Path, dataset: &Dataset, lists: &[Vec<(u32, f32)>]) -> Result<()> {
    let written = write_atomic(&FileSystem, path, |file| {
        let mut table = csv::Writer::from_writer(file);
        table.write_record(["user", "rank", "item", "title", "score"]).map_err(io::Error::from)?;
        for (user, list) in lists.iter().enumerate() {
            let user = dataset.user_name(user as u32);
            for (place, &(item, score)) in list.iter().enumerate() {
                let name = dataset.item_name(item);
                let title =
                    dataset.titles.as_ref().and_then(|titles| titles[item as usize].clone()).unwrap_or_default();
                let row = [&user, &(place + 1).to_string(), &name, &title, &format!("{score:.6}")];
                table.write_record(row).map_err(io::Error::from)?;
            }
        }
        table.flush()
    });
    written.with_context(|| format!("{}: cannot write", path.display()))
}
