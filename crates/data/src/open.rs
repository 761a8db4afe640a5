//! Regular files, opened.

use crate::{DataError, Input, error::FileProblem};
use anchorrec_files::fingerprint;
use std::{fs::File, path::Path};

/// Opens a regular file and says how long it is; anything else is refused.
pub(crate) fn open(path: &Path) -> Result<(File, u64), DataError> {
    match fingerprint::open(path) {
        Ok(Some(opened)) => Ok(opened),
        Ok(None) => Err(DataError::File { path: path.to_owned(), problem: FileProblem::NotAFile }),
        Err(source) => Err(DataError::Io { path: path.to_owned(), action: "read", source }),
    }
}

/// Fingerprints a file whose content does not matter otherwise.
pub(crate) fn fingerprint(path: &Path) -> Result<Input, DataError> {
    let (file, _) = open(path)?;
    match fingerprint::of_reader(file) {
        Ok(fingerprint) => Ok(fingerprint.finish(path)),
        Err(source) => Err(DataError::Io { path: path.to_owned(), action: "read", source }),
    }
}
