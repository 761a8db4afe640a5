//! What a caller may say about a file of interactions; the rest is guessed, and said.

use crate::columns::ColumnNames;

/// How interactions are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// Names of columns that are not guessed.
    pub columns: ColumnNames,
    /// The columns of a file without a header, in order.
    pub header: Option<Vec<String>>,
    /// What separates fields, where that is not guessed: one character, or several as in `::`.
    pub separator: Option<String>,
    /// Which rows count.
    pub positives: Positives,
    /// Whether rows are in the order of time, so that their number is their time where there is no column of times.
    pub order_is_time: bool,
}

/// Which rows count as positive feedback.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Positives {
    /// Only rows rated so high.
    pub min_rating: Option<f32>,
    /// Only rows whose column holds a value.
    pub equal: Option<(String, String)>,
    /// All rows, also where a column of labels holds 0.
    pub all: bool,
}
