//! Which column of a table of lists is which: the same for every format that has columns.

use super::row::Row;
use crate::error::RetrievalError;
use anchorrec_files::Excerpt;
use std::path::Path;

const USER: &[&str] = &["user", "userid", "uid", "customerid", "qid", "query"];
const ITEM: &[&str] = &["item", "itemid", "iid", "productid", "docid", "parentasin", "asin"];
const RANK: &[&str] = &["rank"];
const SCORE: &[&str] = &["score", "prediction", "relevance", "weight", "similarity"];

/// The places of the columns that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) user: usize,
    pub(super) item: usize,
    pub(super) rank: Option<usize>,
    pub(super) score: Option<usize>,
}

impl Columns {
    /// Finds the columns by their names without case and signs; of several names for one thing the first of the list counts, wherever it stands.
    pub(super) fn find(path: &Path, header: &[&str]) -> Result<Self, RetrievalError> {
        let find =
            |names: &[&str]| names.iter().find_map(|name| header.iter().position(|column| plain(column) == *name));
        let lacking = |what: &str, names: &[&str]| RetrievalError::Table {
            path: path.to_owned(),
            expected: format!("a header with a column of {what} ({})", names.join(", ")),
            found: Excerpt::of(&header.join(", ")).to_string(),
        };
        let user = find(USER).ok_or_else(|| lacking("users", USER))?;
        let item = find(ITEM).ok_or_else(|| lacking("items", ITEM))?;
        let (rank, score) = (find(RANK), find(SCORE));
        if rank.is_none() && score.is_none() {
            return Err(lacking("ranks or scores", &[RANK, SCORE].concat()));
        }
        Ok(Columns { user, item, rank, score })
    }

    /// Makes a row of what stands in each column.
    pub(super) fn row<'a>(
        self,
        path: &Path,
        line: u64,
        text: impl Fn(usize) -> &'a str,
    ) -> Result<Row, RetrievalError> {
        let number = |place: usize, what: &str| number(path, line, text(place), what);
        Ok(Row {
            line,
            user: text(self.user).to_owned(),
            item: text(self.item).to_owned(),
            rank: self.rank.map(|place| number(place, "a rank")).transpose()?,
            // A rank says it all.
            score: self.score.filter(|_| self.rank.is_none()).map(|place| number(place, "a score")).transpose()?,
            beside: self.score.filter(|_| self.rank.is_some()).and_then(|place| text(place).trim().parse().ok()),
        })
    }
}

/// Refuses a file without rows.
pub(super) fn not_empty(path: &Path, rows: Vec<Row>) -> Result<Vec<Row>, RetrievalError> {
    if rows.is_empty() {
        let (expected, found) = ("rows of user, item and rank or score".to_owned(), "none".to_owned());
        return Err(RetrievalError::Table { path: path.to_owned(), expected, found });
    }
    Ok(rows)
}

/// Reads a number that is finite.
pub(super) fn number(path: &Path, line: u64, text: &str, what: &str) -> Result<f64, RetrievalError> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(|| RetrievalError::Row {
        path: path.to_owned(),
        line,
        expected: what.to_owned(),
        found: Excerpt::of(text).to_string(),
    })
}

/// A column's name without case and signs.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
