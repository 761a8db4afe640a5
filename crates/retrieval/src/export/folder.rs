//! The folder of an export: what it may write over, and what it leaves behind.
//!
//! An export replaces an earlier one and touches nothing else. Its files are those that `manifest.json` names; while it is written, and after a kill, those
//! that [`UNFINISHED`] names. So a folder never has a manifest beside vectors that are not its own, and never vectors of two exports.

use super::manifest::Manifest;
use crate::error::{RetrievalError, file_error};
use anchorrec_files::atomic::write_json;
use anchorrec_files::disk::FileSystem;
use anchorrec_files::fingerprint::sha256;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What an export is.
const MANIFEST: &str = "manifest.json";
/// The files of an export that is being written.
const UNFINISHED: &str = "export.unfinished";

/// The folder of an export that is being written.
pub struct Folder {
    path: PathBuf,
    /// The files of this export.
    names: BTreeSet<String>,
    /// Files of an earlier one, with the SHA-256 by its manifest where it was finished.
    earlier: Vec<(String, Option<String>)>,
}

impl Folder {
    /// Opens a folder to write the files `names` to, and takes the manifest of an earlier export away: what follows is not yet what it says.
    ///
    /// # Errors
    /// When there is a file that the export would write over and that no export wrote, or the file system refuses.
    pub fn begin(path: &Path, names: impl IntoIterator<Item = String>) -> Result<Self, RetrievalError> {
        fs::create_dir_all(path).map_err(file_error(path, "make the folder"))?;
        let names: BTreeSet<String> = names.into_iter().collect();
        let (manifest, unfinished) = (path.join(MANIFEST), path.join(UNFINISHED));
        let stranger = |path: PathBuf| RetrievalError::Table {
            path,
            expected: "a folder that is empty or has an earlier export to replace".to_owned(),
            found: "a file that no export wrote: choose another folder".to_owned(),
        };
        let mut earlier: Vec<(String, Option<String>)> = Vec::new();
        if manifest.exists() {
            let text = fs::read(&manifest).map_err(file_error(&manifest, "read"))?;
            let said: Manifest = serde_json::from_slice(&text).map_err(|_| stranger(manifest.clone()))?;
            earlier.extend(said.files.into_iter().map(|(name, sha256)| (name, Some(sha256))));
        }
        if unfinished.exists() {
            let text = fs::read(&unfinished).map_err(file_error(&unfinished, "read"))?;
            let said: Vec<String> = serde_json::from_slice(&text).map_err(|_| stranger(unfinished.clone()))?;
            earlier.extend(said.into_iter().map(|name| (name, None)));
        }
        let is_ours = |name: &String| earlier.iter().any(|(ours, _)| ours == name);
        if let Some(name) = names.iter().find(|name| path.join(name).exists() && !is_ours(name)) {
            return Err(stranger(path.join(name)));
        }
        let all: BTreeSet<&String> = names.iter().chain(earlier.iter().map(|(name, _)| name)).collect();
        write_json(&FileSystem, &unfinished, &all).map_err(file_error(&unfinished, "write"))?;
        if manifest.exists() {
            fs::remove_file(&manifest).map_err(file_error(&manifest, "remove"))?;
        }
        Ok(Folder { path: path.to_owned(), names, earlier })
    }

