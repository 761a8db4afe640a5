//! Lists as files: one row for each user and item, or one line for each user.
//!
//! | format | ending | a row |
//! |---|---|---|
//! | CSV | `.csv` | `user,rank,item,title,score` |
//! | JSON lines | `.jsonl` | `{"user": ..., "items": [{"item": ..., "title": ..., "score": ...}]}`, one line for each user |
//! | TREC run | `.run`, `.trec` | `user Q0 item rank score anchorrec`, as `trec_eval`, `ranx` and `ir_measures` read it |
//! | Parquet | `.parquet` | the columns of the CSV; needs the feature `parquet` |
//!
//! Ranks begin at 1. A score is written with as many digits as its 32-bit number needs to be read back exactly.

mod json;
mod pieces;
pub(crate) mod row;
mod text;

pub use json::JsonItems;

use crate::error::{RetrievalError, file_error};
use crate::names::Names;
use crate::parquet;
use anchorrec_files::atomic::write_atomic;
use anchorrec_files::disk::FileSystem;
use std::io::{self, Write};
use std::path::Path;

/// A format of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableFormat {
    /// Comma-separated values, with a header.
    Csv,
    /// A JSON object for each user.
    JsonLines,
    /// What `trec_eval` reads.
    Trec,
    /// Parquet.
    Parquet,
}

impl TableFormat {
    /// Returns the format for a file's extension.
    ///
    /// # Errors
    /// When it means none.
    ///
    /// ```
    /// use anchorrec_retrieval::table::TableFormat;
    /// assert_eq!(TableFormat::of("top.jsonl".as_ref()).unwrap(), TableFormat::JsonLines);
    /// assert!(TableFormat::of("top.xls".as_ref()).is_err());
    /// ```
    pub fn of(path: &Path) -> Result<Self, RetrievalError> {
        match path.extension().unwrap_or_default().to_string_lossy().to_lowercase().as_str() {
            "csv" => Ok(TableFormat::Csv),
            "jsonl" | "ndjson" => Ok(TableFormat::JsonLines),
            "run" | "trec" => Ok(TableFormat::Trec),
            "parquet" => Ok(TableFormat::Parquet),
            other => Err(RetrievalError::Table {
                path: path.to_owned(),
                expected: "a file name that ends in .csv, .jsonl, .parquet, .run or .trec".to_owned(),
                found: format!("`.{other}`"),
            }),
        }
    }
}

/// Writes the lists that `lists` hands over, one user after another, to `out`; items are called as `names` says. Memory does not grow with the number
/// of users.
///
/// # Errors
/// When the format cannot hold an id, was not built in, or `out` cannot be written.
///
/// # Panics
/// When an item has no name.
pub fn write(
    format: TableFormat,
    out: &mut dyn Write,
    names: &Names,
    lists: impl FnOnce(&mut dyn FnMut(&str, &[(u32, f32)]) -> io::Result<()>) -> io::Result<()>,
) -> io::Result<()> {
    let mut table = match format {
        TableFormat::Csv => text::csv(out, names)?,
        TableFormat::JsonLines => text::json_lines(out, names),
        TableFormat::Trec => text::trec(out, names),
        TableFormat::Parquet => parquet::lists(out, names)?,
    };
    lists(&mut |user, list| table.add(user, list))?;
    table.finish()
}

/// Writes lists to a file, completely or not at all, in the format of its extension.
///
/// # Errors
/// As [`write()`].
///
/// # Panics
/// As [`write()`].
pub fn write_file(
    path: &Path,
    names: &Names,
    lists: impl FnOnce(&mut dyn FnMut(&str, &[(u32, f32)]) -> io::Result<()>) -> io::Result<()>,
) -> Result<(), RetrievalError> {
    let format = TableFormat::of(path)?;
    write_atomic(&FileSystem, path, |out| write(format, out, names, lists)).map_err(file_error(path, "write"))
}

/// Checks, before the work, that the format of a file's extension can hold these users and all items: by a list of each that goes nowhere.
///
/// # Errors
/// As [`write()`].
pub fn check_ids(path: &Path, names: &Names, users: &[String]) -> Result<(), RetrievalError> {
    let items: Vec<(u32, f32)> = (0..names.count() as u32).map(|item| (item, 0.0)).collect();
    let written = write(TableFormat::of(path)?, &mut io::sink(), names, |add| {
        users.iter().enumerate().try_for_each(|(place, user)| {
            let list = if place == 0 { &items[..] } else { items.get(..1).unwrap_or_default() };
            add(user, list)
        })
    });
    written.map_err(file_error(path, "write"))
}

/// Writes pairs of user and item as TREC qrels, `user 0 item 1`, completely or not at all.
///
/// # Errors
/// When an id has white space, or the file system refuses.
pub fn write_qrels(path: &Path, pairs: &[(String, String)]) -> Result<(), RetrievalError> {
    let fill = |out: &mut dyn Write| {
        pairs.iter().try_for_each(|(user, item)| writeln!(out, "{} 0 {} 1", text::trec_id(user)?, text::trec_id(item)?))
    };
    write_atomic(&FileSystem, path, fill).map_err(file_error(path, "write"))
}
