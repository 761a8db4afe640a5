//! The ID encoder, LightGCN (He et al., SIGIR 2020, arXiv 2002.02126): `H_id = mean(E, ÂE, ..., Â^L E)` with
//! `E = [E_u; E_i]` free embeddings of users and items.
//!
//! The layer mean is its own transpose (see `anchorrec_graph::user_item`), so forward and backward are one function.

use crate::{Gradients, ParamId, Params, init};
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

    /// `H_id` as `([U, D], [I, D])`.
    pub fn forward<F: Real>(&self, params: &Params<F>, graph: &UserItemGraph<F>) -> (Array2<F>, Array2<F>) {
        graph.layer_mean(&params[self.users], &params[self.items], self.layers)
    }

    /// Adds `dE` for `dH_id` `([U, D], [I, D])`.
    pub fn backward<F: Real>(
        &self,
        gradients: &mut Gradients<F>,
        graph: &UserItemGraph<F>,
        d_users: &Array2<F>,
        d_items: &Array2<F>,
    ) {
        let (users, items) = graph.layer_mean(d_users, d_items, self.layers);
        gradients.add(self.users, users);
        gradients.add(self.items, items);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
            let (du, di) = (random::matrix(9, 4, rng), random::matrix(7, 4, rng));
            let mut gradients = Gradients::zero(&params);
            encoder.backward(&mut gradients, &graph, &du, &di);
            assert_parameter_gradients(&params, &gradients, |params| {
                let (u, i) = encoder.forward(params, &graph);
                (u * &du).sum() + (i * &di).sum()
            });
        }
    }
}