    /// Writes the manifest, when all files are there, and removes those of an earlier export that are not part of this one. Returns their names, and
    /// those of files that were changed since and are therefore left.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn finish(self, about: &Manifest) -> Result<(Vec<String>, Vec<String>), RetrievalError> {
        let Folder { path, names, earlier } = self;
        let manifest = path.join(MANIFEST);
        write_json(&FileSystem, &manifest, about).map_err(file_error(&manifest, "write"))?;
        let (mut removed, mut left) = (Vec::new(), Vec::new());
        for (name, recorded) in earlier {
            let file = path.join(&name);
            // A name with a folder in it is none that an export wrote.
            let is_plain = Path::new(&name).file_name().is_some_and(|plain| plain == name.as_str());
            // What a kill left of a file that was being written; this export has written its own by now.
            let half = path.join(format!("{name}.partial"));
            if recorded.is_none() && is_plain && half.is_file() {
                fs::remove_file(&half).map_err(file_error(&half, "remove"))?;
                removed.push(format!("{name}.partial"));
            }
            if names.contains(&name) || !is_plain || !file.is_file() {
                continue;
            }
            let found = sha256(&file).map_err(file_error(&file, "read"))?;
            if recorded.is_none_or(|recorded| recorded == found) {
                fs::remove_file(&file).map_err(file_error(&file, "remove"))?;
                removed.push(name);
            } else {
                left.push(name);
            }
        }
        let unfinished = path.join(UNFINISHED);
        fs::remove_file(&unfinished).map_err(file_error(&unfinished, "remove"))?;
        Ok((removed, left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn manifest(files: &[(&str, &str)]) -> Manifest {
        let files: BTreeMap<&str, &str> = files.iter().copied().collect();
        serde_json::from_value(serde_json::json!({
            "version": "0", "model": "m", "dataset": "d", "run": "r", "seed": 1, "weights_sha256": "", "space": "final", "score": "", "width": 1,
            "numbers": "float32", "users": 1, "items": 1, "order": "", "largest_length": 1.0, "files": files, "check": []
        }))
        .unwrap()
    }

    fn export(path: &Path, files: &[&str]) -> Result<(Vec<String>, Vec<String>), RetrievalError> {
        let folder = Folder::begin(path, files.iter().map(ToString::to_string))?;
        assert!(!path.join(MANIFEST).exists());
        let mut hashes = Vec::new();
        for name in files {
            fs::write(path.join(name), name).unwrap();
            hashes.push(sha256(&path.join(name)).unwrap());
        }
        folder.finish(&manifest(&files.iter().copied().zip(hashes.iter().map(String::as_str)).collect::<Vec<_>>()))
    }

    fn there(path: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != MANIFEST)
            .collect();
        names.sort();
        names
    }

    #[test]
    fn an_export_replaces_an_earlier_one_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/vectors");
        assert_eq!(export(&path, &["a.npy", "a.parquet"]).unwrap(), (vec![], vec![]));
        fs::write(path.join("mine.csv"), "mine").unwrap();
        assert_eq!(export(&path, &["a.npy"]).unwrap(), (vec!["a.parquet".to_owned()], vec![]));
        assert_eq!(there(&path), ["a.npy", "mine.csv"]);
        // What was changed since is somebody's work.
        assert!(export(&path, &["a.npy", "b.npy"]).is_ok());
        fs::write(path.join("b.npy"), "changed").unwrap();
        assert_eq!(export(&path, &["a.npy"]).unwrap(), (vec![], vec!["b.npy".to_owned()]));
        assert_eq!(there(&path), ["a.npy", "b.npy", "mine.csv"]);
    }

    #[test]
    fn what_no_export_wrote_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in [("items.parquet", "mine"), (MANIFEST, "{\"name\": \"a web page\"}"), (UNFINISHED, "x")]
        {
            let path = folder.path().join(name);
            fs::write(&path, content).unwrap();
            let refused = export(folder.path(), &["items.parquet"]).unwrap_err().to_string();
            assert!(refused.contains(name) && refused.contains("no export wrote"), "{refused}");
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
            fs::remove_file(path).unwrap();
        }
    }

    #[test]
    fn what_a_kill_left_behind_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        export(path, &["a.npy", "b.npy"]).unwrap();
        // Killed after the first file of another.
        let killed = Folder::begin(path, ["c.npy", "d.npy"].map(str::to_owned)).unwrap();
        fs::write(path.join("c.npy"), "whole").unwrap();
        fs::write(path.join("d.npy.partial"), "half").unwrap();
        fs::write(path.join("mine.npy.partial"), "of nobody here").unwrap();
        drop(killed);
        let (mut removed, left) = export(path, &["a.npy"]).unwrap();
        removed.sort();
        assert_eq!((removed, left), (["b.npy", "c.npy", "d.npy.partial"].map(str::to_owned).to_vec(), vec![]));
        fs::remove_file(path.join("mine.npy.partial")).unwrap();
        assert_eq!(there(path), ["a.npy"]);
    }
}
