//! The run that is served, and the one that takes its place.
//!
//! A new run is loaded beside the old one, which answers until the new one is whole; then both are exchanged in one step, and requests that began with
//! the old one end with it. Where the new one cannot be loaded, the old one stays.

use crate::load_error::LoadError;
use crate::metrics::Metrics;
use crate::refusal::Refusal;
use crate::served::Served;
use anchorrec_files::with_causes;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;

/// Loads the run that is to be served, each time anew.
pub type Load = Box<dyn Fn() -> Result<Served, LoadError> + Send + Sync>;

/// Says something to whoever runs the server.
pub type Log = Arc<dyn Fn(&str) + Send + Sync>;

/// A run with its place among those that were served.
pub struct Current {
    /// The run.
    pub served: Arc<Served>,
    /// The run as answers name it: how many were served before and with it, and the first digits of its weights' SHA-256.
    pub name: Arc<str>,
    /// The time at which the run was loaded.
    pub loaded: SystemTime,
}

/// The place of the run that is served; empty until the first one is loaded.
pub struct Swap {
    load: Load,
    log: Log,
    metrics: Arc<Metrics>,
    current: RwLock<Option<Arc<Current>>>,
    /// How many runs were served; held while one is loaded, so that there is one at a time.
    count: Mutex<usize>,
}

impl Swap {
    /// Makes the place without a run.
    pub fn new(load: Load, log: Log, metrics: Arc<Metrics>) -> Self {
        Swap { load, log, metrics, current: RwLock::new(None), count: Mutex::new(0) }
    }

    /// Returns the run that is served now.
    ///
    /// # Errors
    /// When the first one is still being loaded.
    pub fn current(&self) -> Result<Arc<Current>, Refusal> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
        current.ok_or_else(|| Refusal::new(503, "loading", "the run is being loaded: try again in a second"))
    }

    /// Loads the first run.
    ///
    /// # Errors
    /// When it cannot be loaded.
    pub fn first(&self) -> Result<Arc<Current>, LoadError> {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        self.load(&mut count)
    }

    /// Loads the run again and puts it in the place of the one that is served. Where that fails, the old one stays, and the log says why. Returns
    /// whether there is a new one.
    pub fn reload(&self) -> bool {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        match self.load(&mut count) {
            Ok(new) => {
                self.metrics.swapped.fetch_add(1, Relaxed);
                let about = &new.served.about;
                (self.log)(&format!("now serving {} on {}, run {}", about.model, about.data, new.name));
                about.notes.iter().for_each(|note| (self.log)(&format!("note: {note}")));
                true
            }
            Err(error) => {
                self.metrics.kept.fetch_add(1, Relaxed);
                let name = self.current().map_or("none".into(), |current| current.name.clone());
                let said = with_causes(&*error);
                (self.log)(&format!(
                    "error: the new run cannot be served, run {name} stays (SIGHUP tries again): {said}"
                ));
                false
            }
        }
    }

    fn load(&self, count: &mut usize) -> Result<Arc<Current>, LoadError> {
        let new = Arc::new(current((self.load)()?, *count + 1));
        *count += 1;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(new.clone());
        Ok(new)
    }
}

fn current(served: Served, count: usize) -> Current {
    let sha256 = served.about.weights_sha256.as_deref().unwrap_or_default();
    let name = format!("{count}-{}", sha256.get(..8).unwrap_or("closed-form"));
    Current { served: Arc::new(served), name: name.into(), loaded: SystemTime::now() }
}
