//! The interactions of a file of any layout but the ready one.

use crate::error::{FormatError, file_error};
use crate::found::{Found, FoundFile};
use crate::layout::Layout;
use crate::reading::Reading;
use crate::source::Source;
use crate::{adjacency, json_lines, lattice, mind, parquet, recbole, table};
use std::collections::HashMap;

/// Reads the rows of what was [found](crate::detect::detect), and the titles of items where they are beside them.
///
/// # Errors
/// When a file as a whole cannot be read. Rows that are wrong are in [`Source::problems`].
///
/// # Panics
/// When a ready data set was found.
pub fn read(found: &Found, reading: &Reading) -> Result<(Source, HashMap<String, String>), FormatError> {
    let mut source = Source::new(found.layout, &reading.positives);
    source.order_is_time(reading.order_is_time);
    source.time_is_said(reading.columns.time.is_some());
    found.notes.iter().for_each(|note| source.note(note.clone()));
    for file in &found.files {
        let path = &file.path;
        has_what_is_named(file, reading)?;
        source.begin(file);
        match file.layout {
            Layout::RecBole => recbole::read(path, reading, &mut source)?,
            Layout::Parquet => parquet::read(path, reading, &mut source)?,
            Layout::Table => table::read(file, reading, &mut source)?,
            Layout::Adjacency => adjacency::read(path, &mut source)?,
            Layout::Lattice => lattice::read(path, &mut source)?,
            Layout::JsonLines | Layout::JsonList => json_lines::read(path, reading, &mut source)?,
            Layout::Mind => mind::read(path, &mut source)?,
            Layout::Ready | Layout::Frame => {
                panic!("a ready data set is loaded and a table in memory read by its own function")
            }
        }
    }
    let source = settled(source)?;
    let mut titles = HashMap::new();
    for file in &found.files {
        match file.layout {
            Layout::RecBole => titles.extend(recbole::titles(&recbole::items_of(&file.path))?),
            Layout::Mind => titles.extend(mind::titles(&file.path)?),
            _ => {}
        }
    }
    Ok((source, titles))
}

/// Judges what can be told after the last row only.
pub(crate) fn settled(mut source: Source) -> Result<Source, FormatError> {
    source.settle();
    if source.wrong == 0 {
        source.fold_ids();
        source.check()?;
    }
    if source.events.rows.is_empty() && source.wrong == 0 {
        let found = match source.left_out.all() {
            0 => "none".to_owned(),
            all => format!("{all} that are no positives: {}{}", source.left_out, source.values()),
        };
        return Err(file_error(&source.path, "rows after the header", found));
    }
    Ok(source)
}

/// Checks that a file without columns is not asked for one.
fn has_what_is_named(file: &FoundFile, reading: &Reading) -> Result<(), FormatError> {
    let columns = &reading.columns;
    // --item-column names one of features, too.
    let named = [
        (&columns.user, "--user-column"),
        (&columns.time, "--time-column"),
        (&columns.rating, "--rating-column"),
        (&columns.part, "--split-column"),
    ];
    let mut options: Vec<&str> = named.iter().filter(|(name, _)| name.is_some()).map(|(_, option)| *option).collect();
    options.extend(reading.positives.equal.as_ref().map(|_| "--positive"));
    options.extend(reading.positives.min_rating.map(|_| "--min-rating"));
    if file.layout.has_columns() || options.is_empty() {
        return Ok(());
    }
    let expected = format!("a file with columns, as {} asks for", options.join(", "));
    let found =
        format!("{}, which have none: leave it out, or name another file by --interactions", file.layout.name());
    Err(file_error(&file.path, expected, found))
}
