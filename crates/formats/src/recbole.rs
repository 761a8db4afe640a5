//! RecBole's atomic files: tab separated, headers of the form `name:type`, no quoting.
//!
//! `<name>.inter` has users and items, `user_id:token` and `item_id:token` or of other names; `timestamp:float` is used for splits by time,
//! `rating:float` is kept, others are left alone. A CSV file may have such a header, too. `<name>.item` is optional: its column `title` or `name` (of type `token` or `token_seq`) gives titles. `<name>.user`
//! holds nothing that is used here.

use crate::error::{FormatError, file_error};
use crate::part::Part;
use crate::reading::Reading;
use crate::records::Records;
use crate::source::Source;
use crate::table;
use anchorrec_files::Excerpt;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Whether a header is typed.
pub(crate) fn is_typed(header: &[String]) -> bool {
    header.iter().all(|column| column.contains(':'))
}

/// The names of a header without what is behind them, a type or not.
pub(crate) fn names(header: &[String]) -> Vec<String> {
    header.iter().map(|column| column.split(':').next().unwrap_or_default().to_owned()).collect()
}

/// Reads all rows of a file.
pub(crate) fn read(path: &Path, reading: &Reading, source: &mut Source) -> Result<(), FormatError> {
    let (records, header) = Records::open(path, false)?;
    table::rows(records, &names(&header), Some(&header), path, reading, source)
}

/// Returns the file of items beside one of interactions: `toys.item` beside `toys.inter` and `toys.train.inter`.
pub fn items_of(path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let base = Part::of_stem(&stem).map_or(stem.as_str(), |(base, _)| base);
    path.with_file_name(format!("{base}.item"))
}

/// Titles by item id; none without the file or without a column of titles.
pub(crate) fn titles(path: &Path) -> Result<HashMap<String, String>, FormatError> {
    let mut titles = HashMap::new();
    if !path.exists() {
        return Ok(titles);
    }
    let (mut records, header) = Records::open(path, false)?;
    if !header.iter().any(|column| column == "item_id:token") {
        let found = format!("the header {}", Excerpt::of(&header.join(" ")));
        return Err(file_error(path, "a column item_id:token", found));
    }
    let named = names(&header);
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
