//! The graphs of a data set: built once from the training split and the raw features, frozen afterwards.

use super::Settings;
use anchorrec_graph::{ItemGraph, NeighbourhoodMean, nearest_by_cosine};
use anchorrec_kernels::Real;
use ndarray::Array2;

/// Everything sparse that a model multiplies by but the item graph that it learns.
#[derive(Clone, Debug)]
pub struct Graphs<F> {
    /// The user-item graph `N`.
    pub user_item: NeighbourhoodMean<F>,
    /// The frozen image graph `O_v`; absent with the image features.
    pub vision: Option<ItemGraph<F>>,
    /// The frozen text graph `O_t`; absent with the text features.
    pub text: Option<ItemGraph<F>>,
}

impl<F: Real> Graphs<F> {
    /// Builds the graphs from `(user, item)` training pairs and raw features `[I, F_m]`.
    ///
    /// # Panics
    /// When a pair is outside `users x items`, features have not `items` rows, or there is to be no neighbour.
    pub fn new(
        users: usize,
        items: usize,
        pairs: &[(u32, u32)],
        vision: Option<&Array2<F>>,
        text: Option<&Array2<F>>,
        settings: &Settings,
    ) -> Self {
        let graph_of = |name: &str, features: &Array2<F>| {
            assert_eq!(features.nrows(), items, "{name} features have {} rows for {items} items", features.nrows());
            ItemGraph::new(&nearest_by_cosine(features, settings.neighbours))
        };
        Graphs {
            user_item: NeighbourhoodMean::new(users, items, pairs),
            vision: vision.map(|features| graph_of("vision", features)),
            text: text.map(|features| graph_of("text", features)),
        }
    }
}
