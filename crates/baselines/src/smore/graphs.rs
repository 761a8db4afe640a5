//! The graphs of a data set: built once from the training split and the raw features, frozen afterwards.

use super::Settings;
use anchorrec_graph::user_item::DegreeOffset;
use anchorrec_graph::{ItemGraph, UserItemGraph, nearest_by_cosine};
use anchorrec_kernels::Real;
use ndarray::Array2;

/// Everything sparse that a model multiplies by.
#[derive(Clone, Debug)]
pub struct Graphs<F> {
    /// `R̂` and its transpose.
    pub user_item: UserItemGraph<F>,
    /// `S_v`, `S_t` and `S_f`, in this order; absent without one of the modalities.
    pub items: Option<[ItemGraph<F>; 3]>,
}

impl<F: Real> Graphs<F> {
    /// Builds the graphs from `(user, item)` training pairs and raw features `[I, F_m]`, each with its number of neighbours.
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
        let graph_of = |name: &str, features: &Array2<F>, neighbours| {
            assert_eq!(features.nrows(), items, "{name} features have {} rows for {items} items", features.nrows());
            ItemGraph::new(&nearest_by_cosine(features, neighbours))
        };
        let item_graphs = vision.zip(text).map(|(vision, text)| {
            let vision = graph_of("vision", vision, settings.vision_neighbours);
            let text = graph_of("text", text, settings.text_neighbours);
            let fusion = ItemGraph::larger(&vision, &text);
            [vision, text, fusion]
        });
        Graphs { user_item: UserItemGraph::new(users, items, pairs, DegreeOffset::None), items: item_graphs }
    }
}
