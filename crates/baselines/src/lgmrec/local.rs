//! A modality over the interaction graph, and the logits of its hyperedges: `x_i = F_m P_m`, `l_i = F_m V_m`, and what users have of their items.
//!
//! `x_u = q_u Σ_{i of u} x_i` is a mean, `l_u = Σ_{i of u} l_i` a sum: it grows with what a user has. `Y = N^n [x_u; x_i]`; `N` is symmetric, so the same product leads back.
//! `F_m` is wide and frozen: one product with `[P_m | V_m]` reads it, another makes both gradients, `F_mᵀ [dx_i | dl_i]`; both are filled up with zeros to a
//! width that the fast kernels take.

use super::Graphs;
use crate::vbpr::side_by_side;
use anchorrec_encoders::{Gradients, ParamId, Params, Rows};
use anchorrec_graph::{UserItemGraph, spmm};
use anchorrec_kernels::table::{GRAIN, times_transposed, transposed_times};
use anchorrec_kernels::{Real, rows};
use anchorrec_recommender::Embeddings;
use ndarray::{Array2, ArrayView2, Axis, concatenate, s};

/// The weights of a modality.
#[derive(Clone, Copy, Debug)]
pub(super) struct Modality {
    /// The projection `P_m`, `[F_m, D]`.
    pub projection: ParamId,
    /// What makes the logits of the hyperedges, `V_m`, `[F_m, K]`.
    pub hyperedges: ParamId,
}

/// What is made of the features of a modality.
#[derive(Clone, Debug)]
pub struct Local<F> {
    /// `x_u` and `x_i`.
    pub projected: Embeddings<F>,
    /// `l_i`, `[I, K]`, and `l_u`, `[U, K]`.
    pub logits: [Array2<F>; 2],
    /// The projections over the interaction graph, `Y`.
    pub value: Embeddings<F>,
}

impl Modality {
    /// What is made of `features`, over so many layers.
    pub(super) fn forward<F: Real>(
        &self,
        params: &Params<F>,
        graphs: &Graphs<F>,
        features: &Array2<F>,
        layers: usize,
    ) -> Local<F> {
        let [projection, hyperedges] = [self.projection, self.hyperedges].map(|id| params[id].t());
        let width = projection.nrows();
        let zeros = Array2::zeros((lacking(width + hyperedges.nrows()), projection.ncols()));
        let both = concatenate![Axis(0), projection, hyperedges, zeros];
        let of_items = times_transposed(features.view(), Rows::All, both.as_standard_layout().view());
        let edges = width..width + hyperedges.nrows();
        let items = of_items.slice(s![.., ..width]).to_owned();
        let logits = of_items.slice(s![.., edges]).to_owned();
        let users = mean_over_items(graphs, &items);
        let of_users = spmm(&graphs.pairs.users_to_items, &logits);
        let projected = Embeddings { users, items };
        let value = propagate(&graphs.user_item, projected.clone(), layers);
        Local { projected, logits: [logits, of_users], value }
    }

    /// Adds the gradients of `P_m` and `V_m` for that of `Y` and those of the logits of items and users.
    pub(super) fn backward<F: Real>(
        &self,
        gradients: &mut Gradients<F>,
        (graphs, features, layers): (&Graphs<F>, &Array2<F>, usize),
        d_value: Embeddings<F>,
        [d_of_items, d_of_users]: [Array2<F>; 2],
    ) {
        let Embeddings { mut users, mut items } = propagate(&graphs.user_item, d_value, layers);
        rows::scale(&mut users, graphs.mean_factors.view());
        items += &spmm(&graphs.pairs.items_to_users, &users);
        let logits = d_of_items + spmm(&graphs.pairs.items_to_users, &d_of_users);
        let zeros = Array2::zeros((items.nrows(), lacking(items.ncols() + logits.ncols())));
        let both = side_by_side(items.nrows(), &[items.view(), logits.view(), zeros.view()]);
        let d = transposed_times(both.view(), features.view(), Rows::All);
        let turned = |part: ArrayView2<F>| part.t().as_standard_layout().into_owned();
        let width = items.ncols();
        gradients.add(self.projection, turned(d.slice(s![..width, ..])));
        gradients.add(self.hyperedges, turned(d.slice(s![width..width + logits.ncols(), ..])));
    }
}

/// How many columns a thin factor of this width lacks for the fast kernels.
fn lacking(width: usize) -> usize {
    width.next_multiple_of(GRAIN) - width
}

/// `q_u Σ_{i of u} x_i`, `[U, D]`.
fn mean_over_items<F: Real>(graphs: &Graphs<F>, x: &Array2<F>) -> Array2<F> {
    let mut mean = spmm(&graphs.pairs.users_to_items, x);
    rows::scale(&mut mean, graphs.mean_factors.view());
    mean
}

/// `N^layers x`: the last layer alone.
fn propagate<F: Real>(graph: &UserItemGraph<F>, x: Embeddings<F>, layers: usize) -> Embeddings<F> {
    (0..layers).fold(x, |x, _| Embeddings {
        users: spmm(&graph.users_to_items, &x.items),
        items: spmm(&graph.items_to_users, &x.users),
    })
}
