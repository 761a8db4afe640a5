#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! Raw files from where they can be had: folders of this machine, mirrors over HTTP.
//!
//! ```text
//! there already -> local folders, file:// -> mirrors, each asked several times -> <name>.part -> checksum -> fsync, rename
//! ```
//!
//! Nothing goes over the network unless [`DownloadOptions::network`] says so. A download that ended halfway is continued by the next one: with
//! `Range` and `If-Range`, from the same mirror, if a change of the remote file would be seen (by its tag, its date, or the manifest's
//! checksum).
//!
//! | what happens | what is done |
//! |---|---|
//! | a file of that name is there, of the manifest's size and checksum where it has them | nothing |
//! | ... of another size or checksum | error: it is never written over |
//! | 408, 425, 429, 5xx, no data for a while, a body that ends early | asked again, after a wait that doubles |
//! | any other status, no such host, too many redirects, a redirect away from https | next mirror |
//! | 200 instead of 206 | starts over with that body |
//! | 206 for other bytes than asked for, or of a changed file | starts over |
//! | 416 | complete if the length is right, else starts over |
//! | more bytes than promised, a length that is not the manifest's, more than is allowed | next mirror |
//! | a web page, a packed body, a body of unknown length that nothing could check | next mirror |
//! | a wrong checksum | the bytes are removed; next mirror |
//! | another process at the same file; a disk that refuses; a listener that says stop | error at once |
//!
//! | module | what |
//! |---|---|
//! | `place` | what an address means |
//! | `local` | copies |
//! | `mirror` | asks over HTTP, again and again |
//! | `content_range` | one header |
//! | `options` | how to fetch |
//! | `part` | the unfinished file |
//! | `progress` | what is told meanwhile |
//! | `error` | what is told in the end |
//!
//! Deliberately absent: terminals, unpacking, a limit on how slow a mirror may be as long as something comes.

mod content_range;
mod error;
mod local;
mod mirror;
mod options;
mod part;
mod place;
mod progress;

pub use error::{Attempt, DownloadError, DownloadProblem};
pub use options::DownloadOptions;
pub use progress::{Listener, Progress};

use anchorrec_data::manifest::{RawFile, is_plain_name};
use anchorrec_files::fingerprint;
use error::{End, disk};
use mirror::Mirror;
use part::Part;
use place::Place;
use std::fs;
use std::path::{Path, PathBuf};

/// Sees to it that the file of a source is in a folder, and says where.
///
/// # Errors
/// See the table of [this module](self); [`DownloadError::Offline`] when the file would have to come over the network.
pub fn fetch(
    source: &RawFile,
    folder: &Path,
    options: &DownloadOptions,
    listener: &mut Listener<'_>,
) -> Result<PathBuf, DownloadError> {
    if !is_plain_name(&source.file) {
        return Err(DownloadError::Name { name: source.file.clone() });
    }
    let path = folder.join(&source.file);
    if is_there(&path, source)? {
        return Ok(path);
    }
    let mut tried = Vec::new();
    let (mut near, mut far) = (Vec::new(), Vec::new());
    near.extend(options.folders.iter().map(|folder| Place::inside(folder, &source.file)));
    for place in source.mirrors.iter().map(|mirror| Place::of(mirror)) {
        if matches!(place, Place::Http(_)) { far.push(place) } else { near.push(place) }
    }
    let allowed = options.network || far.is_empty();
    if !options.network {
        far.clear();
    }
    // The mirror that a beginning is here of comes first: any other would start over.
    if !far.is_empty() {
        let part = Part::open(&path)?;
        let begun = part.version().map(|version| version.address.clone()).filter(|_| part.len() > 0);
        part.leave();
        far.sort_by_key(|place| begun.as_deref() != Some(place.shown()));
    }
    for place in near.iter().chain(&far) {
        let (times, problem) = match from(place, &path, source, options, listener) {
            Ok(()) => return Ok(path),
            Err((_, End::Fetch(error))) => return Err(error),
            Err((times, End::Place(problem))) => (times, problem),
        };
        // Whoever says stop here is heard at the next place's first word.
        let _ = listener(Progress::Failed { place: place.shown(), problem: &problem, again_in: None });
        tried.push(Attempt { place: place.shown().to_owned(), times, problem });
    }
    let mirrors = source.mirrors.clone();
    Err(if allowed {
        DownloadError::Failed { path, mirrors, tried }
    } else {
        DownloadError::Offline { path, mirrors, tried }
    })
}

/// From one place to the file under its name.
fn from(
    place: &Place,
    path: &Path,
    source: &RawFile,
    options: &DownloadOptions,
    listener: &mut Listener<'_>,
) -> Result<(), (u32, End)> {
    let found = match place {
        Place::Http(_) => None,
        Place::Local { file: Some(file), .. } => {
            Some(local::find(file, source, options).map_err(|problem| (1, problem.into()))?)
        }
        Place::Local { file: None, .. } => return Err((1, DownloadProblem::Address.into())),
    };
    let mut part = Part::open(path).map_err(|error| (1, error.into()))?;
    let got = (|| {
        // Another process may have been faster.
        if is_there(path, source).map_err(|error| (1, error.into()))? {
            part.start_over(None).map_err(|error| (1, error.into()))?;
            return Ok(false);
        }
        progress::tell(listener, &part, Progress::Asking { place: place.shown() })
            .map_err(|error| (1, error.into()))?;
        match found {
            Some(found) => local::copy(found, &mut part, listener).map_err(|end| (1, end))?,
            None => Mirror::new(place.shown(), source, options).download(&mut part, listener)?,
        }
        progress::tell(listener, &part, Progress::Checking).map_err(|error| (1, error.into()))?;
        part.check(source).map_err(|end| (1, end))?;
        Ok(true)
    })();
    match got {
        Ok(true) => part.finish(path).map_err(|error| (1, error.into())),
        Ok(false) => {
            part.leave();
            Ok(())
        }
        Err(end) => {
            part.leave();
            Err(end)
        }
    }
}

/// Whether the file is there. Another one under its name is an error.
fn is_there(path: &Path, source: &RawFile) -> Result<bool, DownloadError> {
    let meta = match fs::metadata(path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(disk(path, "read")(error)),
    };
    let different = |problem| Err(DownloadError::Different { path: path.to_owned(), problem });
    if !meta.is_file() {
        return different(DownloadProblem::NotAFile);
    }
    match source.bytes {
        Some(expected) if expected != meta.len() => {
            return different(DownloadProblem::Length { expected, found: meta.len() });
        }
        None if meta.len() == 0 => return different(DownloadProblem::Empty),
        _ => {}
    }
    let Some(expected) = &source.sha256 else { return Ok(true) };
    // Of the bytes on the disk and not of those that passed: a part of them may have come with an earlier process.
    let found = fingerprint::sha256(path).map_err(disk(path, "read"))?;
    if found == *expected {
        Ok(true)
    } else {
        different(DownloadProblem::Checksum { expected: expected.clone(), found })
    }
}
