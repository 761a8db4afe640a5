//! The interactions of a file of any layout but the ready one.

use crate::error::{FormatError, file_error};
use crate::found::Found;
use crate::layout::Layout;
use crate::reading::Reading;
use crate::source::Source;
use crate::{adjacency, lattice, parquet, recbole, table};
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
    found.notes.iter().for_each(|note| source.note(note.clone()));
    for (path, part) in &found.files {
        source.begin(path, *part);
        match found.layout {
            Layout::RecBole => recbole::read(path, reading, &mut source)?,
            Layout::Parquet => parquet::read(path, reading, &mut source)?,
            Layout::Table => table::read(path, found, reading, &mut source)?,
            Layout::Adjacency => adjacency::read(path, &mut source)?,
            Layout::Lattice => lattice::read(path, &mut source)?,
            Layout::Ready => panic!("a ready data set is loaded and not read"),
        }
    }
    if source.events.rows.is_empty() && source.wrong == 0 {
        let found = match source.left_out.all() {
            0 => "none".to_owned(),
            all => format!("{all} that are no positives: {}", source.left_out),
        };
        return Err(file_error(&source.path, "rows after the header", found));
    }
    let mut titles = HashMap::new();
    if found.layout == Layout::RecBole {
        for (path, _) in &found.files {
            titles.extend(recbole::titles(&recbole::items_of(path))?);
        }
    }
    Ok((source, titles))
}
