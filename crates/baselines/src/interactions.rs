//! The user-item graph of a training set, in the form that MMRec's models share.

use anchorrec_graph::UserItemGraph;
use anchorrec_graph::user_item::DegreeOffset;
use anchorrec_kernels::Real;
use anchorrec_recommender::TrainingSet;
use std::sync::Arc;

/// Makes `R̂` of all training pairs, degrees with MMRec's offset `1e-7`: what models without another graph share among seeds.
pub(crate) fn user_item_graph<F: Real>(set: &TrainingSet<F>) -> Arc<UserItemGraph<F>> {
    Arc::new(UserItemGraph::new(set.users, set.items, set.pairs, DegreeOffset::Tiny))
}
