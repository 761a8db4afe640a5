//! Which layout a folder has.

use super::Options;
use super::error::{OwnError, file_error, io_error};
use super::records::Records;
use super::{columns, parquet, recbole};
use anchorrec_data::error::Excerpt;
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};

/// A layout of interactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// `.inter` with `userID`, `itemID`, `x_label`.
    Ready,
    /// `.inter` with typed headers.
    RecBole,
    /// Delimited text.
    Table,
    /// Parquet.
    Parquet,
}

impl Layout {
    /// As a person reads it.
    pub fn name(self) -> &'static str {
        match self {
            Layout::Ready => "ready data set",
            Layout::RecBole => "RecBole atomic files",
            Layout::Table => "table of text",
            Layout::Parquet => "Parquet table",
        }
    }
}

/// What was found: the layout and its file of interactions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The layout.
    pub layout: Layout,
    /// The interactions.
    pub path: PathBuf,
}

/// Looks at the names of a folder's files, then at their headers.
///
/// # Errors
/// When no file fits, saying what was looked for and why each file does not fit; when several do.
pub fn detect(dir: &Path, options: &Options) -> Result<Found, OwnError> {
    if let Some(path) = &options.interactions {
        return look(path, options)?.map_err(|why| file_error(path, "a file of interactions", why));
    }
    let (mut fitting, mut others) = (Vec::new(), Vec::new());
    for path in files(dir)? {
        if !["inter", "csv", "tsv", "txt", "parquet", "pq"].contains(&extension(&path).as_str()) {
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match look(&path, options) {
            Ok(Ok(found)) => fitting.push((name, found)),
            Ok(Err(why)) => others.push(format!("{name} ({why})")),
            // An `.inter` file cannot be anything else, so what is wrong with it is the answer.
            Err(error) if extension(&path) == "inter" => return Err(error),
            Err(error) => others.push(format!("{name} ({error})")),
        }
    }
    // A mapping beside an `.inter` file is no rival of it.
    if fitting.iter().any(|(name, _)| name.ends_with(".inter")) {
        fitting.retain(|(name, _)| name.ends_with(".inter"));
    }
    match fitting.len() {
        0 => {
            let found = if others.is_empty() { "no such file".to_owned() } else { others.join("; ") };
            Err(file_error(
                dir,
                "one <name>.inter, or one .csv, .tsv or .parquet with a column of users (user, user_id, ...) and one of items (item, item_id, ...)",
                found,
            ))
        }
        1 => Ok(fitting.remove(0).1),
        _ => {
            let names: Vec<String> = fitting.into_iter().map(|(name, _)| name).collect();
            Err(file_error(dir, "one file of interactions (choose one with --interactions)", names.join(", ")))
        }
    }
}

/// The layout of a file, or why it has none.
fn look(path: &Path, options: &Options) -> Result<Result<Found, String>, OwnError> {
    let found = |layout| Found { layout, path: path.to_owned() };
    if ["parquet", "pq"].contains(&extension(path).as_str()) {
        let header = parquet::Table::open(path)?.names();
        let places = columns::find(&header, &options.columns);
        return Ok(places.map(|_| found(Layout::Parquet)).map_err(|missing| why(&missing, &header)));
    }
    let (_, header) = Records::open(path, extension(path) != "inter")?;
    if extension(path) == "inter" && recbole::is_typed(&header) {
        return Ok(Ok(found(Layout::RecBole)));
    }
    if extension(path) == "inter" && header.iter().any(|column| column == "x_label") {
        return Ok(Ok(found(Layout::Ready)));
    }
    Ok(columns::find(&header, &options.columns).map(|_| found(Layout::Table)).map_err(|missing| why(&missing, &header)))
}

fn why(missing: &str, header: &[String]) -> String {
    format!("without {missing}; its columns: {}", Excerpt::of(&header.join(", ")))
}

/// The files of a folder, sorted.
pub(crate) fn files(dir: &Path) -> Result<Vec<PathBuf>, OwnError> {
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
pub(crate) fn extension(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}
