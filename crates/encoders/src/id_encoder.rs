//! The ID encoder, LightGCN (He et al., SIGIR 2020, arXiv 2002.02126): `H_id = mean(E, ÂE, ..., Â^L E)` with
//! `E = [E_u; E_i]` free embeddings of users and items.
//!
//! A batch looks at few rows of `H_id`: those are computed ([`IdEncoder::rows`]), all only where all are wanted.

use crate::{ParamId, Params, RowsOf, init};
use anchorrec_graph::UserItemGraph;
use anchorrec_kernels::Real;
use ndarray::Array2;
use rand::Rng;

/// Embeddings of users and items, and how far they are propagated.
#[derive(Clone, Copy, Debug)]
pub struct IdEncoder {
    /// The user embeddings `E_u`, `[U, D]`.
    pub users: ParamId,
    /// The item embeddings `E_i`, `[I, D]`.
    pub items: ParamId,
    /// The number of layers `L`.
    pub layers: usize,
}

impl IdEncoder {
    /// Adds `user_embedding.weight` and `item_embedding.weight`, Xavier uniform.
    ///
    /// ```
    /// use anchorrec_encoders::{IdEncoder, Params};
    /// use rand::SeedableRng;
    ///
    /// let (mut params, mut rng) = (Params::<f32>::new(), rand_chacha::ChaCha8Rng::seed_from_u64(1));
    /// let encoder = IdEncoder::new(&mut params, 10, 20, 64, 2, &mut rng);
    /// assert_eq!(params[encoder.items].dim(), (20, 64));
    /// ```
    pub fn new<F: Real>(
        params: &mut Params<F>,
        users: usize,
        items: usize,
        width: usize,
        layers: usize,
        rng: &mut impl Rng,
    ) -> Self {
        IdEncoder {
            users: params.add_table("user_embedding.weight", RowsOf::Users, init::xavier_uniform(users, width, rng)),
            items: params.add_table("item_embedding.weight", RowsOf::Items, init::xavier_uniform(items, width, rng)),
            layers,
        }
    }

    /// Computes `H_id` of all users and items, `([U, D], [I, D])`.
    ///
    /// ```
    /// use anchorrec_encoders::{IdEncoder, Params};
    /// use anchorrec_graph::{DegreeOffset, UserItemGraph};
    /// use ndarray::array;
    /// use rand::SeedableRng;
    ///
    /// let (mut params, mut rng) = (Params::new(), rand_chacha::ChaCha8Rng::seed_from_u64(1));
    /// let encoder = IdEncoder::new(&mut params, 1, 1, 1, 1, &mut rng);
    /// params[encoder.users] = array![[2.0]];
    /// params[encoder.items] = array![[4.0]];
    /// // One edge of weight 1: after one layer both are the mean.
    /// let graph = UserItemGraph::new(1, 1, &[(0, 0)], DegreeOffset::None);
    /// assert_eq!(encoder.all(&params, &graph), (array![[3.0]], array![[3.0]]));
    /// ```
    pub fn all<F: Real>(&self, params: &Params<F>, graph: &UserItemGraph<F>) -> (Array2<F>, Array2<F>) {
        graph.layer_mean(&params[self.users], &params[self.items], self.layers)
    }

    /// Backward pass of [`all`](Self::all): `(dE_u, dE_i)` from the gradients of all rows. The operator is symmetric.
    ///
    /// ```
    /// use anchorrec_encoders::{IdEncoder, Params};
    /// use anchorrec_graph::{DegreeOffset, UserItemGraph};
    /// use ndarray::array;
    /// use rand::SeedableRng;
    ///
    /// let (mut params, mut rng) = (Params::<f64>::new(), rand_chacha::ChaCha8Rng::seed_from_u64(1));
    /// let encoder = IdEncoder::new(&mut params, 1, 1, 1, 1, &mut rng);
    /// let graph = UserItemGraph::new(1, 1, &[(0, 0)], DegreeOffset::None);
    /// let d = encoder.all_backward(&graph, &array![[1.0]], &array![[0.0]]);
    /// assert_eq!(d, (array![[0.5]], array![[0.5]]));
    /// ```
    pub fn all_backward<F: Real>(
        &self,
        graph: &UserItemGraph<F>,
        d_users: &Array2<F>,
        d_items: &Array2<F>,
    ) -> (Array2<F>, Array2<F>) {
        graph.layer_mean(d_users, d_items, self.layers)
    }

