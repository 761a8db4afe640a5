//! One line of a text file: what it can get wrong.

use super::Excerpt;
use std::fmt;

/// What one line of a text file can get wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LineProblem {
    /// Longer than any honest line.
    #[error("expected a line of at most {limit} bytes, found a longer one: is this a text file?")]
    TooLong {
        /// Bytes.
        limit: usize,
    },
    /// Not text.
    #[error("expected UTF-8, found another byte at position {byte} of the line: convert the file to UTF-8")]
    NotUtf8 {
        /// Position in the line, counted from 1.
        byte: usize,
    },
    /// A header without a column that is needed.
    #[error("expected a column {column}, found the header {found}: {}", way(found, separator))]
    NoColumn {
        /// The column.
        column: &'static str,
        /// The header, escaped.
        found: Excerpt,
        /// What separates columns in this file.
        separator: &'static str,
    },
    /// A header that names a column twice.
    #[error("expected one column {column}, found two: rename one")]
    RepeatedColumn {
        /// The column.
        column: &'static str,
    },
    /// More or fewer fields than the header.
    #[error("expected {expected} fields as in the header, found {found}: complete or remove the row")]
    Ragged {
        /// Columns of the header.
        expected: usize,
        /// Fields of the row.
        found: usize,
    },
    /// Not an id.
    #[error("expected {column} to be a whole number from 0 to 4294967295, found {found}: number the ids from 0")]
    NotAnId {
        /// The column.
        column: &'static str,
        /// The field, escaped.
        found: Excerpt,
    },
    /// Not a label.
    #[error("expected x_label to be 0 (train), 1 (valid) or 2 (test), found {found}: correct the label")]
    NotALabel {
        /// The field, escaped.
        found: Excerpt,
    },
    /// A row whose label says that it is no positive, in a file of positives.
    #[error(
        "expected rows that are positives, found {count} of {rows} whose {column} is 0: leave those rows out, or rename the file to .tsv, so that \
         `anchorrec prepare` reads it as a table and leaves them out (`--positive {column}=1`)"
    )]
    NoPositive {
        /// The column: letters and `_`.
        column: String,
        /// Rows that are none.
        count: usize,
        /// All rows.
        rows: usize,
    },
    /// An id that nothing else in the data set knows.
    #[error("{kind} id {id} but {bound}")]
    IdBeyond {
        /// `user` or `item`.
        kind: &'static str,
        /// The id.
        id: u32,
        /// What the number is limited by.
        bound: Bound,
    },
    /// An interaction that is in the file twice.
    #[error("user {user} and item {item} are already on line {first_line}: keep one of the two lines")]
    RepeatedPair {
        /// The user.
        user: u32,
        /// The item.
        item: u32,
        /// Where the pair was first.
        first_line: u64,
    },
    /// An id that occurs twice in a file that describes ids.
    #[error("{column} {id} is already on line {first_line}: keep one of the two lines")]
    RepeatedId {
        /// The column.
        column: &'static str,
        /// The id.
        id: u32,
        /// The line of the first one.
        first_line: u64,
    },
    /// Not an object with `itemID` and perhaps `title`.
    #[error("expected a JSON object like {{\"itemID\": 0, \"title\": \"...\"}}, found: {found}")]
    NotAnItem {
        /// The parser's words.
        found: String,
    },
    /// Not an object of the file of images.
    #[error("expected a JSON object like {{\"itemID\": 0, \"image\": \"https://...\"}}, found {found}")]
    NotAnImage {
        /// What was found.
        found: String,
    },
    /// Not an address on the web.
    #[error("expected the address of an image, http:// or https://, found {found}")]
    NotAnAddress {
        /// What was found, escaped.
        found: String,
    },
    /// Not an object with `itemID` and `text`.
    #[error("expected a JSON object like {{\"itemID\": 0, \"text\": \"...\"}}, found: {found}")]
    NotAText {
        /// The parser's words.
        found: String,
    },
}

/// What makes a header right.
fn way(header: &Excerpt, separator: &str) -> String {
    match header.to_string().contains(":token") {
        true => "a typed header is RecBole's, and `anchorrec prepare` makes such a file ready to train on".to_owned(),
        false => format!("columns are separated by {separator}"),
    }
}

/// How many ids there are, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Ids are below this.
    pub count: usize,
    /// What the numbers are limited by.
    pub by: BoundBy,
}

/// What limits ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BoundBy {
    /// The rows of another file: its name.
    RowsOf(String),
    /// The rows of the file with the error.
    OwnRows,
    /// The largest id in another file: its name.
    IdsOf(String),
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Bound { count, by } = self;
        let last = count.saturating_sub(1);
        match by {
            BoundBy::RowsOf(file) => write!(f, "{file} has {count} rows: expected ids from 0 to {last}"),
            BoundBy::OwnRows => {
                write!(f, "the file has {count} data rows: expected ids from 0 without gaps, so at most {last}")
            }
            BoundBy::IdsOf(file) => write!(f, "the largest one in {file} is {last}: expected ids from 0 to {last}"),
        }
    }
}
