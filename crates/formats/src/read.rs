//! The interactions of a file of any layout but the ready one.

use crate::columns::ColumnNames;
use crate::detect::Found;
use crate::error::FormatError;
use crate::layout::Layout;
use crate::source::Source;
use crate::{parquet, recbole, table};
use std::collections::HashMap;

/// Reads the rows of what was [found](crate::detect::detect), and the titles of items where they stand beside them.
///
/// # Errors
/// When a file as a whole cannot be read. Rows that are wrong are in [`Source::problems`].
///
/// # Panics
/// When a ready data set was found.
pub fn read(found: &Found, columns: &ColumnNames) -> Result<(Source, HashMap<String, String>), FormatError> {
    Ok(match found.layout {
        Layout::RecBole => (recbole::read(&found.path)?, recbole::titles(&found.path.with_extension("item"))?),
        Layout::Parquet => (parquet::read(&found.path, columns)?, HashMap::new()),
        Layout::Table => (table::read(&found.path, columns)?, HashMap::new()),
        Layout::Ready => panic!("a ready data set is loaded and not read"),
    })
}
