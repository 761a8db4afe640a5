//! `train --recommendations`: each user's best items after training.

use crate::finished::check_place;
use crate::recommend::{Scorer, write_lists};
use anchorrec_data::{Dataset, Split};
use anchorrec_records::FusionRecord;
use anchorrec_retrieval::candidates::never;
use anchorrec_retrieval::names::Names;
use anchorrec_retrieval::table::{TableFormat, check_ids};
use anchorrec_retrieval::{Exclude, FusedRetriever, Retriever};
use anchorrec_trainer::fusion::Fusion;
use anchorrec_trainer::{Job, RunFolder, TrainedModel};
use anyhow::{Context, Result};
use std::path::Path;

/// Checks, before anything is trained, that the file can be written in a format that its ending names.
pub fn check(path: &Path) -> Result<()> {
    check_place("--recommendations", path)?;
    TableFormat::of(path)?;
    Ok(())
}

/// Checks, before anything is trained, that the format of the file can hold the ids of the data set.
pub fn check_names(path: &Path, dataset: &Dataset) -> Result<()> {
    let users = dataset.interactions.by_user(Split::Train).users_with_items();
    let users: Vec<String> = users.into_iter().map(|user| dataset.user_name(user)).collect();
    check_ids(path, &Names::of_items(dataset), &users).context("--recommendations")
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
    let handed = write_lists(dataset, Some(path), top, &users, |users| scorer.lists(users, top))?;
    handed.notes(top).iter().for_each(|note| eprintln!("note: {note}"));
    println!("recommendations: {}", path.display());
    Ok(())
}
