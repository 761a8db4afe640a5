//! The other runs that a run is made of, as they are in its identity: by fingerprints, never by a path.

use serde::{Deserialize, Serialize};

/// The other runs, by fingerprints, as they are in an identity.
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
