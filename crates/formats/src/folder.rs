//! The files of a folder.

use crate::error::{FormatError, io_error};
use crate::open::unpacked;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Lists the files of a folder, sorted.
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

/// Returns the ending of a name in lower case.
pub fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// How a file is read, by the ending of its name without `.gz` and `.zst`, in lower case. `parquet` is also what has another ending, or none as Hive
/// and Spark leave it, and begins as a Parquet file does.
pub(crate) fn kind(path: &Path) -> String {
    let ending = extension(unpacked(path));
    let known =
        ["csv", "tsv", "txt", "json", "jsonl", "inter", "item", "user", "parquet", "pq", "npy", "npz", "safetensors"];
    let begins = |mut file: File| {
        let mut start = [0; 4];
        file.read_exact(&mut start).is_ok() && &start == b"PAR1"
    };
    let is_parquet = || path.is_file() && File::open(path).is_ok_and(begins);
    if known.contains(&ending.as_str()) || !is_parquet() { ending } else { "parquet".to_owned() }
}

/// Whether a name without an ending is one of those that Hadoop's tools give to the parts of a table: `part-00000`, `000000_0`.
pub(crate) fn is_part_name(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.extension().is_none() && (name.starts_with("part-") || name.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether a folder's name is a value of a column: `dt=2024-01-01`.
pub(crate) fn is_partition(path: &Path) -> bool {
    path.is_dir() && path.file_name().is_some_and(|name| name.to_string_lossy().contains('='))
}
