//! What ends a computation on several ranks.

use std::time::Duration;
use thiserror::Error;

/// An error of an exchange. It names the rank that it began with.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum RanksError {
    /// A rank is gone while others wait for it.
    #[error("rank {rank} has ended before the others; its own message says why")]
    Ended {
        /// The rank that is gone.
        rank: usize,
    },
    /// A rank sent nothing for too long.
    #[error("rank {rank} has sent nothing for {} s: it hangs, or it needs a longer time-out", limit.as_secs_f64())]
    Silent {
        /// The rank that was waited for.
        rank: usize,
        /// The time-out.
        limit: Duration,
    },
    /// A rank sent what was not due.
    #[error("rank {rank} sent {found} bytes where {expected} were due: it does not make the same computation")]
    Length {
        /// The rank that sent something else.
        rank: usize,
        /// The bytes that were due.
        expected: usize,
        /// The bytes that came.
        found: usize,
    },
    /// Ranks were started with something different.
    #[error(
        "rank {rank} was started otherwise than rank 0: {what} is {found} there, {expected} on rank 0; start all ranks alike"
    )]
    Differs {
        /// The first rank that differs from rank 0.
        rank: usize,
        /// What is different.
        what: String,
        /// What rank 0 has.
        expected: String,
        /// What the other rank has.
        found: String,
    },
}
