//! What can end a job.

use anchorrec_data::DataError;
use anchorrec_encoders::SettingError;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// What can end a job.
#[derive(Debug, Error)]
pub enum TrainError {
    /// The data cannot be trained on.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A setting cannot work.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// A term of the objective is no longer a number.
    #[error(
        "epoch {epoch}, batch {batch}: loss term `{term}` is {value}: expected a finite number; \
         lower train.learning_rate or look at the features"
    )]
    NonFiniteTerm {
        /// The term.
        term: &'static str,
        /// Its value.
        value: f64,
        /// From 1.
        epoch: usize,
        /// From 1.
        batch: usize,
    },
    /// Embeddings are no longer numbers.
    #[error(
        "epoch {epoch}: the embedding of {kind} {row} is not finite: expected numbers; first bad parameter: {parameter}"
    )]
    NonFiniteEmbedding {
        /// `user` or `item`.
        kind: &'static str,
        /// Which.
        row: usize,
        /// From 1.
        epoch: usize,
        /// The first parameter with a non-finite value, in creation order.
        parameter: String,
    },
    /// A file could not be written or read back.
    #[error("{path}: cannot {action}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system says.
        source: io::Error,
    },
}
