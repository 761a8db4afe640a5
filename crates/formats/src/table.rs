//! A table of interactions as text: CSV, TSV, or with `;` or `|`.

use crate::columns::{self, ColumnNames, Places};
use crate::error::{FormatError, file_error};
use crate::layout::Layout;
use crate::records::Records;
use crate::source::{Row, Source, Written};
use anchorrec_files::Excerpt;
use std::path::Path;

/// Reads all rows.
pub(crate) fn read(path: &Path, names: &ColumnNames) -> Result<Source, FormatError> {
    let (records, header) = Records::open(path, true)?;
    let places = columns::find(&header, names)
        .map_err(|expected| file_error(path, expected, format!("the header {}", Excerpt::of(&header.join(", ")))))?;
    rows(records, header.len(), places, Source::new(path, Layout::Table, places.time.is_some()))
}

/// Reads the rows after a header.
pub(crate) fn rows(
    mut records: Records,
    columns: usize,
    places: Places,
    mut source: Source,
) -> Result<Source, FormatError> {
    while let Some((line, fields)) = records.next()? {
        if fields.len() != columns {
            source.set_aside(line, format!("{columns} fields as in the header"), fields.len().to_string());
            continue;
        }
        source.add(Row {
            number: line,
            user: &fields[places.user],
            item: &fields[places.item],
            time: places.time.map(|place| Written::Text(&fields[place])),
            rating: places.rating.map(|place| Some(&fields[place])),
        });
    }
    if source.events.rows.is_empty() && source.wrong == 0 {
        return Err(file_error(&source.path, "rows after the header", "none"));
    }
    Ok(source)
}
