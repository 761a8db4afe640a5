//! Hyper-parameters of SMORE; the defaults are the authors' best on Sports where it is within their grid.

use anchorrec_recommender::setting::{SettingError, at_least_one, layers, not_negative, positive, share, width};
use serde::{Deserialize, Serialize};

/// Hyper-parameters of [`Smore`](super::Smore).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Width of the embeddings, `D`.
    pub embedding_dim: usize,
    /// Layers over users and items.
    pub id_layers: usize,
    /// `L`, propagation steps over the item graphs.
    pub item_layers: usize,
    /// Neighbours of an item in the graph of images, itself included.
    pub vision_neighbours: usize,
    /// Neighbours of an item in the graph of texts, itself included.
    pub text_neighbours: usize,
    /// The share of the preferences that a step drops.
    pub dropout: f64,
    /// `τ` of both InfoNCE terms.
    pub temperature: f64,
    /// Weights of the terms.
    pub weights: TermWeights,
}

/// Weights of the terms of the objective; BPR has weight 1. A term of weight 0 is not computed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TermWeights {
    /// `λ_align`, of content and ID.
    pub align: f64,
    /// Weight of the regularisation, `λ_reg`.
    pub reg: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            embedding_dim: 64,
            id_layers: 3,
            item_layers: 1,
            vision_neighbours: 10,
            text_neighbours: 10,
            dropout: 0.0,
            temperature: 0.2,
            weights: TermWeights::default(),
        }
    }
}

impl Default for TermWeights {
    fn default() -> Self {
        TermWeights { align: 0.01, reg: 1e-4 }
    }
}

impl Settings {
    /// Checks that a model can be made of these settings.
    pub fn check(&self) -> Result<(), SettingError> {
        width("smore.embedding_dim", self.embedding_dim)?;
        layers("smore.id_layers", self.id_layers)?;
        layers("smore.item_layers", self.item_layers)?;
        at_least_one("smore.vision_neighbours", self.vision_neighbours)?;
        at_least_one("smore.text_neighbours", self.text_neighbours)?;
        share("smore.dropout", self.dropout)?;
        positive("smore.temperature", self.temperature)?;
        not_negative("smore.weights.align", self.weights.align)?;
        not_negative("smore.weights.reg", self.weights.reg)
    }
}
