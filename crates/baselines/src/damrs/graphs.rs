//! The graphs of a data set: built once from the training split and the raw features, frozen afterwards.

use super::Settings;
use anchorrec_graph::user_item::DegreeOffset;
use anchorrec_graph::{Agreeing, ItemGraph, UserItemGraph, agreeing_neighbours, neighbours_by_users};
use anchorrec_kernels::Real;
use ndarray::Array2;

/// Everything sparse that a model multiplies by.
#[derive(Clone, Debug)]
pub struct Graphs<F> {
    /// The user-item graph `R̂`, and its transpose.
    pub user_item: UserItemGraph<F>,
    /// The item graphs `G_m` in order: image, text (where they are there), behaviour.
    pub items: Vec<ItemGraph<F>>,
    /// What the denoising found; absent without image and text.
    pub agreeing: Option<Agreeing<F>>,
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
        for (name, features) in [("vision", vision), ("text", text)] {
            let rows = features.map_or(items, |f| f.nrows());
            assert_eq!(rows, items, "{name} features have {rows} rows for {items} items");
        }
        let tables: Vec<&Array2<F>> = [vision, text].into_iter().flatten().collect();
        let agreeing = (!tables.is_empty()).then(|| agreeing_neighbours(&tables, settings.neighbours));
        let of_content = agreeing.iter().flat_map(|agreeing| &agreeing.neighbours);
        let behaviour = neighbours_by_users(users, items, pairs, settings.behaviour_neighbours);
        let graphs = of_content.chain([&behaviour]).map(ItemGraph::unweighted).collect();
        let user_item = UserItemGraph::new(users, items, pairs, DegreeOffset::Tiny);
        Graphs { user_item, items: graphs, agreeing }
    }
}
