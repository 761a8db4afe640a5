//! The files of a folder.

use crate::error::{FormatError, io_error};
use std::fs;
use std::path::{Path, PathBuf};

/// The files of a folder, sorted.
///
/// # Errors
/// When the system refuses.
pub fn files(dir: &Path) -> Result<Vec<PathBuf>, FormatError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(io_error(dir, "list"))? {
        let path = entry.map_err(io_error(dir, "list"))?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The ending of a name in lower case.
pub fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}
