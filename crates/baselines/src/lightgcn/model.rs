//! The model: embeddings over the interaction graph.

use super::Settings;
use anchorrec_encoders::{IdEncoder, Params};
use anchorrec_graph::UserItemGraph;
use anchorrec_kernels::Real;
use anchorrec_recommender::SettingError;
use rand::Rng;
use std::sync::Arc;

/// LightGCN: embeddings of users and items over the interaction graph.
#[derive(Clone, Debug)]
pub struct LightGcn<F> {
    pub(super) settings: Settings,
    pub(super) params: Params<F>,
    /// `Â`, with the degree offset `Tiny`.
    pub(super) graph: Arc<UserItemGraph<F>>,
    /// `E` and the mean of its layers.
    pub(super) id: IdEncoder,
}

impl<F: Real> LightGcn<F> {
    /// Makes a model with fresh weights; `graph` has the degree offset `Tiny`.
    ///
    /// # Errors
    /// When a setting cannot work.
    pub fn new(settings: &Settings, graph: Arc<UserItemGraph<F>>, rng: &mut impl Rng) -> Result<Self, SettingError> {
        settings.check()?;
        let mut params = Params::new();
        let (users, items) = (graph.users(), graph.items());
        let id = IdEncoder::new(&mut params, users, items, settings.embedding_dim, settings.layers, rng);
        Ok(LightGcn { settings: settings.clone(), params, graph, id })
    }
}
