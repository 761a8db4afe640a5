//! What can be wrong with people's files: one line each, with the place, what was expected and what was found.

use anchorrec_data::DataError;
use anchorrec_files::lines::LineError;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Files that cannot be used as they are.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// A feature file that breaks a rule.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The system refused.
    #[error("{path}: cannot {action}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// A file or folder as a whole breaks a rule.
    #[error("{path}: expected {expected}, found {found}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The rule, and often the way out.
        expected: String,
        /// What is there.
        found: String,
    },
    /// One row breaks a rule.
    #[error("{path}{place}: expected {expected}, found {found}")]
    Row {
        /// The file.
        path: PathBuf,
        /// The place in the file.
        place: Place,
        /// The rule.
        expected: String,
        /// What is there, escaped and cut short.
        found: String,
    },
}

impl FormatError {
    /// A line of the file at `path` that cannot be had.
    pub(crate) fn lines(path: &Path, error: LineError) -> Self {
        match error {
            LineError::Io(source) => io_error(path, "read")(source),
            LineError::TooLong { line, limit } => {
                let expected = format!("a line of at most {} MiB", limit >> 20);
                row_error(path, Place::Line(line), expected, "a longer one: is this a text file?")
            }
            LineError::NotUtf8 { line, byte } => {
                let expected = "UTF-8 (iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW makes it of Latin-1 text, and others by their names)";
                row_error(path, Place::Line(line), expected, format!("another byte at position {byte} of the line"))
            }
        }
    }
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A line of text, from 1, the header included.
    Line(u64),
    /// A row of a table that has no lines, from 0.
    Row(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Place::Line(line) => write!(f, ":{line}"),
            Place::Row(row) => write!(f, ": row {row}"),
        }
    }
}

/// Makes an error of the system's refusal.
pub fn io_error(path: &Path, action: &'static str) -> impl Fn(io::Error) -> FormatError + use<> {
    let path = path.to_owned();
    move |source| FormatError::Io { path: path.clone(), action, source }
}

/// Makes an error of a file that is not what it should be.
pub fn file_error(path: &Path, expected: impl Into<String>, found: impl Into<String>) -> FormatError {
    FormatError::File { path: path.to_owned(), expected: expected.into(), found: found.into() }
}

/// Makes an error of a row that is not what it should be.
pub fn row_error(path: &Path, place: Place, expected: impl Into<String>, found: impl Into<String>) -> FormatError {
    FormatError::Row { path: path.to_owned(), place, expected: expected.into(), found: found.into() }
}

/// A place within a sentence.
pub(crate) fn at(place: Place) -> String {
    match place {
        Place::Line(line) => format!("line {line}"),
        Place::Row(row) => format!("row {row}"),
    }
}