    /// Takes `H_id` of users apart: `own + R̂ given`, as `(own [U, D], given [I, D])`; see [`UserItemGraph::user_sums`].
    ///
    /// ```
    /// use anchorrec_encoders::{IdEncoder, Params};
    /// use anchorrec_graph::{DegreeOffset, UserItemGraph};
    /// use ndarray::array;
    /// use rand::SeedableRng;
    ///
    /// let (mut params, mut rng) = (Params::new(), rand_chacha::ChaCha8Rng::seed_from_u64(1));
    /// let encoder = IdEncoder::new(&mut params, 1, 1, 1, 1, &mut rng);
    /// params[encoder.users] = array![[2.0]];
    /// params[encoder.items] = array![[4.0]];
    /// let graph = UserItemGraph::new(1, 1, &[(0, 0)], DegreeOffset::None);
    /// // The mean of both: half of it the user's own.
    /// assert_eq!(encoder.user_sums(&params, &graph), (array![[1.0]], array![[2.0]]));
    /// ```
    pub fn user_sums<F: Real>(&self, params: &Params<F>, graph: &UserItemGraph<F>) -> (Array2<F>, Array2<F>) {
        graph.user_sums(&params[self.users], &params[self.items], self.layers)
    }

    /// Computes `H_id` of `users` and of `items`, repeats kept, `([users.len(), D], [items.len(), D])`.
    ///
    /// # Panics
    /// When a user or an item is not there.
    ///
    /// ```
    /// use anchorrec_encoders::{IdEncoder, Params};
    /// use anchorrec_graph::{DegreeOffset, UserItemGraph};
    /// use ndarray::{Array2, array};
    /// use rand::SeedableRng;
    ///
    /// let (mut params, mut rng) = (Params::new(), rand_chacha::ChaCha8Rng::seed_from_u64(1));
    /// let encoder = IdEncoder::new(&mut params, 1, 1, 1, 1, &mut rng);
    /// params[encoder.users] = array![[2.0]];
    /// params[encoder.items] = array![[4.0]];
    /// let graph = UserItemGraph::new(1, 1, &[(0, 0)], DegreeOffset::None);
    /// assert_eq!(encoder.rows(&params, &graph, &[0, 0], &[]).0, array![[3.0], [3.0]]);
    /// ```
    pub fn rows<F: Real>(
        &self,
        params: &Params<F>,
        graph: &UserItemGraph<F>,
        users: &[u32],
        items: &[u32],
    ) -> (Array2<F>, Array2<F>) {
        graph.layer_mean_rows(&params[self.users], &params[self.items], self.layers, users, items)
    }

    /// Backward pass of [`rows`](Self::rows): `(dE_u, dE_i)` from the gradients of those rows.
    ///
    /// ```
    /// use anchorrec_encoders::{IdEncoder, Params};
    /// use anchorrec_graph::{DegreeOffset, UserItemGraph};
    /// use ndarray::{Array2, array};
    /// use rand::SeedableRng;
    ///
    /// let (mut params, mut rng) = (Params::<f64>::new(), rand_chacha::ChaCha8Rng::seed_from_u64(1));
    /// let encoder = IdEncoder::new(&mut params, 1, 1, 1, 1, &mut rng);
    /// let graph = UserItemGraph::new(1, 1, &[(0, 0)], DegreeOffset::None);
    /// let (d_users, none) = (array![[1.0], [1.0]], Array2::zeros((0, 1)));
    /// let d = encoder.rows_backward(&graph, (&[0, 0], &d_users), (&[], &none));
    /// assert_eq!(d, (array![[1.0]], array![[1.0]]));
    /// ```
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
