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

/// Reads what separates fields, as people write it: `\\t` and `tab` are a tabulator.
///
/// # Errors
/// When it is nothing: what was expected.
///
/// ```
/// use anchorrec_formats::reading::separator;
///
/// assert_eq!([separator("::").unwrap(), separator("tab").unwrap()], ["::", "\t"]);
/// assert!(separator("").is_err());
/// ```
pub fn separator(text: &str) -> Result<String, String> {
    match text {
        "" => Err("expected a character or several, found nothing".to_owned()),
        "\\t" | "tab" => Ok("\t".to_owned()),
        text => Ok(text.to_owned()),
    }
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
