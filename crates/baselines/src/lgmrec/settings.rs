//! Hyper-parameters of LGMRec; the defaults are those of MMRec's file, which are the authors' for Baby.

use anchorrec_recommender::setting::{SettingError, at_least_one, layers, not_negative, positive, share, width};
use serde::{Deserialize, Serialize};

/// Hyper-parameters of [`LgmRec`](super::LgmRec).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Width of the embeddings and of the projected features, `D`.
    pub embedding_dim: usize,
    /// Layers over users and items of the embeddings.
    pub id_layers: usize,
    /// Layers over users and items of the projected features, `n`.
    pub local_layers: usize,
    /// Passes over the hypergraphs.
    pub hypergraph_layers: usize,
    /// Hyperedges of each modality, `K`.
    pub hyperedges: usize,
    /// The share of the memberships that a step drops.
    pub dropout: f64,
    /// `α`, what the global part counts.
    pub global_weight: f64,
    /// `τ` of the memberships and of HCL.
    pub temperature: f64,
    /// Whether evaluation draws Gumbel noise, as published, under a fixed key.
    pub gumbel_at_evaluation: bool,
    /// Weights of the terms.
    pub weights: TermWeights,
}

/// Weights of the terms of the objective; BPR has weight 1. A term of weight 0 is not computed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TermWeights {
    /// `λ_align`, of the contrast between the hypergraphs.
    pub align: f64,
    /// Weight of the regularisation, `λ_reg`.
    pub reg: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            embedding_dim: 64,
            id_layers: 2,
            local_layers: 2,
            hypergraph_layers: 1,
            hyperedges: 4,
            dropout: 0.5,
            global_weight: 0.3,
            temperature: 0.2,
            gumbel_at_evaluation: true,
            weights: TermWeights::default(),
        }
    }
}

impl Default for TermWeights {
    fn default() -> Self {
        TermWeights { align: 1e-4, reg: 1e-6 }
    }
}

impl Settings {
    /// Checks that a model can be made of these settings.
    pub fn check(&self) -> Result<(), SettingError> {
        width("lgmrec.embedding_dim", self.embedding_dim)?;
        layers("lgmrec.id_layers", self.id_layers)?;
        layers("lgmrec.local_layers", self.local_layers)?;
        at_least_one("lgmrec.hypergraph_layers", self.hypergraph_layers)?;
        layers("lgmrec.hypergraph_layers", self.hypergraph_layers)?;
        width("lgmrec.hyperedges", self.hyperedges)?;
        share("lgmrec.dropout", self.dropout)?;
        not_negative("lgmrec.global_weight", self.global_weight)?;
        positive("lgmrec.temperature", self.temperature)?;
        not_negative("lgmrec.weights.align", self.weights.align)?;
        not_negative("lgmrec.weights.reg", self.weights.reg)
    }
}
