//! Why a run cannot be served.

use std::error::Error;
use thiserror::Error as ThisError;

/// Why a run cannot be served: whatever stands between it and its vectors, with its causes.
pub type LoadError = Box<dyn Error + Send + Sync>;

/// A run that computes in another way than the process does.
#[derive(Debug, ThisError)]
#[non_exhaustive]
#[error(
    "this run was trained {} --portable and the one before {} it: a process computes in one way; start another server for this run",
    if *is_portable { "with" } else { "without" },
    if *is_portable { "without" } else { "with" }
)]
pub struct OtherArithmetic {
    /// Whether the new run was trained with plain loops.
    pub is_portable: bool,
}
