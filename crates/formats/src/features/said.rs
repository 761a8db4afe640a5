//! Notes that several readers of features make.

use crate::{Kind, Note};
use anchorrec_data::note::either;
use std::path::Path;

/// A note of `count` parts of a file, for which `{}` is in the words for one and for many.
pub(super) fn counted(kind: Kind, code: &str, path: &Path, count: usize, [one, many]: [&str; 2]) -> Note {
    let text = either(count, one, many).replace("{}", &path.display().to_string());
    Note::new(kind, code, count, text)
}

/// Says that ids are whole numbers in an array of floating point.
pub(super) fn floating(path: &Path) -> Note {
    let text = format!("ids beside {} are floating point: a whole number such as 31.0 is read as 31", path.display());
    Note::new(Kind::Guessed, "ids-of-floating-point", 0u64, text)
}

/// Says that the width of sparse vectors was guessed.
#[cfg(feature = "parquet")]
pub(super) fn guessed_width(path: &Path, column: &str, width: usize) -> Note {
    let text = format!(
        "numbers are the width of the sparse vectors of {} in {column:?}, by their largest index",
        path.display()
    );
    Note::new(Kind::Guessed, "width-of-sparse-vectors", width, text)
}
