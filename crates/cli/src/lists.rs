//! `train --recommendations`: each user's best items after training.

use crate::finished::check_place;
use crate::recommend::{Scorer, write_lists};
use anchorrec_data::Split;
use anchorrec_records::FusionRecord;
use anchorrec_retrieval::candidates::never;
use anchorrec_retrieval::table::TableFormat;
use anchorrec_retrieval::{Exclude, FusedRetriever, Retriever};
use anchorrec_trainer::fusion::Fusion;
use anchorrec_trainer::{Job, RunFolder, TrainedModel};
use anyhow::Result;
use std::path::Path;

/// Checks, before anything is trained, that the file can be written in a format that its ending names.
pub fn check(path: &Path) -> Result<()> {
    check_place("--recommendations", path)?;
    TableFormat::of(path)?;
    Ok(())
}

/// Writes the `top` best items of every user with training rows, by the best weights of a seed, or by their fusion with a closed form.
pub fn write(
    job: &Job,
    folder: &RunFolder,
    seed: u64,
    fusion: Option<&FusionRecord>,
    path: &Path,
    top: usize,
) -> Result<()> {
    let TrainedModel { embeddings, .. } = job.trained(folder, seed)?;
    let dataset = job.dataset();
    let never = never(dataset, None, &[])?;
    let fusion = fusion.map(|record| Fusion::again(record, seed, dataset)).transpose()?;
    let scorer = match fusion {
        Some(fusion) => Scorer::Fusion(FusedRetriever::of(fusion, dataset, &embeddings, Exclude::Train, &never)),
        None => Scorer::Model(Retriever::new(&embeddings, &dataset.interactions, Exclude::Train, &never)),
    };
    let users = dataset.interactions.by_user(Split::Train).users_with_items();
    write_lists(dataset, Some(path), top, &users, |users| scorer.lists(users, top))?;
    println!("recommendations: {}", path.display());
    Ok(())
}
