//! Hyper-parameters of VBPR.

use anchorrec_recommender::setting::{SettingError, not_negative, width};
use serde::{Deserialize, Serialize};

/// Hyper-parameters of [`Vbpr`](super::Vbpr).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// `D`: of an item's embedding and of its content; users have `2D`.
    pub embedding_dim: usize,
    /// `λ`; the default is the middle of MMRec's grid, 2, 1, 0.1, ..., 1e-5.
    pub reg: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { embedding_dim: 64, reg: 0.01 }
    }
}

impl Settings {
    /// Checks that a model can be made of these settings.
    pub fn check(&self) -> Result<(), SettingError> {
        width("vbpr.embedding_dim", self.embedding_dim)?;
        not_negative("vbpr.reg", self.reg)
    }
}
