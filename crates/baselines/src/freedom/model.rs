//! The model assembled: its weights, the graph it trains on in this epoch, and the embeddings that are scored.

use super::{Graphs, Settings};
use anchorrec_encoders::{FeatureLayer, IdEncoder, Params};
use anchorrec_graph::UserItemGraph;
use anchorrec_graph::user_item::DegreeOffset;
use anchorrec_kernels::Real;
use anchorrec_recommender::{Embeddings, SettingError};
use ndarray::Array2;
use rand::Rng;
use std::sync::Arc;

/// FREEDOM: embeddings over a pruned interaction graph and a frozen item graph.
#[derive(Clone, Debug)]
pub struct Freedom<F> {
    pub(super) settings: Settings,
    pub(super) params: Params<F>,
    pub(super) graphs: Arc<Graphs<F>>,
    /// `R̂` of this epoch's edges.
    pub(super) training: Arc<UserItemGraph<F>>,
    pub(super) id: IdEncoder,
    /// `Lin_text(X_text)`: text in the space of the users.
    pub(super) text: Option<FeatureLayer>,
    /// The image features and their layer, where there are some.
    pub(super) vision: Option<FeatureLayer>,
}

impl<F: Real> Freedom<F> {
    /// Makes a model with fresh weights, which trains on all edges until an epoch begins; `text` and `vision` are the raw tables `[I, F_m]`.
    ///
    /// # Errors
    /// When a setting cannot work.
    ///
    /// # Panics
    /// When the graphs and the features disagree on whether there are any, or on the number of items.
    pub fn new(
        settings: &Settings,
        graphs: Arc<Graphs<F>>,
        text: Option<&Array2<F>>,
        vision: Option<&Array2<F>>,
        rng: &mut impl Rng,
    ) -> Result<Self, SettingError> {
        settings.check()?;
        let (users, items) = (graphs.user_item.users(), graphs.user_item.items());
        assert_eq!(text.or(vision).is_some(), graphs.items.is_some(), "features and a graph of them");
        for (name, features) in [("text", text), ("vision", vision)] {
            let rows = features.map_or(items, |f| f.nrows());
            assert_eq!(rows, items, "{name}: feature rows and items");
        }
        let mut params = Params::new();
        let width = settings.embedding_dim;
        let id = IdEncoder::new(&mut params, users, items, width, settings.id_layers, rng);
        let mut projection = |name: &str, features: Option<&Array2<F>>| {
            features.map(|features| FeatureLayer::new(&mut params, name, features.clone(), width, rng))
        };
        let (text, vision) = (projection("text", text), projection("vision", vision));
        let training = graphs.user_item.clone();
        Ok(Freedom { settings: settings.clone(), params, graphs, training, id, text, vision })
    }

    /// Trains on the edges `pairs` alone until the next epoch begins.
    ///
    /// # Panics
    /// When a pair is outside `U x I`.
    pub fn train_on(&mut self, pairs: &[(u32, u32)]) {
        let full = &self.graphs.user_item;
        self.training = Arc::new(UserItemGraph::new(full.users(), full.items(), pairs, DegreeOffset::Tiny));
    }

    /// Returns the graphs, which stay the same from epoch to epoch.
    pub fn graphs(&self) -> &Graphs<F> {
        &self.graphs
    }

    /// Returns the graph of this epoch's edges.
    pub fn training_graph(&self) -> &UserItemGraph<F> {
        &self.training
    }

    /// `z` of all users and items over a user-item graph: that of the epoch, or the full one.
    pub fn embeddings_over(&self, graph: &UserItemGraph<F>) -> Embeddings<F> {
        let (users, mut items) = self.id.all(&self.params, graph);
        if let Some(content) = self.content() {
            items += &content;
        }
        Embeddings { users, items }
    }

    /// `S^L E_i` of all items, `[I, D]`.
    pub(super) fn content(&self) -> Option<Array2<F>> {
        let graph = self.graphs.items.as_ref()?;
        Some(graph.whole(self.settings.item_layers).propagate(self.params[self.id.items].clone()))
    }
}
