//! A twin on disk that several processes may ask for at once: made by one of them, found by the others.
//!
//! ```text
//! <parent>/.<name>.lock      held by whoever looks or makes
//! <parent>/.<name>.partial   being made
//! <parent>/<name>            whole: it gets its name last, by a rename
//! <parent>/<name>/.twin.json what it was made of, and the SHA-256 of each of its files
//! ```

use crate::twin::{REVISION, TwinSpec, generate};
use crate::{DataError, dataset::SYNTHETIC, open};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// In the folder of a twin: what it was made of.
const STAMP: &str = ".twin.json";

/// What a twin was made of, and its files by name with the SHA-256 of each.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Stamp {
    revision: u32,
    spec: TwinSpec,
    seed: u64,
    files: BTreeMap<String, String>,
}

/// Sees to it that the twin of a spec and seed is in the folder `dir`; whether it had to be made.
///
/// What is there is taken as it is if it was made of the same and every file still has the bytes that it was written with. Another process that is
/// making it is waited for.
///
/// # Errors
/// When `dir` is a folder that is no twin, or the system refuses.
///
/// # Panics
/// As [`generate`].
pub fn provide(spec: &TwinSpec, seed: u64, dir: &Path) -> Result<bool, DataError> {
    let (parent, name) = (dir.parent().unwrap_or(Path::new("")), dir.file_name().unwrap_or_default().to_string_lossy());
    let beside = |ending: &str| parent.join(format!(".{name}.{ending}"));
    fs::create_dir_all(parent).map_err(io_error(parent, "make"))?;
    let _lock = lock(&beside("lock"))?;
    if is_whole(spec, seed, dir) {
        return Ok(false);
    }
    if dir.exists() && !dir.join(SYNTHETIC).is_file() && fs::read_dir(dir).is_ok_and(|mut all| all.next().is_some()) {
        return Err(DataError::NotSynthetic { dir: dir.to_owned() });
    }
    let (partial, old) = (beside("partial"), beside("old"));
    remove(&partial)?;
    remove(&old)?;
    generate(spec, seed).write(&partial)?;
    let stamp = Stamp { revision: REVISION, spec: spec.clone(), seed, files: hashes(&partial)? };
    let text = serde_json::to_string_pretty(&stamp).expect("a stamp is JSON");
    fs::write(partial.join(STAMP), text + "\n").map_err(io_error(&partial, "write"))?;
    if dir.exists() {
        fs::rename(dir, &old).map_err(io_error(dir, "move away"))?;
    }
    fs::rename(&partial, dir).map_err(io_error(dir, "name"))?;
    remove(&old)?;
    Ok(true)
}

fn io_error(path: &Path, action: &'static str) -> impl Fn(io::Error) -> DataError + use<> {
    let path = path.to_owned();
    move |source| DataError::Io { path: path.clone(), action, source }
}

/// Waits for the lock. Where the file system knows none, there is nothing to wait for.
fn lock(path: &Path) -> Result<File, DataError> {
    let file = File::options().create(true).truncate(false).write(true).open(path).map_err(io_error(path, "make"))?;
    match file.lock() {
        Err(error) if error.kind() != io::ErrorKind::Unsupported => Err(io_error(path, "lock")(error)),
        _ => Ok(file),
    }
}

fn is_whole(spec: &TwinSpec, seed: u64, dir: &Path) -> bool {
    let stamp = fs::read_to_string(dir.join(STAMP)).ok().and_then(|text| serde_json::from_str::<Stamp>(&text).ok());
    stamp.is_some_and(|stamp| {
        let same = (stamp.revision, &stamp.spec, stamp.seed) == (REVISION, spec, seed);
        same && hashes(dir).is_ok_and(|files| files == stamp.files)
    })
}

/// The SHA-256 of every file of a folder but the stamp.
fn hashes(dir: &Path) -> Result<BTreeMap<String, String>, DataError> {
    let entries = fs::read_dir(dir).and_then(Iterator::collect::<io::Result<Vec<_>>>).map_err(io_error(dir, "list"))?;
    let names = entries.into_iter().map(|entry| entry.file_name().to_string_lossy().into_owned());
    names
        .filter(|name| name != STAMP)
        .map(|name| Ok((name.clone(), open::fingerprint(&dir.join(name))?.sha256)))
        .collect()
}

fn remove(dir: &PathBuf) -> Result<(), DataError> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io_error(dir, "remove")(error)),
        _ => Ok(()),
    }
}
