//! RecBole's atomic files: tab separated, headers of the form `name:type`, no quoting.
//!
//! `<name>.inter` needs `user_id:token` and `item_id:token`; `timestamp:float` is used for splits by time, `rating:float` is kept,
//! others are left alone. `<name>.item` is optional: its column `title` or `name` (of type `token` or `token_seq`) gives titles. `<name>.user`
//! holds nothing that is used here.

use crate::columns::{self, ColumnNames};
use crate::error::{FormatError, file_error};
use crate::layout::Layout;
use crate::records::Records;
use crate::source::Source;
use crate::table;
use anchorrec_files::Excerpt;
use std::collections::HashMap;
use std::path::Path;

/// Whether a header is typed.
pub(crate) fn is_typed(header: &[String]) -> bool {
    header.iter().all(|column| column.contains(':'))
}

/// Reads all rows.
pub(crate) fn read(path: &Path) -> Result<Source, FormatError> {
    let (records, header) = Records::open(path, false)?;
    let named = names(path, &header, &["user_id", "item_id"])?;
    let places = columns::find(&named, &ColumnNames::default())
        .map_err(|expected| file_error(path, expected, format!("the header {}", Excerpt::of(&header.join(" ")))))?;
    table::rows(records, header.len(), places, Source::new(path, Layout::RecBole, places.time.is_some()))
}

/// Titles by item id; none without the file or without a column of titles.
pub(crate) fn titles(path: &Path) -> Result<HashMap<String, String>, FormatError> {
    let mut titles = HashMap::new();
    if !path.exists() {
        return Ok(titles);
    }
    let (mut records, header) = Records::open(path, false)?;
    let named = names(path, &header, &["item_id"])?;
    let place = |wanted: &[&str]| named.iter().position(|name| wanted.contains(&name.as_str()));
    let (Some(item), Some(title)) = (place(&["item_id"]), place(&["title", "name", "item_name", "movie_title"])) else {
        return Ok(titles);
    };
    while let Some((_, fields)) = records.next()? {
        if let (Some(item), Some(title)) = (fields.get(item), fields.get(title)) {
            titles.insert(item.to_owned(), title.to_owned());
        }
    }
    Ok(titles)
}

/// The names without their types; the given ones must be there as `token`.
fn names(path: &Path, header: &[String], tokens: &[&str]) -> Result<Vec<String>, FormatError> {
    for token in tokens {
        let typed = format!("{token}:token");
        if !header.contains(&typed) {
            let found = format!("the header {}", Excerpt::of(&header.join(" ")));
            return Err(file_error(path, format!("a column {typed}"), found));
        }
    }
    Ok(header.iter().map(|column| column.split(':').next().unwrap_or_default().to_owned()).collect())
}
