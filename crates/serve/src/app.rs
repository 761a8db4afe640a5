//! What all requests share.

use crate::guard::Guard;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::queue::Queue;
use crate::swap::Swap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What all requests share.
pub struct App {
    /// The run that is served.
    pub swap: Arc<Swap>,
    /// Where lists wait to be made.
    pub queue: Queue,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// How much one client may ask for.
    pub limits: Arc<Limits>,
    /// The guard that decides which clients are answered.
    pub guard: Guard,
    /// Whether the server is about to end.
    pub is_ending: AtomicBool,
}
