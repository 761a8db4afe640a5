//! What all requests share.

use crate::aside::Aside;
use crate::guard::Guard;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::queue::Queue;
use crate::swap::{Log, Swap};
use crate::unread::Unread;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What all requests share.
pub struct App {
    /// The run that is served.
    pub swap: Arc<Swap>,
    /// Where lists wait to be made.
    pub queue: Queue,
    /// Where other work waits that would hold up clients.
    pub aside: Aside,
    /// Room for answers that nobody has read yet.
    pub unread: Unread,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// How much one client may ask for.
    pub limits: Arc<Limits>,
    /// The guard that decides which clients are answered.
    pub guard: Guard,
    /// Says something to whoever runs the server.
    pub log: Log,
    /// Whether the server is about to end.
    pub is_ending: AtomicBool,
}

impl App {
    /// Loads the run and the token again; returns whether there is a new run.
    pub fn reload(&self) -> bool {
        self.guard.read_again(&self.log);
        self.swap.reload()
    }
}
