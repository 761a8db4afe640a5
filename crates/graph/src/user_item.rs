//! The user-item graph of LightGCN (He et al., SIGIR 2020, arXiv 2002.02126).
//!
//! `Â = D^-½ [0 R; Rᵀ 0] D^-½` over `U + I` nodes, `R_ui = 1` for a training pair, `D` the degrees. `Â` has only
//! the blocks `R̂` `[U, I]` and `R̂ᵀ` `[I, U]`, with `R̂_ui = 1/√(d_u d_i)`; they are stored, the rest never is.
//!
//! **Layer mean.** `mean(E, ÂE, ..., Â^L E) = (E + Â(E + Â(...)))/(L+1)` (Horner's scheme: one pair of matrices
//! instead of `L + 1`). `Â` is symmetric, so the operator is its own transpose: [`UserItemGraph::layer_mean`] is
//! forward and backward pass at once.

use crate::spmm_add_scaled;
use anchorrec_kernels::Real;
use ndarray::Array2;
use sprs::{CsMat, TriMat};

/// What is added to every degree before its root is taken.
///
/// Not a matter of taste: published codes differ, and agreement to nine digits shows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DegreeOffset {
    /// `d^-½`, and weight 0 where `d = 0` (AnchorRec).
    None,
    /// `(d + 1e-7)^-½` (LightGCN, BM3 and FREEDOM in MMRec).
    Tiny,
}

impl DegreeOffset {
    fn amount(self) -> f64 {
        match self {
            DegreeOffset::None => 0.0,
            DegreeOffset::Tiny => 1e-7,
        }
    }
}

/// The normalised bipartite graph of the training pairs.
#[derive(Clone, Debug)]
pub struct UserItemGraph<F> {
    /// `R̂`, `[U, I]`, CSR.
    pub users_to_items: CsMat<F>,
    /// `R̂ᵀ`, `[I, U]`, CSR.
    pub items_to_users: CsMat<F>,
}

impl<F: Real> UserItemGraph<F> {
    /// From `(user, item)` training pairs; a repeated pair counts once.
    ///
    /// # Panics
    /// When a pair is outside `users x items`.
    pub fn new(users: usize, items: usize, pairs: &[(u32, u32)], offset: DegreeOffset) -> Self {
        let mut pairs = pairs.to_vec();
        pairs.sort_unstable();
        pairs.dedup();
        let (mut user_degree, mut item_degree) = (vec![0u32; users], vec![0u32; items]);
        for &(u, i) in &pairs {
            assert!((u as usize) < users && (i as usize) < items, "pair ({u}, {i}) outside {users} x {items}");
            user_degree[u as usize] += 1;
            item_degree[i as usize] += 1;
        }
        let root = |degree: u32| (f64::from(degree) + offset.amount()).powf(-0.5);
        let mut entries = TriMat::with_capacity((users, items), pairs.len());
        for &(u, i) in &pairs {
            let weight = root(user_degree[u as usize]) * root(item_degree[i as usize]);
            entries.add_triplet(u as usize, i as usize, F::of(weight));
        }
        let users_to_items: CsMat<F> = entries.to_csr();
        let items_to_users = users_to_items.transpose_view().to_csr();
        UserItemGraph { users_to_items, items_to_users }
    }

    /// `U`.
    pub fn users(&self) -> usize {
        self.users_to_items.rows()
    }

    /// `I`.
    pub fn items(&self) -> usize {
        self.users_to_items.cols()
    }

    /// `mean(E, ÂE, ..., Â^L E)` for `E = [users; items]`, as `([U, D], [I, D])`; also its own backward pass.
    ///
    /// # Panics
    /// When the rows are not `U` and `I`.
    pub fn layer_mean(&self, users: &Array2<F>, items: &Array2<F>, layers: usize) -> (Array2<F>, Array2<F>) {
        let share = F::one() / F::of(layers as f64 + 1.0);
        let mut sums: Option<(Array2<F>, Array2<F>)> = None;
        for layer in 1..=layers {
            let (u, i) = sums.as_ref().map_or((users, items), |(u, i)| (u, i));
            let scale = if layer == layers { share } else { F::one() };
            sums = Some((
                spmm_add_scaled(&self.users_to_items, i, users, scale),
                spmm_add_scaled(&self.items_to_users, u, items, scale),
            ));
        }
        sums.unwrap_or_else(|| (users.clone(), items.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_close, random};
    use ndarray::{array, concatenate, s};

    const PAIRS: [(u32, u32); 5] = [(0, 0), (0, 1), (1, 1), (0, 0), (3, 1)];

    #[test]
    fn weights_are_one_over_the_root_of_both_degrees() {
        let graph = UserItemGraph::<f64>::new(4, 3, &PAIRS, DegreeOffset::None);
        let (a, b, c) = (1.0 / 2f64.sqrt(), 1.0 / 6f64.sqrt(), 1.0 / 3f64.sqrt());
        let want = array![[a, b, 0.0], [0.0, c, 0.0], [0.0, 0.0, 0.0], [0.0, c, 0.0]];
        assert_close("R", graph.users_to_items.to_dense().view(), want.view(), 1e-15);
        assert_close("Rᵀ", graph.items_to_users.to_dense().view(), want.t(), 1e-15);
    }

    #[test]
    fn the_layer_mean_equals_the_mean_of_dense_powers() {
        let graph = UserItemGraph::<f64>::new(4, 3, &PAIRS, DegreeOffset::Tiny);
        let mut dense = Array2::<f64>::zeros((7, 7));
        dense.slice_mut(s![..4, 4..]).assign(&graph.users_to_items.to_dense());
        dense.slice_mut(s![4.., ..4]).assign(&graph.items_to_users.to_dense());
        let e = random::matrix(7, 5, &mut random::generator(1));
        let (users, items) = (e.slice(s![..4, ..]).to_owned(), e.slice(s![4.., ..]).to_owned());
        for layers in 0..4 {
            let (mut power, mut sum) = (e.clone(), e.clone());
            for _ in 0..layers {
                power = dense.dot(&power);
                sum += &power;
            }
            let (u, i) = graph.layer_mean(&users, &items, layers);
            let got = concatenate![ndarray::Axis(0), u, i];
            assert_close("layer mean", got.view(), (sum / (layers as f64 + 1.0)).view(), 1e-13);
        }
    }

    #[test]
    #[should_panic(expected = "pair (0, 3) outside 4 x 3")]
    fn a_pair_outside_is_named() {
        UserItemGraph::<f32>::new(4, 3, &[(0, 3)], DegreeOffset::None);
    }
}
