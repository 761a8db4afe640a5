//! The model assembled: its weights, and the forward pass to the embeddings that are scored.

use super::{Graphs, Settings};
use anchorrec_encoders::{IdEncoder, Params};
use anchorrec_kernels::Real;
use anchorrec_recommender::{Embeddings, SettingError};
use ndarray::Array2;
use rand::Rng;
use std::sync::Arc;

/// DA-MRS: embeddings over the interaction graph and over denoised item graphs.
#[derive(Clone, Debug)]
pub struct DaMrs<F> {
    pub(super) settings: Settings,
    pub(super) params: Params<F>,
    pub(super) graphs: Arc<Graphs<F>>,
    pub(super) id: IdEncoder,
}

impl<F: Real> DaMrs<F> {
    /// Makes a model with fresh weights.
    ///
    /// # Errors
    /// When a setting cannot work.
    pub fn new(settings: &Settings, graphs: Arc<Graphs<F>>, rng: &mut impl Rng) -> Result<Self, SettingError> {
        settings.check()?;
        let (users, items) = (graphs.user_item.users(), graphs.user_item.items());
        let mut params = Params::new();
        let id = IdEncoder::new(&mut params, users, items, settings.embedding_dim, settings.id_layers, rng);
        Ok(DaMrs { settings: settings.clone(), params, graphs, id })
    }

    /// Returns the graphs, which training does not change.
    pub fn graphs(&self) -> &Graphs<F> {
        &self.graphs
    }

    /// Propagates `E_i` over each item graph: `h_m = G_m^n E_i` of all items, `[I, D]`.
    pub fn by_graph(&self) -> Vec<Array2<F>> {
        let e_items = &self.params[self.id.items];
        let layers = self.settings.item_layers;
        self.graphs.items.iter().map(|graph| graph.whole(layers).propagate(e_items.clone())).collect()
    }

    /// Computes `C` of all users and items, `([U, D], [I, D])`.
    pub fn collaborative(&self) -> (Array2<F>, Array2<F>) {
        self.id.all(&self.params, &self.graphs.user_item)
    }

    /// `z` of all users and items.
    pub(super) fn final_embeddings(&self) -> Embeddings<F> {
        let (users, mut items) = self.collaborative();
        items += &mean(&self.by_graph());
        Embeddings { users, items }
    }
}

/// The mean of tables of one shape.
pub(super) fn mean<F: Real>(tables: &[Array2<F>]) -> Array2<F> {
    let (first, others) = tables.split_first().expect("one table or more");
    let sum = others.iter().fold(first.clone(), |sum, table| sum + table);
    sum / F::of(tables.len() as f64)
}
