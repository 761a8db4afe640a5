//! The interactions of a file of any layout but the ready one.

use crate::error::{FormatError, file_error};
use crate::found::Found;
use crate::layout::Layout;
use crate::reading::Reading;
use crate::source::Source;
use crate::{adjacency, json_lines, lattice, mind, parquet, recbole, table};
use std::collections::HashMap;

/// Reads the rows of what was [found](crate::detect::detect), and the titles of items where they stand beside them.
///
/// # Errors
/// When a file as a whole cannot be read. Rows that are wrong are in [`Source::problems`].
///
/// # Panics
/// When a ready data set was found.
pub fn read(found: &Found, reading: &Reading) -> Result<(Source, HashMap<String, String>), FormatError> {
    let mut source = Source::new(found.layout, &reading.positives);
    source.order_is_time(reading.order_is_time);
    found.notes.iter().for_each(|note| source.note(note.clone()));
    for (path, part) in &found.files {
        source.begin(path, *part);
        match found.layout {
            Layout::RecBole => recbole::read(path, reading, &mut source)?,
            Layout::Parquet => parquet::read(path, reading, &mut source)?,
            Layout::Table => table::read(path, found, reading, &mut source)?,
            Layout::Adjacency => adjacency::read(path, &mut source)?,
            Layout::Lattice => lattice::read(path, &mut source)?,
            Layout::JsonLines => json_lines::read(path, reading, &mut source)?,
            Layout::Mind => mind::read(path, &mut source)?,
            Layout::Ready => panic!("a ready data set is loaded and not read"),
        }
    }
    source.settle();
    if source.wrong == 0 {
        source.check()?;
    }
    if source.events.rows.is_empty() && source.wrong == 0 {
        let found = match source.left_out.all() {
            0 => "none".to_owned(),
            all => format!("{all} that are no positives: {}", source.left_out),
        };
        return Err(file_error(&source.path, "rows after the header", found));
    }
    let mut titles = HashMap::new();
    for (path, _) in &found.files {
        match found.layout {
            Layout::RecBole => titles.extend(recbole::titles(&recbole::items_of(path))?),
            Layout::Mind => titles.extend(mind::titles(path)?),
            _ => {}
        }
    }
    Ok((source, titles))
}
