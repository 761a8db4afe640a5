//! What a command reads, so that nothing that it writes takes the place of it.
#![cfg_attr(
    not(all(feature = "prepare", feature = "report", feature = "retrieval")),
    allow(dead_code, reason = "used by the commands that are left out")
)]

use anchorrec_data::dataset::SYNTHETIC;
use anchorrec_files::folder_of;
use anyhow::{Result, bail};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Files and folders that a command reads. A command that writes names here everything that it reads and asks before it begins.
///
/// A run's folder stands for its records and weights. A data set's folder stands for every file that a data set can hold, even one that is not there yet,
/// because the next command would read it. Other files in these folders may be written.
#[derive(Clone, Debug, Default)]
pub struct Reads {
    files: Vec<PathBuf>,
    runs: Vec<PathBuf>,
    data: Vec<PathBuf>,
    whole: Vec<PathBuf>,
}

impl Reads {
    /// Adds files.
    #[must_use]
    pub fn files<P: AsRef<Path>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        self.files.extend(paths.into_iter().map(|path| path.as_ref().to_owned()));
        self
    }

    /// Adds a run by its folder or its record, with all that it was trained on; `data` is where its data set is now, if it has moved.
    #[must_use]
    pub fn run(mut self, path: &Path, data: Option<&Path>) -> Self {
        let is_record = path.extension().is_some_and(|ending| ending == "json") && !path.is_dir();
        let folder = if is_record { path.parent().unwrap_or(Path::new("")) } else { path };
        for record in RECORDS.iter().map(|name| folder.join(name)) {
            // What is no record is an error later, and not this one.
            let Ok(text) = fs::read(&record) else { continue };
            let Ok(record) = serde_json::from_slice::<Value>(&text) else { continue };
            self.data.extend(record["data"]["dir"].as_str().map(PathBuf::from));
            let inputs = record["inputs"].as_array().into_iter().flatten();
            self.files.extend(inputs.filter_map(|input| input["path"].as_str()).map(PathBuf::from));
            let variants = record["variants"].as_array().into_iter().flatten();
            self.runs.extend(variants.filter_map(|variant| variant["folder"].as_str()).map(|inner| folder.join(inner)));
        }
        self.runs.push(folder.to_owned());
        self.data.extend(data.map(Path::to_owned));
        self
    }

    /// Adds the folder of a data set.
    #[must_use]
    pub fn data(mut self, folder: &Path) -> Self {
        self.data.push(folder.to_owned());
        self
    }

    /// Adds a folder of which every file counts.
    #[must_use]
    pub fn folder(mut self, folder: &Path) -> Self {
        self.whole.push(folder.to_owned());
        self
    }

    /// Checks that a file to be written is none of those that are read.
    ///
    /// # Errors
    /// When it is one, would be one of a data set from then on, or is a record of any other run or data set.
    pub fn check(&self, option: &str, out: &Path) -> Result<()> {
        let Some(place) = place(out) else { return Ok(()) };
        let name = place.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let is_inside =
            |folders: &[PathBuf]| folders.iter().any(|folder| self::place(folder).as_deref() == place.parent());
        let what = if self.files.iter().any(|path| self::place(path).as_ref() == Some(&place))
            || is_inside(&self.whole) && place.exists()
        {
            "another file than those that are read"
        } else if is_inside(&self.runs) && is_of_run(&name) {
            "another file than those of a run"
        } else if is_inside(&self.data) && is_of_data(&name) {
            "another file than those of a data set"
        } else if place.exists() && is_of_another(&place, &name) {
            "another file than those of a run or a data set"
        } else {
            return Ok(());
        };
        bail!("{option} {}: expected {what}", out.display())
    }

    /// Checks that a folder to be written to is none of those that are read, and none in which files are read.
    ///
    /// # Errors
    /// When it is one.
    pub fn check_folder(&self, option: &str, out: &Path) -> Result<()> {
        let Some(place) = place(out) else { return Ok(()) };
        let folders = self.runs.iter().chain(&self.data).chain(&self.whole);
        let is_read = folders.into_iter().any(|folder| self::place(folder).as_ref() == Some(&place));
        let holds =
            |file: &PathBuf| self::place(file).is_some_and(|file| file.exists() && file.parent() == Some(&place));
        if is_read || self.files.iter().any(holds) {
            bail!("{option} {}: expected another folder than those that are read", out.display());
        }
        Ok(())
    }
}

/// Records by which a folder is known.
const RECORDS: [&str; 3] = ["report.json", "comparison.json", "closed-forms.json"];

/// Whether a run's folder holds a file of this name, in lower case.
fn is_of_run(name: &str) -> bool {
    let is_of_seed = |rest: &str| [".safetensors", ".json", ".jsonl"].iter().any(|ending| rest.ends_with(ending));
    RECORDS.contains(&name)
        || ["identity.json", "trial", ".lock"].contains(&name)
        || name.strip_prefix("seed-").is_some_and(is_of_seed)
}

/// Whether a file belongs to a run or a data set, whoever reads it: what else is in its folder says so.
fn is_of_another(place: &Path, name: &str) -> bool {
    let beside = |names: &[&str]| names.iter().any(|name| place.with_file_name(name).is_file());
    is_of_run(name) && beside(&["identity.json"]) || is_of_data(name) && beside(&["prepared.json", "u_id_mapping.csv"])
}

/// Whether a data set's folder holds, or could hold, a file of this name, in lower case.
fn is_of_data(name: &str) -> bool {
    const NAMED: [&str; 8] = [
        "u_id_mapping.csv",
        "i_id_mapping.csv",
        "items.jsonl",
        "items_text.jsonl",
        "items_images.jsonl",
        "notes.json",
        "prepared.json",
        "manifest.toml",
    ];
    NAMED.contains(&name)
        || name == SYNTHETIC.to_lowercase()
        || name.ends_with(".inter")
        || name.ends_with("_feat.npy")
        || name.starts_with("missing_") && name.ends_with(".csv")
}

/// Returns whether two paths lead to one file, which need not be there.
pub fn same_place(one: &Path, other: &Path) -> bool {
    one == other || place(one).is_some_and(|place| self::place(other) == Some(place))
}

/// The place of a file or folder, which need not be there: links followed, of itself or of the folder that it is in.
fn place(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok().or_else(|| Some(folder_of(path).canonicalize().ok()?.join(path.file_name()?)))
}
