//! Which layout a folder has.

use crate::columns::{self, ColumnNames};
use crate::error::{FormatError, file_error};
use crate::folder::{extension, files};
use crate::layout::Layout;
use crate::records::Records;
use crate::{parquet, recbole};
use anchorrec_files::Excerpt;
use std::path::{Path, PathBuf};

/// What was found: the layout and its file of interactions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The layout.
    pub layout: Layout,
    /// The interactions.
    pub path: PathBuf,
}

/// Looks at the names of a folder's files, then at their headers; or at the file that the caller named, and for columns that it named.
///
/// # Errors
/// When no file fits, saying what was looked for and why each file does not fit; when several do.
pub fn detect(dir: &Path, named: Option<&Path>, columns: &ColumnNames) -> Result<Found, FormatError> {
    if let Some(path) = named {
        return look(path, columns)?.map_err(|why| file_error(path, "a file of interactions", why));
    }
    let (mut fitting, mut others) = (Vec::new(), Vec::new());
    for path in files(dir)? {
        if !["inter", "csv", "tsv", "txt", "parquet", "pq"].contains(&extension(&path).as_str()) {
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match look(&path, columns) {
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
fn look(path: &Path, names: &ColumnNames) -> Result<Result<Found, String>, FormatError> {
    let found = |layout| Found { layout, path: path.to_owned() };
    if ["parquet", "pq"].contains(&extension(path).as_str()) {
        let header = parquet::header(path)?;
        let places = columns::find(&header, names);
        return Ok(places.map(|_| found(Layout::Parquet)).map_err(|missing| why(&missing, &header)));
    }
    let (_, header) = Records::open(path, extension(path) != "inter")?;
    if extension(path) == "inter" && recbole::is_typed(&header) {
        return Ok(Ok(found(Layout::RecBole)));
    }
    if extension(path) == "inter" && header.iter().any(|column| column == "x_label") {
        return Ok(Ok(found(Layout::Ready)));
    }
    Ok(columns::find(&header, names).map(|_| found(Layout::Table)).map_err(|missing| why(&missing, &header)))
}

fn why(missing: &str, header: &[String]) -> String {
    format!("without {missing}; its columns: {}", Excerpt::of(&header.join(", ")))
}
