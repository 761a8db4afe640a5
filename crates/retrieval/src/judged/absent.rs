//! In place of the reader of lists in Parquet, in a build without the feature `parquet`.

use super::row::Row;
use crate::error::RetrievalError;
use anchorrec_data::note::Note;
use std::path::Path;

/// Says how to build with Parquet.
pub(super) fn table(path: &Path) -> Result<(Vec<Row>, Vec<Note>), RetrievalError> {
    let expected = "a file of text: this program was built without Parquet (--features parquet)".to_owned();
    Err(RetrievalError::Table { path: path.to_owned(), expected, found: "Parquet".to_owned() })
}
