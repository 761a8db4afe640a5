//! The files of a folder.

use crate::error::{FormatError, io_error};
use crate::open::unpacked;
use std::cmp::Ordering;
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
    in_order(&mut files);
    Ok(files)
}

/// Sorts paths folder by folder and name by name, and numbers in names by their size: `week_2` comes before `week_10`.
pub(crate) fn in_order(paths: &mut [PathBuf]) {
    paths.sort_by(|one, other| {
        let mut names = one.components().zip(other.components());
        let differ = names.find_map(|(one, other)| {
            let order = by_number(&one.as_os_str().to_string_lossy(), &other.as_os_str().to_string_lossy());
            order.is_ne().then_some(order)
        });
        differ.unwrap_or_else(|| one.cmp(other))
    });
}

/// Compares names, runs of digits by the numbers that they are.
pub(crate) fn by_number(one: &str, other: &str) -> Ordering {
    let (mut left, mut right) = (one, other);
    while let (Some(a), Some(b)) = (left.chars().next(), right.chars().next()) {
        let order = if a.is_ascii_digit() && b.is_ascii_digit() {
            let run = |text: &mut &str| -> String {
                let (run, rest) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
                *text = rest;
                run.trim_start_matches('0').to_owned()
            };
            let (a, b) = (run(&mut left), run(&mut right));
            a.len().cmp(&b.len()).then_with(|| a.cmp(&b))
        } else {
            (left, right) = (&left[a.len_utf8()..], &right[b.len_utf8()..]);
            a.cmp(&b)
        };
        if order.is_ne() {
            return order;
        }
    }
    left.len().cmp(&right.len()).then_with(|| one.cmp(other))
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
