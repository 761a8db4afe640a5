//! What files of features give.

use super::texts::TextTable;
use crate::Note;
use ndarray::Array2;
use std::path::PathBuf;

/// The rows of a file, with an item id for each.
#[derive(Clone, Debug)]
pub struct FeatureTable {
    /// The file.
    pub path: PathBuf,
    /// An item id for each row.
    pub ids: Vec<String>,
    /// `[n, width]`, all finite.
    pub rows: Array2<f32>,
    /// What was ignored, guessed, merged or dropped.
    pub notes: Vec<Note>,
    /// The first field of a line that was taken as the header though it could be a row: if an item has this id, it is one.
    pub header: Option<String>,
}

/// What a file gave.
#[derive(Clone, Debug)]
pub enum Content {
    /// A vector for each item.
    Vectors(FeatureTable),
    /// A text for each item, which was asked for.
    Texts(TextTable),
    /// Neither vectors nor numbers, and nothing was asked for; the columns of texts.
    Nothing(Vec<String>),
}

/// A matrix and, where the file has them, the ids of its rows with what there is to say about them.
pub(super) struct Matrix {
    pub(super) ids: Option<(Vec<String>, Vec<Note>)>,
    pub(super) rows: Array2<f32>,
}
