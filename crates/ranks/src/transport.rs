//! What ranks need of whatever joins them.

use crate::RanksError;
use std::fmt::Debug;
use std::time::Duration;

/// Bytes that a rank has sent and received, without those that it handed to itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes sent, counted once for each rank that they went to.
    pub sent: u64,
    /// Bytes received.
    pub received: u64,
}

/// A connection of one rank with all others.
///
/// Every rank makes the same exchanges in the same order, and each knows how many bytes are due from whom: both follow from what all ranks know. An
/// exchange fails when a rank has ended, or has sent nothing within [`time_out`](Self::time_out).
pub trait Transport: Debug + Send + Sync {
    /// Returns which rank this is, from 0.
    fn rank(&self) -> usize;

    /// Returns how many ranks there are.
    fn size(&self) -> usize;

    /// Returns how long an exchange waits for a rank that sends nothing.
    fn time_out(&self) -> Duration;

    /// Returns the bytes that were exchanged so far.
    fn traffic(&self) -> Traffic;

    /// Gathers a part from each rank, in the order of the ranks, into `whole`; `lengths` are those of the parts.
    ///
    /// # Errors
    /// When a rank has ended, is silent, or sends another number of bytes.
    fn all_gather(&self, own: &[u8], lengths: &[usize], whole: &mut [u8]) -> Result<(), RanksError>;

    /// Gives every rank the bytes of `root`.
    ///
    /// # Errors
    /// When a rank has ended, is silent, or sends another number of bytes.
    fn broadcast(&self, root: usize, bytes: &mut [u8]) -> Result<(), RanksError>;

    /// Sends bytes to the next rank; not on the last one.
    ///
    /// # Errors
    /// When a rank has ended.
    fn send_to_next(&self, bytes: &[u8]) -> Result<(), RanksError>;

    /// Receives bytes from the previous rank; not on the first one.
    ///
    /// # Errors
    /// When a rank has ended, is silent, or sends another number of bytes.
    fn receive_from_previous(&self, bytes: &mut [u8]) -> Result<(), RanksError>;
}
