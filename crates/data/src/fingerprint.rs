//! Which bytes were read: every input of a run is named by its SHA-256.
//!
//! The hash is taken from the bytes that are parsed, as they pass, and not in a second reading: a file that changes
//! in between cannot be described by the wrong hash.

use crate::{DataError, error::FileProblem};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Where.
    pub path: PathBuf,
    /// How long.
    pub bytes: u64,
    /// Of all bytes: 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// The hash of what was read so far.
pub(crate) struct Fingerprint {
    hash: Sha256,
    bytes: u64,
}

impl Fingerprint {
    pub(crate) fn new() -> Self {
        Fingerprint { hash: Sha256::new(), bytes: 0 }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    pub(crate) fn finish(self, path: &Path) -> Input {
        let sha256 = self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Input { path: path.to_owned(), bytes: self.bytes, sha256 }
    }
}

/// Fingerprints a file whose content does not matter otherwise.
pub(crate) fn of_file(path: &Path) -> Result<Input, DataError> {
    let (mut file, _) = open(path)?;
    let mut fingerprint = Fingerprint::new();
    let mut piece = vec![0; 1 << 16];
    loop {
        let io = |cause| DataError::Io { path: path.to_owned(), action: "read", cause };
        match file.read(&mut piece).map_err(io)? {
            0 => return Ok(fingerprint.finish(path)),
            read => fingerprint.update(&piece[..read]),
        }
    }
}

/// Opens a regular file and says how long it is. Anything else is refused before it is opened: opening a pipe waits
/// for ever.
pub(crate) fn open(path: &Path) -> Result<(File, u64), DataError> {
    let io = |cause| DataError::Io { path: path.to_owned(), action: "read", cause };
    let meta = fs::metadata(path).map_err(io)?;
    if !meta.is_file() {
        return Err(DataError::File { path: path.to_owned(), problem: FileProblem::NotAFile });
    }
    Ok((File::open(path).map_err(io)?, meta.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_does_not_depend_on_the_pieces() {
        // FIPS 180-2, appendix B.1: "abc".
        let want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        for pieces in [&["abc"][..], &["a", "", "bc"]] {
            let mut fingerprint = Fingerprint::new();
            pieces.iter().for_each(|piece| fingerprint.update(piece.as_bytes()));
            let input = fingerprint.finish(Path::new("x"));
            assert_eq!((input.sha256.as_str(), input.bytes), (want, 3));
        }
    }
}
