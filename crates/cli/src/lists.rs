//! `train --recommendations`: each user's best items after training.

use crate::finished::{ALONE, check_place};
use crate::recommend::write_lists;
use anchorrec_data::Split;
use anchorrec_retrieval::candidates::never;
use anchorrec_retrieval::table::TableFormat;
use anchorrec_retrieval::{Exclude, Retriever};
use anchorrec_trainer::{Job, RunFolder, TrainedModel};
use anyhow::Result;
use std::path::Path;

/// Checks, before anything is trained, that the file can be written in a format that its ending names.
pub fn check(path: &Path) -> Result<()> {
    check_place("--recommendations", path)?;
    TableFormat::of(path)?;
    Ok(())
}

/// Writes the `top` best items of every user with training rows, by the best weights of a seed.
pub fn write(job: &Job, folder: &RunFolder, seed: u64, path: &Path, top: usize) -> Result<()> {
    let TrainedModel { embeddings, .. } = job.trained(folder, seed)?;
    let dataset = job.dataset();
    let never = never(dataset, None, &[])?;
    let retriever = Retriever::new(&embeddings, &dataset.interactions, Exclude::Train, &never);
    let train = dataset.interactions.by_user(Split::Train);
    let users: Vec<u32> = (0..train.users() as u32).filter(|&user| !train.of(user).is_empty()).collect();
    write_lists(dataset, Some(path), top, &users, |users| retriever.lists(users, top))?;
    println!("recommendations: {}", path.display());
    Ok(())
}

/// Says that the lists of a run that was also fused are the trained model's alone.
pub fn say_alone() {
    eprintln!("note: --recommendations: {ALONE}");
}
