//! What can be wrong with a raw file.

use super::literal::LiteralError;
use anchorrec_data::error::Excerpt;
use std::{io, path::PathBuf};

/// A raw file that cannot be used; one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RawError {
    /// The file is not there.
    #[error("{path}: expected {what} here or as {name}.gz, found neither: put the published file there{otherwise}", path = path.display(), name = name(path))]
    Missing {
        /// The path at which the file should be.
        path: PathBuf,
        /// What the file holds.
        what: &'static str,
        /// What else can be done, with `, or` in front; or nothing.
        otherwise: &'static str,
    },
    /// The system refused, or the compressed stream is broken.
    #[error("{path}: cannot read (is the file there as a whole?)", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The answer.
        source: io::Error,
    },
    /// One line breaks a rule.
    #[error("{path}:{line}: {problem}", path = path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: u64,
        /// The rule.
        problem: Problem,
    },
    /// A record of the image file breaks a rule.
    #[error("{path}: byte {byte}: {problem}", path = path.display())]
    Record {
        /// The file, unpacked.
        path: PathBuf,
        /// Where the record starts, counted from 0, after unpacking.
        byte: u64,
        /// The rule.
        problem: Problem,
    },
    /// The file as a whole breaks a rule.
    #[error("{path}: {problem}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The rule.
        problem: Problem,
    },
}

/// What a part of a raw file can get wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Not text.
    #[error("expected UTF-8, found other bytes from byte {byte} on: is it the right file?")]
    NotUtf8 {
        /// In the line, from 1.
        byte: usize,
    },
    /// Longer than any honest line.
    #[error("expected a line of at most {limit} bytes, found a longer one: is it the right file?")]
    TooLong {
        /// The limit.
        limit: usize,
    },
    /// Not the columns of ratings.
    #[error("expected user,item,rating,timestamp, found {found} fields: repair or remove the line")]
    Fields {
        /// How many.
        found: usize,
    },
    /// A name that could not be written to a table again.
    #[error(
        "expected the {kind}'s id without spaces, quotes or control characters, found {found}: repair or remove the line"
    )]
    Name {
        /// `user` or `item`.
        kind: &'static str,
        /// What stood there.
        found: Excerpt,
    },
    /// Not a rating.
    #[error("expected the rating to be a number, found {found}: repair or remove the line")]
    Rating {
        /// What stood there.
        found: Excerpt,
    },
    /// Not a time.
    #[error("expected the timestamp in whole seconds, found {found}: repair or remove the line")]
    Timestamp {
        /// What stood there.
        found: Excerpt,
    },
    /// No rows.
    #[error("expected rows, found none: was it copied completely?")]
    Empty,
    /// Items in the place of users.
    #[error(
        "expected the user first and the item second, found the reverse, as in the files of 2018: use the file of 2014, or exchange the columns"
    )]
    ItemsFirst,
    /// More than numbers of 32 bits can count.
    #[error("expected fewer than 2^32 rows and 4 GiB of names, found more: prepare a smaller category")]
    TooLarge,
    /// Not a value of Python or JSON.
    #[error("{0}")]
    Literal(LiteralError),
    /// A value of the wrong kind.
    #[error("expected {key} to be {expected}, found {found}: repair or remove the line")]
    Kind {
        /// The key.
        key: &'static str,
        /// The kind that was expected.
        expected: &'static str,
        /// The kind that was found.
        found: &'static str,
    },
    /// A line that describes no item.
    #[error("expected an entry 'asin', found none: repair or remove the line")]
    NoAsin,
    /// The file ends inside a record.
    #[error(
        "expected a record of {expected} bytes, found the end of the file after {found}: was it copied completely?"
    )]
    Truncated {
        /// Bytes of a record.
        expected: usize,
        /// Bytes that were there.
        found: usize,
    },
    /// A record that does not start with a name.
    #[error(
        "expected 10 letters and digits at the start of a record, found {found}: is it the right file, 4096 numbers a record?"
    )]
    NotAnAsin {
        /// What stood there.
        found: Excerpt,
    },
    /// NaN or infinity.
    #[error(
        "expected finite numbers for item {asin}, found {found} at place {place}: remove the record, the item then gets the mean"
    )]
    NotFinite {
        /// The item.
        asin: String,
        /// The number.
        found: f32,
        /// The number's place, from 0 to 4095.
        place: usize,
    },
    /// Nothing to take a mean of.
    #[error("expected a record for at least one of {wanted} items, found none: is it the file of this category?")]
    NoImage {
        /// How many items were asked for.
        wanted: usize,
    },
}

fn name(path: &std::path::Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
