//! The graphs of a data set: built once from the training split and the raw features, frozen afterwards.

use anchorrec_graph::user_item::DegreeOffset;
use anchorrec_graph::{ItemGraph, UserItemGraph, nearest_by_cosine};
use anchorrec_kernels::Real;
use ndarray::Array2;

/// Everything sparse that a model multiplies by.
#[derive(Clone, Debug)]
pub struct Graphs<F> {
    /// `R̂` and its transpose.
    pub user_item: UserItemGraph<F>,
    /// `S_mm` and its transpose; absent with the fused features.
    pub mm: Option<ItemGraph<F>>,
}

impl<F: Real> Graphs<F> {
    /// Builds the graphs from `(user, item)` training pairs and the raw fused features `[I, F_mm]`, with `neighbours` per item, itself included.
    ///
    /// # Panics
    /// When a pair is outside `users x items`, the features have not `items` rows, or there is to be no neighbour.
    pub fn new(
        users: usize,
        items: usize,
        pairs: &[(u32, u32)],
        features: Option<&Array2<F>>,
        neighbours: usize,
    ) -> Self {
        let mm = features.map(|features| {
            assert_eq!(features.nrows(), items, "mm features have {} rows for {items} items", features.nrows());
            ItemGraph::new(&nearest_by_cosine(features, neighbours))
        });
        Graphs { user_item: UserItemGraph::new(users, items, pairs, DegreeOffset::None), mm }
    }
}
