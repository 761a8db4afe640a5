//! The record of an analysis, `seed-<s>.analysis.json`: everything that a report shows about one trained model beyond its accuracy.

use crate::report::Metrics;
use serde::{Deserialize, Serialize};

/// What a trained model made of its items.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// The seed of the run.
    pub seed: u64,
    /// SHA-256 of the weights that were looked at: those of the best epoch.
    pub weights_sha256: String,
    /// `K` of neighbourhoods and of recommendation lists.
    pub k: usize,
    /// The spaces: the model's own, `final` first, then the raw features, `raw_mm`, `raw_text`, `raw_vision`.
    pub spaces: Vec<SpaceRecord>,
    /// Every two spaces, each pair once.
    pub pairs: Vec<PairRecord>,
    /// What the nearest neighbours in `final` are like, the first, the second, the third.
    pub nearest: Vec<NearestRecord>,
    /// Mean squared distance between the directions of a user and of an item it was trained on.
    pub alignment: f64,
    /// How evenly the directions of all users are spread: `ln mean exp(-2 ‖·‖²)`; the lower, the more evenly.
    pub user_uniformity: f64,
    /// What is recommended, over all users.
    pub catalogue: CatalogueRecord,
    /// Test accuracy of users by their number of training pairs, ascending.
    pub user_groups: Vec<UserGroupRecord>,
    /// Test positives by the number of training pairs of their item, ascending.
    pub item_groups: Vec<ItemGroupRecord>,
    /// Positions of a sample of items, for pictures.
    pub map: MapRecord,
    /// The nearest neighbours of a few items.
    pub examples: Vec<ExampleRecord>,
}

impl Analysis {
    /// Finds the figures of two spaces, whichever is named first.
    pub fn pair(&self, a: &str, b: &str) -> Option<&PairRecord> {
        self.pairs.iter().find(|pair| (pair.a == a && pair.b == b) || (pair.a == b && pair.b == a))
    }

    /// Finds a space by its name.
    pub fn space(&self, name: &str) -> Option<&SpaceRecord> {
        self.spaces.iter().find(|space| space.name == name)
    }
}

/// Ranks of an item's neighbours that an analysis looks at: the nearest, the second, the third.
pub const NEAREST: usize = 3;

/// The measures of one embedding space.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpaceRecord {
    /// The name of the space: `final`, `id`, `mm`, `text`, `vision`, `p_id`, `p_mm`, `raw_mm`, ...
    pub name: String,
    /// Numbers of a position.
    pub width: usize,
    /// `exp(entropy of σ² / Σ σ²)`; absent for spaces too wide for it.
    pub effective_rank: Option<f64>,
    /// Singular values over the largest, descending; the first 256 at most.
    pub singular_values: Vec<f64>,
    /// Uniformity; absent for raw features.
    pub uniformity: Option<f64>,
}

/// Two spaces compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairRecord {
    /// The name of the first space.
    pub a: String,
    /// The other.
    pub b: String,
    /// Mean share of `K` nearest neighbours in common.
    pub overlap: f64,
    /// Linear CKA; absent where both are raw.
    pub cka: Option<f64>,
    /// Distance between an item's two positions over the distance between different items; absent unless both spaces are the model's own
    /// and of one width.
    pub spread: Option<f64>,
}

/// Means over all items of their neighbour at one rank.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NearestRecord {
    /// The rank of the neighbour, from 1.
    pub rank: usize,
    /// Cosine of the raw text features.
    pub text: Option<f64>,
    /// Cosine of the raw vision features.
    pub vision: Option<f64>,
    /// Items co-bought with the neighbour: how popular it is.
    pub two_hop: f64,
}

/// What is recommended, over all users.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CatalogueRecord {
    /// Share of the items that are in at least one list.
    pub coverage: f64,
    /// Concentration: 0 when all items are shown as often.
    pub gini: f64,
    /// Popularity of what is shown over popularity of what is taken.
    pub popularity_lift: f64,
}

/// Users whose number of training pairs is in `[from, to)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserGroupRecord {
    /// Least number of training pairs.
    pub from: usize,
    /// The upper end of the range, exclusive.
    pub to: usize,
    /// How many have a test pair.
    pub users: usize,
    /// The mean test metrics of the group.
    pub test: Metrics,
}

/// Test positives whose item's number of training pairs is in `[from, to)`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ItemGroupRecord {
    /// Least number of training pairs.
    pub from: usize,
    /// The upper end of the range, exclusive.
    pub to: usize,
    /// How many test positives.
    pub positives: usize,
    /// How many of them stand among their user's first `K`.
    pub hits: usize,
}

/// Positions of a sample of items in the model's own spaces of the scored width.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MapRecord {
    /// The items.
    pub items: Vec<ItemName>,
    /// The spaces, `final`, `id`, `mm` before others.
    pub spaces: Vec<MapSpace>,
}

/// The sample's rows of one space.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MapSpace {
    /// The space.
    pub name: String,
    /// A row for each item of the sample.
    pub positions: Vec<Vec<f32>>,
}

/// An item as a person knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemName {
    /// The item's number.
    pub item: u32,
    /// The item's external id, else its number.
    pub id: String,
    /// The item's title, where known.
    pub title: Option<String>,
}

/// The nearest neighbours of one item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExampleRecord {
    /// The item.
    pub of: ItemName,
    /// The item's training pairs.
    pub degree: usize,
    /// The item's neighbours in some spaces.
    pub spaces: Vec<ExampleSpace>,
}

/// Neighbours in one space, best first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExampleSpace {
    /// The space.
    pub name: String,
    /// The neighbours, each with its cosine.
    pub neighbours: Vec<(ItemName, f64)>,
}

/// What every user got, `seed-<s>.users.json`: for tests that pair users, and for comparing the lists of two models.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UserResults {
    /// SHA-256 of the weights that ranked.
    pub weights_sha256: String,
    /// Users with a test pair, ascending.
    pub users: Vec<u32>,
    /// Recall@20 on test of each.
    pub recall: Vec<f64>,
    /// NDCG@20 on test of each.
    pub ndcg: Vec<f64>,
    /// The first 20 of each.
    pub top: Vec<Vec<u32>>,
}
