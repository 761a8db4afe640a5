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
    /// Items of all lists of a batch together; an item that is explained counts as [`EXPLAINED`].
    pub places: usize,
    /// Parts of scores that one explained list may take: items of the history, times items of the list.
    pub parts: usize,
    /// Words of a search.
    pub words: usize,
    /// Lists that may wait to be made, of all clients together: this many that are asked for one by one, and as many of batches.
    pub waiting: usize,
    /// Searches, long bodies and histories that may wait or be at work, of all clients together.
    pub aside: usize,
    /// Bytes of long answers that are being made or read, of all clients together.
    pub unread: usize,
    /// Connections at once.
    pub connections: usize,
    /// Time for a request line with its headers, and for the next one on a connection that is kept.
    pub header: Duration,
    /// Time for a body, and for the answer to be made.
    pub request: Duration,
    /// Time in which a client must take at least [`SLOWEST`] bytes of an answer, and one of [`TURNS`] parts of it.
    pub write: Duration,
    /// Time for open requests when the server ends.
    pub grace: Duration,
}

/// Bytes of an answer that a client must take in each [`Limits::write`].
pub const SLOWEST: usize = 16 << 10;

/// Parts of an answer, each of which a client must take in [`Limits::write`]: so long an answer is held at most.
pub const TURNS: usize = 6;

/// Items without reasons that an item with reasons is worth: about how many times as long its JSON is.
pub const EXPLAINED: usize = 20;

impl Default for Limits {
    fn default() -> Self {
        Limits {
            body: 1 << 20,
            top: 1000,
            ids: 100_000,
            batch: 1000,
            places: 100_000,
            parts: 100_000,
            words: 32,
            waiting: 10_000,
            aside: 64,
            unread: 128 << 20,
            connections: 1024,
            header: Duration::from_secs(10),
            request: Duration::from_secs(10),
            write: Duration::from_secs(10),
            grace: Duration::from_secs(10),
        }
    }
}
