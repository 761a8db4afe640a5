//! Hyper-parameters of FREEDOM; the defaults are MMRec's, `dropout` and `reg` out of its grids (0.8, 0.9; 0 to 1e-3).

use anchorrec_recommender::setting::{SettingError, at_least_one, layers, not_negative, share, width};
use serde::{Deserialize, Serialize};

/// Hyper-parameters of [`Freedom`](super::Freedom).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Width of the embeddings, `D`.
    pub embedding_dim: usize,
    /// Layers over users and items.
    pub id_layers: usize,
    /// `L`, propagation steps over the item graph.
    pub item_layers: usize,
    /// `k`, neighbours of an item in its graphs, itself included.
    pub neighbours: usize,
    /// `w`, the share of vision in the item graph; the rest is text.
    pub vision_weight: f64,
    /// `ρ`, the share of the user-item edges that an epoch does not see.
    pub dropout: f64,
    /// `λ`, of the terms of the features.
    pub reg: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            embedding_dim: 64,
            id_layers: 2,
            item_layers: 1,
            neighbours: 10,
            vision_weight: 0.1,
            dropout: 0.8,
            reg: 1e-3,
        }
    }
}

impl Settings {
    /// Checks that a model can be made of these settings.
    pub fn check(&self) -> Result<(), SettingError> {
        width("freedom.embedding_dim", self.embedding_dim)?;
        layers("freedom.id_layers", self.id_layers)?;
        layers("freedom.item_layers", self.item_layers)?;
        at_least_one("freedom.neighbours", self.neighbours)?;
        share("freedom.vision_weight", self.vision_weight)?;
        share("freedom.dropout", self.dropout)?;
        not_negative("freedom.reg", self.reg)
    }
}
