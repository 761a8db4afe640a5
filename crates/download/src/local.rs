//! A file of this machine, copied through the same checks as one from far away.

use super::error::{DownloadProblem, End};
use super::options::DownloadOptions;
use super::part::Part;
use super::progress::{Listener, Progress, tell};
use anchorrec_data::manifest::RawFile;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// A file that is there and has the right length.
pub(super) struct Found {
    file: File,
    len: u64,
}

/// Looks before anything is written: what is there of a download is not given up for a file that cannot be the right one.
pub(super) fn find(path: &Path, source: &RawFile, options: &DownloadOptions) -> Result<Found, DownloadProblem> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => DownloadProblem::Missing,
        _ => DownloadProblem::Unreadable(error),
    };
    let meta = fs::metadata(path).map_err(unreadable)?;
    if !meta.is_file() {
        return Err(DownloadProblem::NotAFile);
    }
    let len = meta.len();
    match source.bytes {
        Some(expected) if expected != len => return Err(DownloadProblem::Length { expected, found: len }),
        None if len > options.max_bytes => return Err(DownloadProblem::TooLarge { most: options.max_bytes }),
        None if len == 0 => return Err(DownloadProblem::Empty),
        _ => {}
    }
    Ok(Found { file: File::open(path).map_err(unreadable)?, len })
}

/// Copies a local file into the part.
pub(super) fn copy(found: Found, part: &mut Part, listener: &mut Listener<'_>) -> Result<(), End> {
    let Found { mut file, len: total } = found;
    part.start_over(None)?;
    let mut piece = vec![0; 1 << 18];
    loop {
        tell(listener, part, Progress::Bytes { have: part.len(), total: Some(total) })?;
        match file.read(&mut piece) {
            Ok(0) if part.len() < total => return Err(DownloadProblem::Short { total, have: part.len() }.into()),
            Ok(0) => return Ok(()),
            // It grows while it is read.
            Ok(read) if part.len() + read as u64 > total => return Err(DownloadProblem::Long { total }.into()),
            Ok(read) => part.append(&piece[..read])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(DownloadProblem::Unreadable(error).into()),
        }
    }
}
