//! What can be wrong with files, and what to do about it.
//!
//! One line each: path, line (or bytes), what was expected, what was found, the way out. What the system answered is the error's
//! `source()` and not part of its own message: print the chain (`{:#}` with `anyhow`). What was found is shown escaped and cut short:
//! a hostile file cannot write to the terminal or fill it.

mod line;
mod npy;

pub use anchorrec_files::{Excerpt, one_line};
pub use line::{Bound, BoundBy, LineProblem};
pub use npy::NpyProblem;

use std::{io, path::PathBuf};

/// A data set that cannot be used as it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The system refused.
    #[error("{path}: cannot {action}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried: `read`, `write`, `list`.
        action: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// One line of a text file breaks a rule.
    #[error("{path}:{line}: {problem}")]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1, the header included.
        line: u64,
        /// The rule that is broken.
        problem: LineProblem,
    },
    /// A text file as a whole breaks a rule.
    #[error("{path}: {problem}")]
    File {
        /// The file.
        path: PathBuf,
        /// The rule that is broken.
        problem: FileProblem,
    },
    /// An array file that cannot be read as features.
    #[error("{path}: {problem}")]
    Npy {
        /// The file.
        path: PathBuf,
        /// The rule that is broken.
        problem: NpyProblem,
    },
    /// A folder without interactions.
    #[error("{dir}: expected one file named <name>.inter, found none: is this the folder of a data set?")]
    NoInter {
        /// The folder.
        dir: PathBuf,
    },
    /// A folder with more than one file of interactions.
    #[error("{dir}: expected one file named <name>.inter, found {}: keep one", found.join(", "))]
    SeveralInter {
        /// The folder.
        dir: PathBuf,
        /// The names that were found, sorted.
        found: Vec<String>,
    },
    /// Two feature files describe different numbers of items.
    #[error("{first} has {first_rows} rows but {second} has {second_rows}: every feature file has one row per item")]
    RowsDiffer {
        /// One file.
        first: PathBuf,
        /// The number of rows of this table.
        first_rows: usize,
        /// The other.
        second: PathBuf,
        /// The number of rows of this table.
        second_rows: usize,
    },
    /// No user has an item left to draw a negative from.
    #[error(
        "every user with a training row has all {items} items that occur in training: no negative can be drawn, add items or users"
    )]
    NoNegative {
        /// How many items occur in training.
        items: usize,
    },
    /// A synthetic twin would overwrite data that is not synthetic.
    #[error(
        "{dir}: expected a new folder or one that holds the file SYNTHETIC, found other files: choose another folder"
    )]
    NotSynthetic {
        /// The folder.
        dir: PathBuf,
    },
    /// A manifest that does not say what a manifest must say.
    #[error("{path}:{line}: {problem}")]
    Manifest {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// The parser's words: what was expected and found.
        problem: String,
    },
}

/// What a text file as a whole can get wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileProblem {
    /// A file without bytes.
    #[error("expected a header line, found an empty file: was it copied completely?")]
    Empty,
    /// A file with a header and no rows.
    #[error("expected rows after the header, found none: was it copied completely?")]
    HeaderOnly,
    /// A file of texts without a line.
    #[error("expected a line for each item, found none: was it copied completely?")]
    NoTexts,
    /// A file without a training row.
    #[error("expected rows with x_label 0 (train), found {rows} rows and none of them: split the data first")]
    NoTraining {
        /// Rows of any label.
        rows: usize,
    },
    /// A folder, a pipe or a device instead of a file.
    #[error("expected a regular file, found something else: copy the data into a file")]
    NotAFile,
    /// A file name that is not UTF-8: its stem is the data set's name, which is written into reports.
    #[error("expected a file name in UTF-8, found other bytes: rename the file")]
    NameNotUtf8,
    /// A file name of dots: the data set's name becomes a folder of results, which must not be a way out of it.
    #[error("expected a name before .inter, found only dots: rename the file")]
    NameIsDots,
    /// A file longer than any honest one; parsing needs a multiple of its length.
    #[error("expected at most {limit} bytes, found {found}: is this the right file?")]
    TooLong {
        /// The most that is read.
        limit: u64,
        /// The length of the file.
        found: u64,
    },
}
