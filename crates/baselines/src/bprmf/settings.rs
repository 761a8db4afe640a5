//! Hyper-parameters of BPR-MF.

use anchorrec_recommender::setting::{SettingError, not_negative, width};
use serde::{Deserialize, Serialize};

/// Hyper-parameters of [`BprMf`](super::BprMf).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The width of all embeddings, `D`.
    pub embedding_dim: usize,
    /// The weight of the norms, `λ`: one for users and items.
    pub reg: f64,
    /// The form of the objective.
    pub objective: Objective,
}

/// The form of BPR-MF's objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Objective {
    /// The paper's: the logarithm of the sigmoid as it is, squared norms.
    Paper,
    /// MMRec's: `1e-10` inside of the logarithm, norms that are not squared.
    Mmrec,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { embedding_dim: 64, reg: 1e-3, objective: Objective::Paper }
    }
}

impl Settings {
    /// Checks that a model can be made of these settings.
    ///
    /// # Errors
    /// The first value that cannot work.
    pub fn check(&self) -> Result<(), SettingError> {
        width("bprmf.embedding_dim", self.embedding_dim)?;
        not_negative("bprmf.reg", self.reg)
    }
}
