//! What is made of a data set once and never changes: both forms of the interaction graph, and the frozen features.

use anchorrec_graph::UserItemGraph;
use anchorrec_graph::user_item::DegreeOffset;
use anchorrec_kernels::Real;
use anchorrec_recommender::TrainingSet;
use ndarray::{Array1, Array2};

/// What a model multiplies by and does not train.
#[derive(Clone, Debug)]
pub struct Graphs<F> {
    /// `N`: its blocks, each entry `1/√((d_u + 1e-7)(d_i + 1e-7))`.
    pub user_item: UserItemGraph<F>,
    /// `R` and its transpose: 1 for each training pair.
    pub pairs: UserItemGraph<F>,
    /// `q_u = 1/(d_u + 1e-7)`, `[U]`.
    pub mean_factors: Array1<F>,
    /// `F_v`, `F_t`, `[I, F_m]` each, by the names of their parameters; those that there are.
    pub features: Vec<(&'static str, Array2<F>)>,
}

impl<F: Real> Graphs<F> {
    /// Builds the graphs from the training pairs and the raw features of images and texts.
    ///
    /// # Panics
    /// When a pair is outside `users x items`, or features have not `items` rows.
    pub fn new(set: &TrainingSet<F>) -> Self {
        let user_item = UserItemGraph::new(set.users, set.items, set.pairs, DegreeOffset::Tiny);
        let pairs = UserItemGraph {
            users_to_items: user_item.users_to_items.map(|_| F::one()),
            items_to_users: user_item.items_to_users.map(|_| F::one()),
        };
        let degrees = pairs.users_to_items.outer_iterator().map(|row| row.nnz() as f64);
        let mean_factors = degrees.map(|degree| F::of(1.0 / (degree + 1e-7))).collect();
        let given = [("vision", set.features.vision), ("text", set.features.text)];
        let features = given.into_iter().filter_map(|(name, features)| {
            let features = features?;
            assert_eq!(
                features.nrows(),
                set.items,
                "{name} features have {} rows for {} items",
                features.nrows(),
                set.items
            );
            Some((name, features.clone()))
        });
        Graphs { features: features.collect(), user_item, pairs, mean_factors }
    }
}
