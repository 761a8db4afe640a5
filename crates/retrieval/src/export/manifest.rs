//! `manifest.json`: what the exported vectors are, and lists to try a store with.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the exported vectors are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this software.
    pub version: String,
    /// The model.
    pub model: String,
    /// The data set.
    pub dataset: String,
    /// The folder of the run.
    pub run: String,
    /// The seed of the run.
    pub seed: u64,
    /// The SHA-256 of the weights that the vectors are made of.
    pub weights_sha256: String,
    /// The item space: `final` scores, all others are for similar items.
    pub space: String,
    /// In words, what to rank by.
    pub score: String,
    /// Numbers of a vector.
    pub width: usize,
    /// `float32`, or `float16` where numbers were rounded to it.
    pub numbers: String,
    /// Users in the files.
    pub users: usize,
    /// Items in the files.
    pub items: usize,
    /// In words, the order of the items' rows.
    pub order: String,
    /// The largest length of an item's vector, before a number was added.
    pub largest_length: f64,
    /// What rounding to 16 bits changed, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub half: Option<HalfChange>,
    /// The SHA-256 of every file beside this one.
    pub files: BTreeMap<String, String>,
    /// The exact lists of some users, none of their own items left out.
    pub check: Vec<CheckList>,
}

/// What rounding to 16 bits changed in a store that ranks the rounded vectors by its own metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HalfChange {
    /// Users whose lists were compared.
    pub users: usize,
    /// How many of their lists of 20 hold other items.
    pub lists_with_other_items: usize,
    /// How many of their lists of 20 hold the same items in another order.
    pub lists_in_other_order: usize,
    /// The largest change of a score, as a share of the product of both lengths. Of cosine and L2 it is that of the dot product which ranks as they do.
    pub largest_change: f64,
}

/// The exact list of a user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckList {
    /// The user's external id.
    pub user: String,
    /// External ids of the best items, best first.
    pub items: Vec<String>,
    /// The scores of the items.
    pub scores: Vec<f32>,
}
