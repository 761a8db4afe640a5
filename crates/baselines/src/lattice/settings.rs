//! Hyper-parameters of LATTICE.

use anchorrec_recommender::setting::{SettingError, at_least_one, layers, not_negative, width, within};
use serde::{Deserialize, Serialize};

/// Hyper-parameters of [`Lattice`](super::Lattice).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Width of the embeddings and of the projected features, `D`.
    pub embedding_dim: usize,
    /// `L`, layers over users and items.
    pub id_layers: usize,
    /// `n`, propagation steps over the learned item graph.
    pub item_layers: usize,
    /// `k`, neighbours of an item in its graphs, itself included.
    pub neighbours: usize,
    /// `λ`, the share of the frozen graphs in the item graph; the rest is learned.
    pub frozen_share: f64,
    /// `λ_reg`; the default is that of the authors' own repository.
    pub reg: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { embedding_dim: 64, id_layers: 2, item_layers: 1, neighbours: 10, frozen_share: 0.9, reg: 1e-5 }
    }
}

impl Settings {
    /// Checks that a model can be made of these settings.
    pub fn check(&self) -> Result<(), SettingError> {
        width("lattice.embedding_dim", self.embedding_dim)?;
        layers("lattice.id_layers", self.id_layers)?;
        at_least_one("lattice.item_layers", self.item_layers)?;
        layers("lattice.item_layers", self.item_layers)?;
        at_least_one("lattice.neighbours", self.neighbours)?;
        within("lattice.frozen_share", self.frozen_share, 0.0, 1f64.next_up(), "a share from 0 to 1")?;
        not_negative("lattice.reg", self.reg)
    }
}
