//! Hyper-parameters of AlignRec; which defaults are published is in the [module](super).

use anchorrec_recommender::setting::{SettingError, at_least_one, layers, not_negative, positive, width};
use serde::{Deserialize, Serialize};

/// Hyper-parameters of [`AlignRec`](super::AlignRec).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Width of the embeddings, `D`.
    pub embedding_dim: usize,
    /// Layers of the ID encoder.
    pub id_layers: usize,
    /// `L`, propagation steps over the item graph.
    pub item_layers: usize,
    /// `k`, neighbours of an item in its graph, itself included.
    pub neighbours: usize,
    /// `τ` of both InfoNCE terms.
    pub temperature: f64,
    /// What SIM compares with.
    pub targets: Targets,
    /// Weights of the terms.
    pub weights: TermWeights,
}

/// What the target of SIM is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Targets {
    /// The trained features of this moment, without gradient: what the published code does (its raw and its trainable features are one
    /// storage).
    Shared,
    /// The raw features, for ever.
    Frozen,
}

/// Weights of the terms of the objective; BPR has weight 1. A term of weight 0 is not computed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TermWeights {
    /// `λ_align`, of content and ID.
    pub align: f64,
    /// `λ_ui`, of users and items.
    pub ui: f64,
    /// Weight of the similarity term, `λ_sim`.
    pub sim: f64,
    /// Weight of the regularisation, `λ_reg`.
    pub reg: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            embedding_dim: 64,
            id_layers: 2,
            item_layers: 1,
            neighbours: 10,
            temperature: 0.2,
            targets: Targets::Shared,
            weights: TermWeights::default(),
        }
    }
}

impl Default for TermWeights {
    fn default() -> Self {
        TermWeights { align: 0.01, ui: 0.1, sim: 0.1, reg: 1e-4 }
    }
}

impl Settings {
    /// Checks that a model can be made of these settings.
    pub fn check(&self) -> Result<(), SettingError> {
        width("alignrec.embedding_dim", self.embedding_dim)?;
        layers("alignrec.id_layers", self.id_layers)?;
        layers("alignrec.item_layers", self.item_layers)?;
        at_least_one("alignrec.neighbours", self.neighbours)?;
        positive("alignrec.temperature", self.temperature)?;
        not_negative("alignrec.weights.align", self.weights.align)?;
        not_negative("alignrec.weights.ui", self.weights.ui)?;
        not_negative("alignrec.weights.sim", self.weights.sim)?;
        not_negative("alignrec.weights.reg", self.weights.reg)
    }
}
