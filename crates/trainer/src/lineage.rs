//! What a run takes from another run: the number of epochs that validation chose there ([`Refit`]), the weights that it begins with ([`WarmStart`]).
//!
//! Both are part of the run's identity, by fingerprints: the same data and settings after another run are another run, in another folder.

use crate::origin::Origin;
use crate::warm_start::WarmStart;
use std::collections::BTreeMap;

/// Other runs that a run depends on. Most depend on none.
#[derive(Default)]
pub struct Lineage {
    /// The run whose chosen epochs are trained again, on all rows.
    pub refit: Option<Refit>,
    /// The run whose weights this one begins with.
    pub start: Option<WarmStart>,
}

/// A run that is trained again on all rows: how long, validation has chosen before.
#[derive(Clone, Debug, PartialEq)]
pub struct Refit {
    /// The [fingerprint](crate::Identity::fingerprint) of the run.
    pub run: String,
    /// The epochs to train, by seed: the best epoch of the run.
    pub epochs: BTreeMap<u64, usize>,
}

impl Lineage {
    /// Returns what the identity of the run holds of it.
    pub fn origin(&self) -> Origin {
        Origin {
            refit: self.refit.as_ref().map(|refit| refit.run.clone()),
            warm_start: self.start.as_ref().map(|start| start.origin().clone()),
        }
    }
}
