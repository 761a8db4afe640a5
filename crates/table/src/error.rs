//! Why a table cannot be computed.

use anchorrec_trainer::source::SourceError;
use anchorrec_trainer::{ConfigError, TrainError};
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why a table cannot be computed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TableError {
    /// The declaration cannot be read.
    #[error("{name}: expected the declaration of a table")]
    NoDeclaration {
        /// The file.
        name: String,
        /// The parser's words.
        source: Box<toml::de::Error>,
    },
    /// Something in the declaration cannot be.
    #[error("{name}: {what}")]
    Declared {
        /// The file.
        name: String,
        /// What is wrong, and what was expected.
        what: String,
    },
    /// A setting of the declaration cannot be.
    #[error("{name}: {whose}")]
    Setting {
        /// The file.
        name: String,
        /// The row and the data set of the setting.
        whose: String,
        /// Why the setting cannot be.
        source: Box<ConfigError>,
    },
    /// A word of the command line names nothing in the declaration.
    #[error("{option}: there is no {what} `{word}` in the declaration; did you mean `{nearest}`?")]
    Unknown {
        /// The option.
        option: &'static str,
        /// What was looked for.
        what: &'static str,
        /// The word.
        word: String,
        /// The nearest that there is.
        nearest: String,
    },
    /// A result was computed by another protocol.
    #[error(
        "{path}: computed by another protocol ({difference}): restore the declaration, or remove this file to compute the row again"
    )]
    OtherProtocol {
        /// The result.
        path: PathBuf,
        /// The first difference.
        difference: String,
    },
    /// A result was computed of other data.
    #[error(
        "{path}: computed of other data ({difference}): restore the data, or remove this file to compute the row again"
    )]
    OtherData {
        /// The result.
        path: PathBuf,
        /// The first difference.
        difference: String,
    },
    /// A file of results is none.
    #[error(
        "{path}: expected the results of a model on a data set: restore the file, or remove it to compute it again"
    )]
    NoResults {
        /// The file.
        path: PathBuf,
        /// The parser's words.
        source: serde_json::Error,
    },
    /// There is no real data.
    #[error(
        "{dataset}: only a synthetic twin was found, and a table of a twin is no result: name the folder of data sets in ANCHORREC_DATA, or give the \
         data set a `scale` in the declaration"
    )]
    Synthetic {
        /// The data set.
        dataset: String,
    },
    /// Another process computes here.
    #[error("{out}: another process computes a table here: wait for it, or name another --out")]
    Busy {
        /// The folder for runs.
        out: PathBuf,
    },
    /// A child ended well and left nothing.
    #[error("{step}: it ended, and its {what} cannot be read ({path}): run the same command again")]
    Gone {
        /// The step.
        step: String,
        /// What is missing.
        what: &'static str,
        /// The file that should have it.
        path: PathBuf,
    },
    /// A child cannot be started, or a file cannot be used.
    #[error("{path}: cannot {action}")]
    File {
        /// The file or the program.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// There is no data.
    #[error(transparent)]
    Source(Box<SourceError>),
    /// The files of a run cannot be used.
    #[error(transparent)]
    Train(#[from] TrainError),
}

impl From<SourceError> for TableError {
    fn from(error: SourceError) -> Self {
        TableError::Source(Box::new(error))
    }
}
