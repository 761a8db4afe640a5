//! How much one client may ask for, and how long it may take.

use std::time::Duration;

/// Bounds on requests, connections and times.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of a body.
    pub body: usize,
    /// Items of a list.
    pub top: usize,
    /// Item ids in each of `items`, `allow` and `deny`.
    pub ids: usize,
    /// Requests in a batch.
    pub batch: usize,
    /// Items of all lists of a batch together.
    pub places: usize,
    /// Lists that may wait to be made, of all clients together.
    pub waiting: usize,
    /// Connections at once.
    pub connections: usize,
    /// Time for a request line with its headers, and for the next one on a connection that is kept.
    pub header: Duration,
    /// Time for a body, and for the answer to be made.
    pub request: Duration,
    /// Time in which a client must take at least [`SLOWEST`] bytes of an answer.
    pub write: Duration,
    /// Time for open requests when the server ends.
    pub grace: Duration,
}

/// Bytes of an answer that a client must take in each [`Limits::write`].
pub const SLOWEST: usize = 16 << 10;

impl Default for Limits {
    fn default() -> Self {
        Limits {
            body: 1 << 20,
            top: 1000,
            ids: 100_000,
            batch: 1000,
            places: 100_000,
            waiting: 10_000,
            connections: 1024,
            header: Duration::from_secs(10),
            request: Duration::from_secs(10),
            write: Duration::from_secs(10),
            grace: Duration::from_secs(10),
        }
    }
}
