//! Hyper-parameters of LightGCN.

use anchorrec_recommender::setting::{SettingError, layers, not_negative, width};
use serde::{Deserialize, Serialize};

/// Hyper-parameters of [`LightGcn`](super::LightGcn).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Width of the embeddings, `D`.
    pub embedding_dim: usize,
    /// Number of layers, `L`.
    pub layers: usize,
    /// Weight of the regularisation, `λ`.
    pub reg: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { embedding_dim: 64, layers: 2, reg: 1e-3 }
    }
}

impl Settings {
    /// Checks that a model can be made of these settings.
    pub fn check(&self) -> Result<(), SettingError> {
        width("lightgcn.embedding_dim", self.embedding_dim)?;
        layers("lightgcn.layers", self.layers)?;
        not_negative("lightgcn.reg", self.reg)
    }
}
