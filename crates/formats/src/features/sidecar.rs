//! The ids of rows that a file of numbers cannot hold itself.

use crate::columns::{self, ITEM};
use crate::error::{FormatError, Place, file_error, row_error};
use crate::records::Records;
use crate::source::check_id;
use std::path::Path;

/// `<stem>.ids.txt`: an id per line; `<stem>.ids.csv`: a header and a column of items.
pub(crate) fn read(features: &Path) -> Result<Vec<String>, FormatError> {
    let (text, table) = (features.with_extension("ids.txt"), features.with_extension("ids.csv"));
    if text.exists() {
        // The first line is an id like the others.
        let (mut records, first) = Records::open_plain(&text)?;
        let mut ids = vec![first];
        check(&text, 1, &ids[0])?;
        while let Some((line, fields)) = records.next()? {
            check(&text, line, &fields[0])?;
            ids.push(fields[0].to_owned());
        }
        return Ok(ids);
    }
    if !table.exists() {
        let found = format!("neither {} nor {}", text.display(), table.display());
        return Err(file_error(features, "a file of item ids beside it, one per row", found));
    }
    let (mut records, header) = Records::open(&table, true)?;
    let known: Vec<&str> = ITEM.iter().copied().chain(Some("id")).collect();
    let place = columns::place(&header, &None, &known).map_err(|expected| file_error(&table, expected, "several"))?;
    let place = match (place, header.len()) {
        (Some(place), _) => place,
        (None, 1) => 0,
        (None, _) => return Err(file_error(&table, "a column of item ids (item_id, id, ...)", header.join(", "))),
    };
    let mut ids = Vec::new();
    while let Some((line, fields)) = records.next()? {
        let id = fields.get(place).unwrap_or_default();
        check(&table, line, id)?;
        ids.push(id.to_owned());
    }
    Ok(ids)
}

fn check(path: &Path, line: u64, id: &str) -> Result<(), FormatError> {
    check_id("an item", id).map_err(|(expected, found)| row_error(path, Place::Line(line), expected, found))
}
