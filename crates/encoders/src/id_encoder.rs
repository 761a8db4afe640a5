//! The ID encoder, LightGCN (He et al., SIGIR 2020, arXiv 2002.02126): `H_id = mean(E, ÂE, ..., Â^L E)` with
//! `E = [E_u; E_i]` free embeddings of users and items.
//!
//! A batch looks at few rows of `H_id`: those are computed ([`IdEncoder::rows`]), all only where all are wanted.

use crate::{ParamId, Params, init};
use anchorrec_graph::UserItemGraph;
use anchorrec_kernels::Real;
use ndarray::Array2;
use rand::Rng;

/// Embeddings of users and items, and how far they are propagated.
#[derive(Clone, Copy, Debug)]
pub struct IdEncoder {
    /// `E_u`, `[U, D]`.
    pub users: ParamId,
    /// `E_i`, `[I, D]`.
    pub items: ParamId,
    /// `L`.
    pub layers: usize,
}

impl IdEncoder {
    /// Adds `user_embedding.weight` and `item_embedding.weight`, Xavier uniform.
    pub fn new<F: Real>(
        params: &mut Params<F>,
        users: usize,
        items: usize,
        width: usize,
        layers: usize,
        rng: &mut impl Rng,
    ) -> Self {
        IdEncoder {
            users: params.add("user_embedding.weight", init::xavier_uniform(users, width, rng)),
            items: params.add("item_embedding.weight", init::xavier_uniform(items, width, rng)),
            layers,
        }
    }

    /// `H_id` of all users and items, `([U, D], [I, D])`.
    pub fn all<F: Real>(&self, params: &Params<F>, graph: &UserItemGraph<F>) -> (Array2<F>, Array2<F>) {
        graph.layer_mean(&params[self.users], &params[self.items], self.layers)
    }

    /// The backward pass of [`all`](Self::all): `(dE_u, dE_i)` from the gradients of all rows. The operator is symmetric.
    pub fn all_backward<F: Real>(
        &self,
        graph: &UserItemGraph<F>,
        d_users: &Array2<F>,
        d_items: &Array2<F>,
    ) -> (Array2<F>, Array2<F>) {
        graph.layer_mean(d_users, d_items, self.layers)
    }

    /// `H_id` of `users` and of `items`, repeats kept, `([users.len(), D], [items.len(), D])`.
    pub fn rows<F: Real>(
        &self,
        params: &Params<F>,
        graph: &UserItemGraph<F>,
        users: &[u32],
        items: &[u32],
    ) -> (Array2<F>, Array2<F>) {
        graph.layer_mean_rows(&params[self.users], &params[self.items], self.layers, users, items)
    }

    /// The backward pass of [`rows`](Self::rows): `(dE_u, dE_i)` from the gradients of those rows.
    pub fn rows_backward<F: Real>(
        &self,
        graph: &UserItemGraph<F>,
        (users, d_users): (&[u32], &Array2<F>),
        (items, d_items): (&[u32], &Array2<F>),
    ) -> (Array2<F>, Array2<F>) {
        graph.layer_mean_rows_backward(users, d_users, items, d_items, self.layers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Gradients;
    use crate::parameter_gradients::assert_parameter_gradients;
    use anchorrec_graph::user_item::DegreeOffset;
    use anchorrec_testkit::random;

    #[test]
    fn gradients_agree_with_differences() {
        for layers in 0..4 {
            let rng = &mut random::generator(layers as u64);
            let pairs: Vec<(u32, u32)> =
                random::indices(30, 9, rng).into_iter().zip(random::indices(30, 7, rng)).collect();
            let graph = UserItemGraph::<f64>::new(9, 7, &pairs, DegreeOffset::None);
            let mut params = Params::new();
            let encoder = IdEncoder::new(&mut params, 9, 7, 4, layers, rng);
            let (users, items) = ([8, 0, 3, 3], [6, 6, 1]);
            let (du, di) = (random::matrix(4, 4, rng), random::matrix(3, 4, rng));
            let (d_e_u, d_e_i) = encoder.rows_backward(&graph, (&users, &du), (&items, &di));
            let mut gradients = Gradients::zero(&params);
            gradients.add(encoder.users, d_e_u);
            gradients.add(encoder.items, d_e_i);
            assert_parameter_gradients(&params, &gradients, |params| {
                let (u, i) = encoder.rows(params, &graph, &users, &items);
                (u * &du).sum() + (i * &di).sum()
            });

            let (du, di) = (random::matrix(9, 4, rng), random::matrix(7, 4, rng));
            let (d_e_u, d_e_i) = encoder.all_backward(&graph, &du, &di);
            let mut gradients = Gradients::zero(&params);
            gradients.add(encoder.users, d_e_u);
            gradients.add(encoder.items, d_e_i);
            assert_parameter_gradients(&params, &gradients, |params| {
                let (u, i) = encoder.all(params, &graph);
                (u * &du).sum() + (i * &di).sum()
            });
        }
    }
}
