//! The graphs of a data set: built once from the training split and the raw features, frozen afterwards.

use crate::{Modalities, Modality};
use anchorrec_graph::user_item::DegreeOffset;
use anchorrec_graph::{ItemGraph, UserItemGraph, nearest_by_cosine};
use anchorrec_kernels::Real;
use anchorrec_losses::EdgeSmoothness;
use ndarray::Array2;

/// Everything sparse that a model multiplies by.
#[derive(Clone, Debug)]
pub struct Graphs<F> {
    /// `R̂` and its transpose.
    pub user_item: UserItemGraph<F>,
    /// `S_m` and its transpose.
    pub items: Modalities<ItemGraph<F>>,
    /// The edges of `S_mm`, prepared for SMO; absent with the anchor.
    pub smoothness: Option<EdgeSmoothness<F>>,
}

impl<F: Real> Graphs<F> {
    /// From `(user, item)` training pairs and raw features `[I, F_m]`, `neighbours` per item, itself included.
    ///
    /// # Panics
    /// When a pair is outside `users x items`, features have not `items` rows, or `neighbours` is 0.
    pub fn new(
        users: usize,
        items: usize,
        pairs: &[(u32, u32)],
        features: Modalities<&Array2<F>>,
        neighbours: usize,
    ) -> Self {
        let graph_of = |modality: Modality, features: &Array2<F>| {
            let rows = features.nrows();
            assert_eq!(rows, items, "{} features have {rows} rows for {items} items", modality.name());
            ItemGraph::new(&nearest_by_cosine(features, neighbours))
        };
        let items_graphs = features.map(graph_of);
        Graphs {
            user_item: UserItemGraph::new(users, items, pairs, DegreeOffset::None),
            smoothness: items_graphs.mm.as_ref().map(|graph| EdgeSmoothness::new(&graph.forward)),
            items: items_graphs,
        }
    }
}
