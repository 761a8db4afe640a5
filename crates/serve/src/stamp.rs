//! What tells one state of a run on disk from another.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The records of a run and of closed forms; beside them a run has its weights.
const RECORDS: [&str; 3] = ["closed-forms.json", "identity.json", "report.json"];
/// How the files of weights end.
const WEIGHTS: &str = ".best.safetensors";

/// The state of a run on disk, links followed: each of its files with length and time. It changes by writing, by replacing, and by a link that points
/// elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp(Vec<(PathBuf, u64, SystemTime)>);

impl Stamp {
    /// Looks at the run in a folder, or at the one that a record belongs to.
    pub fn of(path: &Path) -> Self {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let folder = if path.is_dir() { &path } else { path.parent().unwrap_or(Path::new("")) };
        let is_of_run = |name: &str| RECORDS.contains(&name) || name.ends_with(WEIGHTS);
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let files = entries.filter(|entry| entry.file_name().to_str().is_some_and(is_of_run)).filter_map(|entry| {
            let (file, data) = (entry.path().canonicalize().ok()?, entry.path().metadata().ok()?);
            Some((file, data.len(), data.modified().ok()?))
        });
        let mut files: Vec<_> = files.collect();
        files.sort();
        Stamp(files)
    }

    /// Returns whether there is a file of a run.
    pub fn is_there(&self) -> bool {
        !self.0.is_empty()
    }
}
