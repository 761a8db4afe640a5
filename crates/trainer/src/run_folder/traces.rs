//! What runs left in a folder, whether another process works there or not: read, never written.

use super::names;
use crate::checkpoint;
use crate::identity::Identity;
use anchorrec_records::fusion::{FusedRun, FusionRecord};
use anchorrec_records::report::RunRecord;
use anchorrec_records::{Analysis, ListsRecord, UserResults};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A checkpoint that is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Saved {
    /// Steps made before it, over all epochs.
    pub step: u64,
    /// The seed.
    pub seed: u64,
    /// The file.
    pub path: PathBuf,
}

/// A job that was not trained to its end.
#[derive(Clone, Debug)]
pub struct Interrupted {
    /// The folder of the interrupted run.
    pub folder: PathBuf,
    /// What it is made of, where that can be read.
    pub identity: Option<Identity>,
}

/// The checkpoints of a folder, ascending by step.
pub(crate) fn saved(folder: &Path) -> Vec<Saved> {
    let parse = |path: PathBuf| {
        let (seed, step) = names::checkpoint_of(path.file_name()?.to_str()?)?;
        Some(Saved { step, seed, path })
    };
    let mut saved: Vec<Saved> = files(folder).filter_map(parse).collect();
    saved.sort();
    saved
}

/// What the runs of a folder are made of, where that was written down.
pub(super) fn kept_identity(folder: &Path) -> Option<Identity> {
    read_json(&folder.join(names::IDENTITY))
}

/// Whether a run left something that another one could continue from, or be shown for.
pub(super) fn has_traces(folder: &Path) -> bool {
    let is_record = |path: PathBuf| path.file_name().and_then(|name| name.to_str()).is_some_and(names::is_record);
    folder.join(names::REPORT).exists() || !saved(folder).is_empty() || files(folder).any(is_record)
}

/// The seeds of a folder that have a checkpoint and no record of their end.
pub(super) fn open_seeds(folder: &Path) -> BTreeSet<u64> {
    let seeds = saved(folder).into_iter().map(|saved| saved.seed);
    seeds.filter(|&seed| !folder.join(names::record(seed)).exists()).collect()
}

/// The run of a folder, if it was interrupted: within a seed, or between two.
pub(super) fn interrupted(folder: &Path) -> Option<Interrupted> {
    let between_seeds = !folder.join(names::REPORT).exists() && has_traces(folder);
    if !between_seeds && open_seeds(folder).is_empty() {
        return None;
    }
    let newest_first = saved(folder).into_iter().rev();
    let of_checkpoint = || { newest_first }.find_map(|saved| Some(checkpoint::about(&saved.path).ok()?.identity));
    Some(Interrupted { folder: folder.to_owned(), identity: kept_identity(folder).or_else(of_checkpoint) })
}

/// Reads the analysis of a finished run from its folder, if it is of its weights and the results of its users are beside it.
///
/// No lock is taken, so nobody who begins to work in the folder meanwhile is refused: each file is replaced whole, and names its weights.
pub fn analysis(folder: &Path, run: &RunRecord) -> Option<Analysis> {
    let analysis: Analysis = read_json(&folder.join(names::analysis(run.seed)))?;
    let same = analysis.weights_sha256 == run.checkpoint_sha256 && users(folder, run).is_some();
    same.then_some(analysis)
}

/// Reads what every user got from a finished run from its folder, if it was looked at. No lock is taken, as by [`analysis`].
pub fn users(folder: &Path, run: &RunRecord) -> Option<UserResults> {
    let users: UserResults = read_json(&folder.join(names::users(run.seed)))?;
    (users.weights_sha256 == run.checkpoint_sha256).then_some(users)
}

/// Reads what a run recommends together with a closed form from its folder, if it was fused by this weight with these settings. No lock is taken, as by
/// [`analysis`].
pub fn fused(folder: &Path, fusion: &FusionRecord, run: &FusedRun) -> Option<ListsRecord> {
    let lists: ListsRecord = read_json(&folder.join(names::fused(run.seed)))?;
    let same = lists.users.weights_sha256 == run.weights_sha256 && lists.ranked_by == fusion.ranked_by(run.gamma);
    same.then_some(lists)
}

/// The folders beside one, by name.
pub(super) fn siblings(folder: &Path) -> Vec<PathBuf> {
    let Some(parent) = folder.parent() else { return Vec::new() };
    let mut folders: Vec<PathBuf> = files(parent).filter(|path| path.is_dir() && path != folder).collect();
    folders.sort();
    folders
}

/// What a file holds; nothing, where it is not there or is something else.
pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
}

/// What is in a folder, in no order.
pub(super) fn files(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}
