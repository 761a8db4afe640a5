//! What can be wrong with a file of tensors.

use crate::shown::one_line;
use std::io;
use thiserror::Error;

/// What can be wrong with a file of tensors.
#[derive(Debug, Error)]
pub enum TensorsError {
    /// The file cannot be read.
    #[error("cannot be read")]
    Io(#[from] io::Error),
    /// The file's header is none of safetensors.
    #[error("is not a safetensors file: {0}")]
    Header(String),
    /// The file's length is not what its header says.
    #[error("has {found} bytes where its header promises {expected}: it was cut off or written to")]
    Length {
        /// By the header.
        expected: u64,
        /// By the file system.
        found: u64,
    },
    /// A tensor is missing, or another than expected.
    #[error("holds {found} where {expected} is expected")]
    Tensor {
        /// What the model has.
        expected: String,
        /// What the file has.
        found: String,
    },
    /// The file's bytes are not those that were written.
    #[error("is damaged: its checksum does not fit its content")]
    Checksum,
}

impl TensorsError {
    /// Returns an error about a header in `words`, which may quote the file: they are cut short and escaped.
    pub fn header(words: String) -> Self {
        TensorsError::Header(one_line(&words))
    }
}
