//! What a run takes from another run: the number of epochs that validation chose there ([`Refit`]), the weights that it begins with ([`WarmStart`]).
//!
//! Both are part of the run's identity, by fingerprints: the same data and settings after another run are another run, in another folder.

use crate::warm_start::WarmStart;
use serde::{Deserialize, Serialize};
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

/// The other runs, by fingerprints, as they stand in an identity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// The fingerprint of the run that a refit repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refit: Option<String>,
    /// The weights that a warm start begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_start: Option<StartOrigin>,
}

/// The weights that a warm start begins with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StartOrigin {
    /// The fingerprint of the run that trained the weights.
    pub run: String,
    /// The SHA-256 of the weights.
    pub weights: String,
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

impl Origin {
    /// Returns whether there is no other run.
    pub fn is_none(&self) -> bool {
        *self == Origin::default()
    }

    /// Names what it holds, as settings are named.
    pub(crate) fn leaves(&self) -> Vec<(&'static str, String)> {
        let short = |fingerprint: &str| format!("sha256 {}...", fingerprint.get(..8).unwrap_or(fingerprint));
        let mut leaves = Vec::new();
        if let Some(run) = &self.refit {
            leaves.push(("the run of --refit", short(run)));
        }
        if let Some(StartOrigin { run, weights }) = &self.warm_start {
            leaves.push(("the run of --warm-start", short(run)));
            leaves.push(("the weights of --warm-start", short(weights)));
        }
        leaves
    }
}
