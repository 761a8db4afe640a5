//! The user-item graph of LightGCN (He et al., SIGIR 2020, arXiv 2002.02126).
//!
//! `Â = D^-½ [0 R; Rᵀ 0] D^-½` over `U + I` nodes, `R_ui = 1` for a training pair, `D` the degrees. `Â` has only
//! the blocks `R̂` `[U, I]` and `R̂ᵀ` `[I, U]`, with `R̂_ui = 1/√(d_u d_i)`; they are stored, the rest never is.
//!
//! **Layer mean.** `mean(E, ÂE, ..., Â^L E) = (E + Â(E + Â(...)))/(L+1)` (Horner's scheme: one pair of matrices
//! instead of `L + 1`). `Â` is symmetric, so the operator is its own transpose: [`UserItemGraph::layer_mean`] is
//! forward and backward pass at once.

use crate::{spmm, spmm_add_scaled, spmm_from_rows, spmm_rows};
use anchorrec_kernels::Real;
use anchorrec_kernels::rows::{Rows, add_rows, gather, scatter_add};
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
        let sums = self.layer_sums(users, items, layers, share(layers));
        sums.unwrap_or_else(|| (users.clone(), items.clone()))
    }

    /// `scale (E + ÂE + ... + Â^layers E)`; `None` for no layer.
    fn layer_sums(
        &self,
        users: &Array2<F>,
        items: &Array2<F>,
        layers: usize,
        scale: F,
    ) -> Option<(Array2<F>, Array2<F>)> {
        let mut sums: Option<(Array2<F>, Array2<F>)> = None;
        for layer in 1..=layers {
            let (u, i) = sums.as_ref().map_or((users, items), |(u, i)| (u, i));
            let scale = if layer == layers { scale } else { F::one() };
            sums = Some((
                spmm_add_scaled(&self.users_to_items, i, users, scale),
                spmm_add_scaled(&self.items_to_users, u, items, scale),
            ));
        }
        sums
    }

    /// The rows `user_rows` and `item_rows` of [`layer_mean`](Self::layer_mean), repeats kept: the last layer is multiplied for
    /// them alone.
    ///
    /// # Panics
    /// When the tables are not of `U` and `I` rows, or a row is not there.
    pub fn layer_mean_rows(
        &self,
        users: &Array2<F>,
        items: &Array2<F>,
        layers: usize,
        user_rows: &[u32],
        item_rows: &[u32],
    ) -> (Array2<F>, Array2<F>) {
        if layers == 0 {
            return (gather(users, user_rows), gather(items, item_rows));
        }
        let share = share::<F>(layers);
        let sums = self.layer_sums(users, items, layers - 1, F::one());
        let (u, i) = sums.as_ref().map_or((users, items), |(u, i)| (u, i));
        let last = |s, rows: &[u32], x, base| {
            let mut y = spmm_rows(s, rows, x);
            y.zip_mut_with(&gather(base, rows), |y, &base| *y = share * (base + *y));
            y
        };
        (last(&self.users_to_items, user_rows, i, users), last(&self.items_to_users, item_rows, u, items))
    }

    /// The backward pass of [`layer_mean_rows`](Self::layer_mean_rows): the gradients of both tables, `([U, D], [I, D])`, from
    /// those of the rows.
    ///
    /// # Panics
    /// When there is not a gradient for each row.
    pub fn layer_mean_rows_backward(
        &self,
        user_rows: &[u32],
        d_users: &Array2<F>,
        item_rows: &[u32],
        d_items: &Array2<F>,
        layers: usize,
    ) -> (Array2<F>, Array2<F>) {
        let share = share::<F>(layers);
        let (user_rows, mut d_users) = summed(user_rows, d_users);
        let (item_rows, mut d_items) = summed(item_rows, d_items);
        for d in [&mut d_users, &mut d_items] {
            d.mapv_inplace(|d| d * share);
        }
        // Horner's scheme as in the forward pass; what is added at each layer has few rows, and so has the first factor.
        let mut sums: Option<(Array2<F>, Array2<F>)> = None;
        for _ in 0..layers {
            let (mut users, mut items) = match &sums {
                None => (
                    spmm_from_rows(&self.users_to_items, &item_rows, &d_items),
                    spmm_from_rows(&self.items_to_users, &user_rows, &d_users),
                ),
                Some((users, items)) => (spmm(&self.users_to_items, items), spmm(&self.items_to_users, users)),
            };
            add_rows(&mut users, Rows::Some(&user_rows), d_users.view());
            add_rows(&mut items, Rows::Some(&item_rows), d_items.view());
            sums = Some((users, items));
        }
        sums.unwrap_or_else(|| {
            let (mut users, mut items) =
                (Array2::zeros((self.users(), d_users.ncols())), Array2::zeros((self.items(), d_items.ncols())));
            add_rows(&mut users, Rows::Some(&user_rows), d_users.view());
            add_rows(&mut items, Rows::Some(&item_rows), d_items.view());
            (users, items)
        })
    }
}

/// What each of `E, ÂE, ..., Â^layers E` counts in their mean.
fn share<F: Real>(layers: usize) -> F {
    F::one() / F::of(layers as f64 + 1.0)
}

/// The distinct rows, ascending, and for each the sum of its values.
fn summed<F: Real>(rows: &[u32], values: &Array2<F>) -> (Vec<u32>, Array2<F>) {
    let mut distinct = rows.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let places: Vec<u32> = rows.iter().map(|row| distinct.partition_point(|d| d < row) as u32).collect();
    let mut sums = Array2::zeros((distinct.len(), values.ncols()));
    scatter_add(&mut sums, &places, values.view());
    (distinct, sums)
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
    fn some_rows_of_the_layer_mean_forward_and_backward() {
        let rng = &mut random::generator(7);
        let pairs: Vec<(u32, u32)> =
            random::indices(60, 30, rng).into_iter().zip(random::indices(60, 20, rng)).collect();
        let graph = UserItemGraph::<f64>::new(30, 20, &pairs, DegreeOffset::None);
        let (users, items) = (random::matrix(30, 5, rng), random::matrix(20, 5, rng));
        let (user_rows, item_rows) = ([4, 29, 4, 0], [19, 3, 3, 7, 8]);
        let (d_users, d_items) = (random::matrix(4, 5, rng), random::matrix(5, 5, rng));
        for layers in 0..4 {
            let (u, i) = graph.layer_mean(&users, &items, layers);
            let (some_u, some_i) = graph.layer_mean_rows(&users, &items, layers, &user_rows, &item_rows);
            assert_close("users", some_u.view(), gather(&u, &user_rows).view(), 1e-14);
            assert_close("items", some_i.view(), gather(&i, &item_rows).view(), 1e-14);

            let (mut all_u, mut all_i) = (Array2::zeros(users.dim()), Array2::zeros(items.dim()));
            scatter_add(&mut all_u, &user_rows, d_users.view());
            scatter_add(&mut all_i, &item_rows, d_items.view());
            let (want_u, want_i) = graph.layer_mean(&all_u, &all_i, layers);
            let (u, i) = graph.layer_mean_rows_backward(&user_rows, &d_users, &item_rows, &d_items, layers);
            assert_close("d users", u.view(), want_u.view(), 1e-14);
            assert_close("d items", i.view(), want_i.view(), 1e-14);
        }
    }

    #[test]
    #[should_panic(expected = "pair (0, 3) outside 4 x 3")]
    fn a_pair_outside_is_named() {
        UserItemGraph::<f32>::new(4, 3, &[(0, 3)], DegreeOffset::None);
    }
}
