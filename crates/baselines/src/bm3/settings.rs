//! Hyper-parameters of BM3.

use anchorrec_recommender::setting::{SettingError, layers, not_negative, share, width};
use serde::{Deserialize, Serialize};

/// Hyper-parameters of [`Bm3`](super::Bm3). MMRec's grid: 1 or 2 layers, `λ` 0.1 or 0.01, dropout 0.3 or 0.5; the defaults are the
/// first of each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Width of the embeddings, `D`.
    pub embedding_dim: usize,
    /// Number of layers, `L`.
    pub layers: usize,
    /// `p`, the share of a target's elements that is dropped.
    pub dropout: f64,
    /// Weight of the regularisation, `λ`.
    pub reg: f64,
    /// `w`, the weight of the terms of the modalities.
    pub align: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { embedding_dim: 64, layers: 1, dropout: 0.3, reg: 0.1, align: 2.0 }
    }
}

impl Settings {
    /// Checks that a model can be made of these settings.
    pub fn check(&self) -> Result<(), SettingError> {
        width("bm3.embedding_dim", self.embedding_dim)?;
        layers("bm3.layers", self.layers)?;
        share("bm3.dropout", self.dropout)?;
        not_negative("bm3.reg", self.reg)?;
        not_negative("bm3.align", self.align)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_is_kept() {
        assert_eq!(Settings::default().check(), Ok(()));
        let error = Settings { dropout: 1.0, ..Settings::default() }.check().unwrap_err();
        assert_eq!(error.key, "bm3.dropout");
    }
}
