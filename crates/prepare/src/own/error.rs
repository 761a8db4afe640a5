//! What can be wrong with one's own files: one line each, with the place, what was expected and what was found.

use crate::ready::ReadyError;
use anchorrec_data::DataError;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Files that cannot be used as they are.
#[derive(Debug, thiserror::Error)]
pub enum OwnError {
    /// A ready data set, or a feature file, that breaks a rule.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The ready folder cannot be written, or what would be in it cannot be trained on.
    #[error(transparent)]
    Ready(#[from] ReadyError),
    /// The system refused.
    #[error("{path}: cannot {action}: {cause}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// The system's answer.
        cause: io::Error,
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
        /// Where in it.
        place: Place,
        /// The rule.
        expected: String,
        /// What is there, escaped and cut short.
        found: String,
    },
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

/// The system's refusal.
pub(crate) fn io_error(path: &Path, action: &'static str) -> impl Fn(io::Error) -> OwnError + use<> {
    let path = path.to_owned();
    move |cause| OwnError::Io { path: path.clone(), action, cause }
}

/// A file that is not what it should be.
pub(crate) fn file_error(path: &Path, expected: impl Into<String>, found: impl Into<String>) -> OwnError {
    OwnError::File { path: path.to_owned(), expected: expected.into(), found: found.into() }
}

/// A row that is not what it should be.
pub(crate) fn row_error(path: &Path, place: Place, expected: impl Into<String>, found: impl Into<String>) -> OwnError {
    OwnError::Row { path: path.to_owned(), place, expected: expected.into(), found: found.into() }
}
