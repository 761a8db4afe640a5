//! What a caller may say about a file of interactions; the rest is guessed, and said.

use crate::columns::{self, ColumnNames, Places};

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

impl Reading {
    /// Finds the columns that are read, and the one that positives are chosen by. A column of labels is not read beside one that `--positive` names.
    pub(crate) fn places(&self, header: &[String]) -> Result<(Places, Option<usize>), String> {
        let mut places = columns::find(header, &self.columns)?;
        let chosen = self.chosen(header)?;
        if self.positives.equal.is_some() && places.label != chosen {
            places.label = None;
        }
        Ok((places, chosen))
    }

    /// Finds the column that positives are chosen by; a rating that is asked for must be there.
    fn chosen(&self, header: &[String]) -> Result<Option<usize>, String> {
        let rating = columns::place(header, &self.columns.rating, columns::RATING, "--rating-column")?;
        if self.positives.min_rating.is_some() && rating.is_none() {
            let some = columns::RATING[..3].join(", ");
            return Err(format!(
                "a column of ratings for --min-rating ({some} and so on, or another name by --rating-column NAME)"
            ));
        }
        let Some((column, _)) = &self.positives.equal else { return Ok(None) };
        columns::place(header, &Some(column.clone()), &[], "--positive")
    }
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
