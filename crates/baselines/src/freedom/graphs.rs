//! The graphs of a data set: built once from the training split and the raw features, frozen afterwards.

use super::Settings;
use anchorrec_graph::user_item::DegreeOffset;
use anchorrec_graph::{ItemGraph, UserItemGraph, nearest_by_cosine};
use anchorrec_kernels::Real;
use ndarray::Array2;
use std::sync::Arc;

/// Everything sparse that a model multiplies by but the graph that it draws for an epoch.
#[derive(Clone, Debug)]
pub struct Graphs<F> {
    /// `R̂` of all training pairs, and its transpose: for evaluation, and what training graphs are drawn from.
    pub user_item: Arc<UserItemGraph<F>>,
    /// `S` and its transpose; absent with both modalities.
    pub items: Option<ItemGraph<F>>,
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
        text: Option<&Array2<F>>,
        vision: Option<&Array2<F>>,
        settings: &Settings,
    ) -> Self {
        let graph_of = |name: &str, features: &Array2<F>| {
            assert_eq!(features.nrows(), items, "{name} features have {} rows for {items} items", features.nrows());
            ItemGraph::unweighted(&nearest_by_cosine(features, settings.neighbours))
        };
        let (text, vision) = (text.map(|x| graph_of("text", x)), vision.map(|x| graph_of("vision", x)));
        let items_graph = match (&text, &vision) {
            (Some(text), Some(vision)) => {
                let share = settings.vision_weight;
                Some(ItemGraph::weighted_sum(&[(F::of(share), vision), (F::of(1.0 - share), text)]))
            }
            _ => text.or(vision),
        };
        Graphs { user_item: Arc::new(UserItemGraph::new(users, items, pairs, DegreeOffset::Tiny)), items: items_graph }
    }
}
