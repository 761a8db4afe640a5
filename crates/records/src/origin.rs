//! What a run took from another run: the epochs of a refit, the weights of a warm start.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A run that was trained again on all rows, without anything left to judge it by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefitRecord {
    /// The folder of the run that it repeats, as it was named.
    pub run: String,
    /// The SHA-256 of what that run is made of.
    pub identity_sha256: String,
    /// The epochs that validation chose there, by seed.
    pub epochs: BTreeMap<u64, usize>,
    /// The refitted seed whose validation Recall@20 was best in that run: the one to use, since nothing can choose in a refit. Absent in files of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_seed: Option<u64>,
}

/// A run that began with the weights of another one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WarmStartRecord {
    /// The folder of the earlier run, as it was named.
    pub run: String,
    /// The folder of the data set that the earlier run was trained on.
    pub data: String,
    /// The seed of the weights.
    pub seed: u64,
    /// The epoch of the weights.
    pub epoch: usize,
    /// The SHA-256 of the weights.
    pub weights_sha256: String,
    /// Users found again by their ids.
    pub users: Known,
    /// Items found again by their ids.
    pub items: Known,
    /// Known items with other features than before, by modality.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub other_features: BTreeMap<String, usize>,
    /// Validation rows that the weights were trained on: their metrics flatter.
    pub seen_valid: usize,
    /// Test rows that the weights were trained on: their metrics flatter.
    pub seen_test: usize,
    /// Which weights were taken; absent where all seeds were trained in an earlier sitting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<TakenWeights>,
}

/// Users or items on both sides.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// How many both runs know.
    pub kept: usize,
    /// How many only this run knows.
    pub new: usize,
    /// How many only the earlier run knows.
    pub gone: usize,
    /// One example of each kind.
    #[serde(default)]
    pub examples: Examples,
}

/// One example of each kind, by its external id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Examples {
    /// An example that both runs have.
    pub kept: Option<String>,
    /// An example that only this run has.
    pub new: Option<String>,
    /// An example that only the earlier run has.
    pub gone: Option<String>,
}

/// Weights by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TakenWeights {
    /// Taken from the earlier run: layers whole, tables by row.
    pub kept: Vec<String>,
    /// Started from scratch: the earlier run has none of this name and shape.
    pub anew: Vec<String>,
    /// Weights that only the earlier run has.
    pub gone: Vec<String>,
}
