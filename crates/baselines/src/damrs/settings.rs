//! Hyper-parameters of DA-MRS.

use anchorrec_recommender::setting::{SettingError, at_least_one, layers, not_negative, positive, width};
use serde::{Deserialize, Serialize};

/// Hyper-parameters of [`DaMrs`](super::DaMrs).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Width of the embeddings, `D`.
    pub embedding_dim: usize,
    /// Layers over users and items.
    pub id_layers: usize,
    /// `n`, propagation steps over the item graphs.
    pub item_layers: usize,
    /// `k`, neighbours of an item in the graphs of image and text at most, itself included.
    pub neighbours: usize,
    /// `K_s`, neighbours of an item in the behaviour graph at most, itself not included.
    pub behaviour_neighbours: usize,
    /// Items that all graphs call near an item, `P` of the discrimination.
    pub near: usize,
    /// Items that come next to them, `Q` of the discrimination.
    pub next: usize,
    /// `τ` of the discrimination.
    pub temperature: f64,
    /// How the graphs' opinions become weights of the feedback.
    pub exponents: Exponents,
    /// Weights of the terms beside the ranking.
    pub weights: TermWeights,
}

/// Exponents in the weights of the feedback, as released; the logs of the published runs list 1.5, 1.5 and 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Exponents {
    /// `a`, of the mean opinion.
    pub mean: f64,
    /// `b`, of `exp(-variance)`.
    pub agreement: f64,
    /// `c`, of how far the best opinion is above that of negatives.
    pub doubt: f64,
}

/// Weights of the terms in the objective.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TermWeights {
    /// `λ_nd`, of the neighbour discrimination.
    pub nd: f64,
    /// `λ_kl`, of the alignment of users.
    pub kl: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            embedding_dim: 64,
            id_layers: 2,
            item_layers: 1,
            neighbours: 10,
            behaviour_neighbours: 2,
            near: 10,
            next: 10,
            temperature: 0.2,
            exponents: Exponents::default(),
            weights: TermWeights::default(),
        }
    }
}

impl Default for Exponents {
    fn default() -> Self {
        Exponents { mean: 1.0, agreement: 2.0, doubt: 1.0 }
    }
}

impl Default for TermWeights {
    fn default() -> Self {
        TermWeights { nd: 1e-3, kl: 1.0 }
    }
}

/// The lowest temperature: `exp(1/τ)` must be a number that a sum over all items can hold, in `f32` too.
const COLDEST: f64 = 0.02;

impl Settings {
    /// Checks that a model can be made of these settings.
    pub fn check(&self) -> Result<(), SettingError> {
        width("damrs.embedding_dim", self.embedding_dim)?;
        layers("damrs.id_layers", self.id_layers)?;
        layers("damrs.item_layers", self.item_layers)?;
        at_least_one("damrs.neighbours", self.neighbours)?;
        at_least_one("damrs.near", self.near)?;
        at_least_one("damrs.next", self.next)?;
        positive("damrs.temperature", self.temperature)?;
        if self.temperature < COLDEST {
            let expected = "a number from 0.02 on (exp(1/temperature) overflows below)";
            return Err(SettingError::new("damrs.temperature", expected, self.temperature));
        }
        not_negative("damrs.exponents.mean", self.exponents.mean)?;
        not_negative("damrs.exponents.agreement", self.exponents.agreement)?;
        not_negative("damrs.exponents.doubt", self.exponents.doubt)?;
        not_negative("damrs.weights.nd", self.weights.nd)?;
        not_negative("damrs.weights.kl", self.weights.kl)
    }
}
