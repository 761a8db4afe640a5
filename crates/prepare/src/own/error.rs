//! What can keep your own files from becoming a ready data set.

use crate::ready::ReadyError;
use anchorrec_data::DataError;
use anchorrec_formats::{FormatError, Note};

/// Files that cannot be used as they are.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OwnError {
    /// A ready data set that breaks a rule.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A file that cannot be read.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The ready folder cannot be written, or what would be in it cannot be trained on.
    #[error(transparent)]
    Ready(#[from] ReadyError),
    /// Something was not taken as it stood, and the caller wants none of that.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Strict(Vec<Note>),
}
