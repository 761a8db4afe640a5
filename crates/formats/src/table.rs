//! A table of interactions as text: CSV, TSV, or with `;`, `|` or `::`; with a header or without.

use crate::columns;
use crate::error::{FormatError, file_error};
use crate::first_row;
use crate::found::FoundFile;
use crate::reading::Reading;
use crate::records::{Fields, Records};
use crate::source::{Row, Source, Written};
use crate::unread::Unread;
use anchorrec_data::note::{Kind, Note, either};
use anchorrec_files::Excerpt;
use std::path::Path;

/// Reads all rows of a file.
pub(crate) fn read(file: &FoundFile, reading: &Reading, source: &mut Source) -> Result<(), FormatError> {
    let (path, separator) = (file.path.as_path(), file.separator.as_deref());
    let Some(given) = &file.header else {
        let (records, first) = Records::open_as(path, true, separator, true)?;
        let header = columns::untyped(&first);
        return rows(records, header.as_ref().unwrap_or(&first), Some(&first), path, reading, source);
    };
    let has_header = reading.header.is_some() && first_row::is_header(path, given, separator)?;
    if has_header {
        source.header_passed_over(path);
    }
    let (records, first) = Records::open_as(path, true, separator, has_header)?;
    rows(records, given, has_header.then_some(&*first), path, reading, source)
}

/// Reads the rows after a header; `first` is the line of the header as it was written, where there is one.
pub(crate) fn rows(
    mut records: Records,
    header: &[String],
    first: Option<&[String]>,
    path: &Path,
    reading: &Reading,
    source: &mut Source,
) -> Result<(), FormatError> {
    let names = columns::shown(header).join(", ");
    let refused = |expected| file_error(path, expected, format!("the columns {}", Excerpt::of(&names)));
    let (places, chosen) = reading.places(header).map_err(refused)?;
    source.columns(header, &places, chosen);
    let mut unread = Unread::new(header, &places.all().chain(chosen).collect::<Vec<_>>());
    let mut again: Option<(u64, u64)> = None;
    while let Some((line, fields)) = records.next()? {
        if first.is_some_and(|first| is_again(fields, first)) {
            again = again.map_or(Some((1, line)), |(count, line)| Some((count + 1, line)));
            continue;
        }
        if fields.len() != header.len() {
            let like = if reading.header.is_some() { "--columns" } else { "the header" };
            source.set_aside(line, format!("{} fields as in {like}", header.len()), fields.len().to_string());
            continue;
        }
        let cell = |place: usize| fields.get(place).unwrap_or_default();
        if !unread.is_done() {
            unread.look(cell);
        }
        source.add(Row {
            number: line,
            user: cell(places.user),
            item: cell(places.item),
            time: places.time.map(|place| Written::Text(cell(place))),
            rating: places.rating.map(|place| Some(cell(place))),
            part: places.part.map(cell),
            label: places.label.map(cell),
            chosen: chosen.map(cell),
        });
    }
    unread.notes(&places, reading, source.is_part()).into_iter().for_each(|note| source.note(note));
    if let Some((count, line)) = again {
        let rows = either(
            count as usize,
            "row is the header again and was left out",
            "rows are the header again and were left out",
        );
        let text = format!("{rows}, the first at {}:{line}: files with headers were joined", path.display());
        source.note(Note::new(Kind::Dropped, "repeated-header", count, text));
    }
    if let Some((count, line)) = records.spans() {
        let rows = either(
            count,
            "row has a field in quotation marks that runs over lines",
            "rows have a field in quotation marks that runs over lines",
        );
        let text = format!(
            "{rows}, the first at {}:{line}: the lines of such a field are one row; where the mark is a letter, rows are lost: write the file with \
             quoting, or as TSV",
            path.display()
        );
        source.note(Note::new(Kind::Merged, "fields-over-lines", count, text));
    }
    if let Some((count, line)) = records.unclosed() {
        let fields = either(
            count,
            "field begins with a quotation mark that does not close in it",
            "fields begin with a quotation mark that does not close in them",
        );
        let text = format!(
            "{fields}, the first at {}:{line}: a TSV has no quoting, so it \
             was read as a letter",
            path.display()
        );
        source.note(Note::new(Kind::Guessed, "quotes-are-letters", count, text));
    }
    Ok(())
}

/// Whether a row is the header again, perhaps behind the mark that its file began with.
fn is_again(fields: Fields, header: &[String]) -> bool {
    let begins = |cell: &str| cell.trim_start_matches('\u{feff}') == header[0];
    fields.len() == header.len()
        && fields.get(0).is_some_and(begins)
        && fields.iter().zip(header).skip(1).all(|(cell, name)| cell == name)
}
