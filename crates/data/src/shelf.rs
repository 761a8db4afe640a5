//! A twin on disk that several processes may ask for at once: made by one of them, found by the others.
//!
//! ```text
//! <parent>/.<name>.lock      held by whoever looks or makes
//! <parent>/.<name>.partial   being made
//! <parent>/<name>            whole: it gets its name last
//! <parent>/.<name>.old-*     what stood there before, removed at once, or at the next start after a crash
//! <parent>/<name>/.twin.json what it was made of, and the SHA-256 of each of its files
//! ```

use crate::twin::{REVISION, TwinSpec, generate};
use crate::{DataError, dataset::SYNTHETIC, open};
use anchorrec_files::disk::FileSystem;
use anchorrec_files::replace::{leftovers, recover, replace_folder};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
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

/// How a twin came to be in its folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provided {
    /// The twin was there.
    Found,
    /// The twin was made: there was none, or one of another size, seed or revision.
    Made,
    /// The twin was made again: these of its files were changed, removed or added.
    Again(Vec<String>),
}

/// Sees to it that the twin of a spec and seed is in the folder `dir`, and says how it came there.
///
/// What is there is taken as it is if it was made of the same and every file still has the bytes that it was written with. Another process that is
/// making it is waited for.
///
/// # Errors
/// When `dir` is a folder that is no twin, or the system refuses.
///
/// # Panics
/// As [`generate`].
pub fn provide(spec: &TwinSpec, seed: u64, dir: &Path) -> Result<Provided, DataError> {
    let (parent, name) = (dir.parent().unwrap_or(Path::new("")), dir.file_name().unwrap_or_default().to_string_lossy());
    let beside = |ending: &str| parent.join(format!(".{name}.{ending}"));
    fs::create_dir_all(parent).map_err(io_error(parent, "make"))?;
    let _lock = lock(&beside("lock"))?;
    // A crash may have taken the name of what stood there.
    recover(&FileSystem, dir).map_err(io_error(dir, "recover"))?;
    let provided = match differing(spec, seed, dir) {
        Some(files) if files.is_empty() => return Ok(Provided::Found),
        Some(files) => Provided::Again(files),
        None => Provided::Made,
    };
    if dir.exists() && !dir.join(SYNTHETIC).is_file() && fs::read_dir(dir).is_ok_and(|mut all| all.next().is_some()) {
        return Err(DataError::NotSynthetic { dir: dir.to_owned() });
    }
    let partial = beside("partial");
    remove(&partial)?;
    generate(spec, seed).write(&partial)?;
    let stamp = Stamp { revision: REVISION, spec: spec.clone(), seed, files: hashes(&partial)? };
    let text = serde_json::to_string_pretty(&stamp).expect("a stamp is JSON");
    fs::write(partial.join(STAMP), text + "\n").map_err(io_error(&partial, "write"))?;
    replace_folder(&FileSystem, &partial, dir).map_err(io_error(dir, "replace"))?;
    // What stood there, now and before a crash. `.old` is the name that version 0.1 gave it.
    let leftovers = leftovers(dir).map_err(io_error(parent, "list"))?;
    leftovers.iter().chain([&beside("old")]).try_for_each(remove)?;
    Ok(provided)
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

/// The files that are not as they were written, of a twin that was made of the same; `None` if there is no such twin.
fn differing(spec: &TwinSpec, seed: u64, dir: &Path) -> Option<Vec<String>> {
    let stamp: Stamp = serde_json::from_str(&fs::read_to_string(dir.join(STAMP)).ok()?).ok()?;
    if (stamp.revision, &stamp.spec, stamp.seed) != (REVISION, spec, seed) {
        return None;
    }
    let found = hashes(dir).ok()?;
    let names: BTreeSet<&String> = stamp.files.keys().chain(found.keys()).collect();
    Some(names.into_iter().filter(|name| stamp.files.get(*name) != found.get(*name)).cloned().collect())
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
