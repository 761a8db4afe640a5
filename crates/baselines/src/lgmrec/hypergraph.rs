//! Passes over a hypergraph: from `y_0 = C_i` `[I, D]`, for `r = 1..n`, `lat_r = H_iᵀ y_{r-1}` `[K, D]` and `y_r = H_i lat_r`; users take `u = H_u lat_n`.
//!
//! Nothing is divided by degrees. Backward, from `dy_n` and `du`, `r` descending: `dlat_r = H_iᵀ dy_r` (and `+ H_uᵀ du` for the last), `dH_i += dy_r lat_rᵀ`,
//! `dH_u = du lat_nᵀ`; then `dy_{r-1} = H_i dlat_r`, `dH_i += y_{r-1} dlat_rᵀ`.

use anchorrec_kernels::{Real, add_product, product};
use ndarray::Array2;

/// What the passes computed.
#[derive(Clone, Debug)]
pub struct Passes<F> {
    /// `lat_1, ..., lat_n`, `[K, D]`.
    pub edges: Vec<Array2<F>>,
    /// `y_1, ..., y_n`, `[I, D]`.
    items: Vec<Array2<F>>,
    /// What users take of the last pass, `u`, `[U, D]`.
    pub users: Array2<F>,
}

impl<F: Real> Passes<F> {
    /// Makes `layers` passes from `start` with the memberships of items and users.
    ///
    /// # Panics
    /// When there is to be no pass, or the shapes do not fit.
    pub fn new(of_items: &Array2<F>, of_users: &Array2<F>, start: &Array2<F>, layers: usize) -> Self {
        let (mut edges, mut items) = (Vec::new(), Vec::new());
        for layer in 0..layers {
            let from = items.last().unwrap_or(start);
            edges.push(product(&of_items.t(), from));
            items.push(product(of_items, &edges[layer]));
        }
        let users = product(of_users, edges.last().expect("one pass or more"));
        Passes { edges, items, users }
    }

    /// Returns `y_n`, `[I, D]`.
    pub fn items(&self) -> &Array2<F> {
        self.items.last().expect("one pass or more")
    }

    /// The gradients of `H_i`, of `H_u` and of `start` for those of `y_n` and `u`; the first three as in the forward pass.
    pub(super) fn backward(
        &self,
        of_items: &Array2<F>,
        of_users: &Array2<F>,
        start: &Array2<F>,
        mut d_items: Array2<F>,
        d_users: &Array2<F>,
    ) -> (Array2<F>, Array2<F>, Array2<F>) {
        let last = self.edges.last().expect("one pass or more");
        let mut d_of_items = Array2::zeros(of_items.dim());
        let d_of_users = product(d_users, &last.t());
        for (layer, edges) in self.edges.iter().enumerate().rev() {
            let mut d_edges = product(&of_items.t(), &d_items);
            if layer + 1 == self.edges.len() {
                d_edges += &product(&of_users.t(), d_users);
            }
            add_product(d_of_items.view_mut(), F::one(), &d_items, &edges.t());
            let from = if layer == 0 { start } else { &self.items[layer - 1] };
            add_product(d_of_items.view_mut(), F::one(), from, &d_edges.t());
            d_items = product(of_items, &d_edges);
        }
        (d_of_items, d_of_users, d_items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_gradient, random};
    use ndarray::array;

    #[test]
    fn a_hypergraph_solved_by_hand() {
        // One hyperedge with items 0 and 1; a user who belongs to it by half.
        let passes = Passes::new(&array![[1.0], [1.0], [0.0]], &array![[0.5]], &array![[3.0], [4.0], [9.0]], 2);
        assert_eq!(passes.edges, [array![[7.0]], array![[14.0]]]);
        assert_eq!((passes.items(), passes.users[[0, 0]]), (&array![[14.0], [14.0], [0.0]], 7.0));
    }

    #[test]
    fn gradients_agree_with_differences() {
        for layers in 1..4 {
            let rng = &mut random::generator(layers as u64);
            let [h_i, h_u, start] = [(6, 3), (5, 3), (6, 4)].map(|(n, d)| random::matrix(n, d, rng));
            let (d_items, d_users) = (random::matrix(6, 4, rng), random::matrix(5, 4, rng));
            let loss = |h_i: &Array2<f64>, h_u: &Array2<f64>, start: &Array2<f64>| {
                let passes = Passes::new(h_i, h_u, start, layers);
                (passes.items() * &d_items).sum() + (&passes.users * &d_users).sum()
            };
            let passes = Passes::new(&h_i, &h_u, &start, layers);
            let (d_h_i, d_h_u, d_start) = passes.backward(&h_i, &h_u, &start, d_items.clone(), &d_users);
            assert_gradient("H_i", d_h_i.view(), h_i.view(), |h| loss(&h.to_owned(), &h_u, &start));
            assert_gradient("H_u", d_h_u.view(), h_u.view(), |h| loss(&h_i, &h.to_owned(), &start));
            assert_gradient("C_i", d_start.view(), start.view(), |y| loss(&h_i, &h_u, &y.to_owned()));
        }
    }
}
