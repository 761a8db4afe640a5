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
use ndarray::{Array2, CowArray, Ix2};
use sprs::{CsMat, TriMat};

/// What is added to every degree before its root is taken.
///
/// Not a matter of taste: published codes differ, and agreement to nine digits shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum DegreeOffset {
    /// `d^-½`, and weight 0 where `d = 0` (AnchorRec).
    #[default]
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
    /// The weights `R̂`, `[U, I]`, in CSR order.
    pub users_to_items: CsMat<F>,
    /// The transpose `R̂ᵀ`, `[I, U]`, in CSR order.
    pub items_to_users: CsMat<F>,
}

impl<F: Real> UserItemGraph<F> {
    /// Builds the graph of `(user, item)` training pairs; a repeated pair counts once.
    ///
    /// # Panics
    /// When a pair is outside `users x items`.
    ///
    /// ```
    /// use anchorrec_graph::{DegreeOffset, UserItemGraph};
    ///
    /// // The user has four items, each of them one user: 1/√(4 · 1).
    /// let pairs = [(0, 0), (0, 1), (0, 2), (0, 3)];
    /// let graph = UserItemGraph::<f64>::new(1, 4, &pairs, DegreeOffset::None);
    /// assert_eq!(graph.users_to_items.to_dense(), ndarray::array![[0.5, 0.5, 0.5, 0.5]]);
    /// ```
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

    /// Returns the number of users `U`.
    ///
    /// ```
    /// use anchorrec_graph::{DegreeOffset, UserItemGraph};
    /// assert_eq!(UserItemGraph::<f32>::new(2, 3, &[(0, 0)], DegreeOffset::None).users(), 2);
    /// ```
    pub fn users(&self) -> usize {
        self.users_to_items.rows()
    }

    /// Returns the number of items `I`.
    ///
    /// ```
    /// use anchorrec_graph::{DegreeOffset, UserItemGraph};
    /// assert_eq!(UserItemGraph::<f32>::new(2, 3, &[(0, 0)], DegreeOffset::None).items(), 3);
    /// ```
    pub fn items(&self) -> usize {
        self.users_to_items.cols()
    }

    /// Propagates as LightGCN does: `mean(E, ÂE, ..., Â^L E)` for `E = [users; items]`, as `([U, D], [I, D])`.
    ///
    /// The operator is symmetric, so this is also its own backward pass.
    ///
    /// # Panics
    /// When the rows are not `U` and `I`.
    ///
    /// ```
    /// use anchorrec_graph::{DegreeOffset, UserItemGraph};
    /// use ndarray::array;
    ///
    /// // One user, one item, one edge of weight 1: a layer exchanges the two.
    /// let graph = UserItemGraph::new(1, 1, &[(0, 0)], DegreeOffset::None);
    /// let (users, items) = graph.layer_mean(&array![[2.0]], &array![[4.0]], 1);
    /// assert_eq!((users, items), (array![[(2.0 + 4.0) / 2.0]], array![[(4.0 + 2.0) / 2.0]]));
    /// ```
    pub fn layer_mean(&self, users: &Array2<F>, items: &Array2<F>, layers: usize) -> (Array2<F>, Array2<F>) {
        let sums = |side| self.layer_sums(side, users, items, layers, share(layers)).into_owned();
        (sums(Side::Users), sums(Side::Items))
    }

    /// Takes the users' rows of [`layer_mean`](Self::layer_mean) apart: `own + R̂ given`, as `(own [U, D], given [I, D])`. What the items give holds all
    /// paths that end in a step from an item to the user.
    ///
    /// # Panics
    /// When the rows are not `U` and `I`.
    ///
    /// ```
    /// use anchorrec_graph::{DegreeOffset, UserItemGraph};
    /// use ndarray::array;
    ///
    /// let graph = UserItemGraph::new(1, 1, &[(0, 0)], DegreeOffset::None);
    /// // One edge of weight 1 and two layers: (2 + 4 + 2) / 3, of which 2 / 3 are the user's own.
    /// assert_eq!(graph.user_sums(&array![[2.0]], &array![[4.0]], 2), (array![[2.0 / 3.0]], array![[(4.0 + 2.0) / 3.0]]));
    /// ```
    pub fn user_sums(&self, users: &Array2<F>, items: &Array2<F>, layers: usize) -> (Array2<F>, Array2<F>) {
        let share = share::<F>(layers);
        if layers == 0 {
            return (users.clone(), Array2::zeros(items.dim()));
        }
        let given = self.layer_sums(Side::Items, users, items, layers - 1, F::one());
        (users.mapv(|x| x * share), given.mapv(|x| x * share))
    }

    /// The rows of one side of `scale (E + ÂE + ... + Â^layers E)`; not scaled when there is no layer.
    fn layer_sums<'e>(
        &self,
        side: Side,
        users: &'e Array2<F>,
        items: &'e Array2<F>,
        layers: usize,
        scale: F,
    ) -> CowArray<'e, F, Ix2> {
        let table = |side| match side {
            Side::Users => users,
            Side::Items => items,
        };
        let mut sums = CowArray::from(table(side.before(layers)));
        for layer in 1..=layers {
            let to = side.before(layers - layer);
            let scale = if layer == layers { scale } else { F::one() };
            sums = spmm_add_scaled(self.towards(to), &sums, table(to), scale).into();
        }
        sums
    }

    /// The block of `Â` whose rows are those of `side`.
    fn towards(&self, side: Side) -> &CsMat<F> {
        match side {
            Side::Users => &self.users_to_items,
            Side::Items => &self.items_to_users,
        }
    }

    /// Computes the rows `user_rows` and `item_rows` of [`layer_mean`](Self::layer_mean), repeats kept: the last layer is multiplied
    /// for them alone.
    ///
    /// # Panics
    /// When the tables are not of `U` and `I` rows, or a row is not there.
    ///
    /// ```
    /// use anchorrec_graph::{DegreeOffset, UserItemGraph};
    /// use ndarray::array;
    ///
    /// let graph = UserItemGraph::new(1, 1, &[(0, 0)], DegreeOffset::None);
    /// let (users, items) = graph.layer_mean_rows(&array![[2.0]], &array![[4.0]], 1, &[0, 0], &[]);
    /// assert_eq!((users, items.nrows()), (array![[3.0], [3.0]], 0));
    /// ```
    pub fn layer_mean_rows(
        &self,
        users: &Array2<F>,
        items: &Array2<F>,
        layers: usize,
        user_rows: &[u32],
        item_rows: &[u32],
    ) -> (Array2<F>, Array2<F>) {
        let (mut z_users, mut z_items) = (gather(users, user_rows), gather(items, item_rows));
        // Not Horner's scheme: only few rows are added up, and a layer is then a product alone.
        for start in [Side::Users, Side::Items] {
            let mut layer = CowArray::from(match start {
                Side::Users => users,
                Side::Items => items,
            });
            for n in 1..=layers {
                let to = start.before(n);
                let (rows, z) = match to {
                    Side::Users => (user_rows, &mut z_users),
                    Side::Items => (item_rows, &mut z_items),
                };
                if n < layers {
                    layer = spmm(self.towards(to), &layer).into();
                    *z += &gather(&layer, rows);
                } else {
                    // A popular item stands in a batch often, and its row is the longest: each is multiplied once.
                    let (distinct, places) = distinct(rows);
                    *z += &gather(&spmm_rows(self.towards(to), &distinct, &layer), &places);
                }
            }
        }
        for z in [&mut z_users, &mut z_items] {
            z.mapv_inplace(|z| z * share::<F>(layers));
        }
        (z_users, z_items)
    }

    /// Backward pass of [`layer_mean_rows`](Self::layer_mean_rows): the gradients of both tables, `([U, D], [I, D])`, from
    /// those of the rows.
    ///
    /// # Panics
    /// When there is not a gradient for each row.
    ///
    /// ```
    /// use anchorrec_graph::{DegreeOffset, UserItemGraph};
    /// use ndarray::{Array2, array};
    ///
    /// let graph = UserItemGraph::new(1, 1, &[(0, 0)], DegreeOffset::None);
    /// let none = Array2::zeros((0, 1));
    /// let (d_users, d_items) = graph.layer_mean_rows_backward(&[0], &array![[1.0]], &[], &none, 1);
    /// assert_eq!((d_users, d_items), (array![[0.5]], array![[0.5]]));
    /// ```
    pub fn layer_mean_rows_backward(
        &self,
        user_rows: &[u32],
        d_users: &Array2<F>,
        item_rows: &[u32],
        d_items: &Array2<F>,
        layers: usize,
    ) -> (Array2<F>, Array2<F>) {
        let (mut users, mut items) = (summed(user_rows, d_users), summed(item_rows, d_items));
        for (_, d) in [&mut users, &mut items] {
            d.mapv_inplace(|d| d * share::<F>(layers));
        }
        // Horner's scheme as in the forward pass; what is added at each layer has few rows, and so has the first factor.
        let sums = |side: Side| {
            let rows_of = |side| match side {
                Side::Users => &users,
                Side::Items => &items,
            };
            let add = |to: Side, sums: &mut Array2<F>| add_rows(sums, Rows::Some(&rows_of(to).0), rows_of(to).1.view());
            if layers == 0 {
                let mut sums = Array2::zeros((self.towards(side).rows(), rows_of(side).1.ncols()));
                add(side, &mut sums);
                return sums;
            }
            let (rows, values) = rows_of(side.before(layers));
            let first = side.before(layers - 1);
            let mut sums = spmm_from_rows(self.towards(first), rows, values);
            add(first, &mut sums);
            for layer in 2..=layers {
                let to = side.before(layers - layer);
                sums = spmm(self.towards(to), &sums);
                add(to, &mut sums);
            }
            sums
        };
        (sums(Side::Users), sums(Side::Items))
    }
}

/// The two kinds of nodes. Each layer leads from one to the other, so the `L`-th layer of one side depends on a chain in which
/// they alternate, and not on the other chain. One after the other, less memory is in use at a time.
#[derive(Clone, Copy)]
enum Side {
    Users,
    Items,
}

impl Side {
    /// The side that this one depends on `layers` layers before; also the one that depends on it `layers` layers later.
    fn before(self, layers: usize) -> Side {
        match (self, layers.is_multiple_of(2)) {
            (side, true) => side,
            (Side::Users, false) => Side::Items,
            (Side::Items, false) => Side::Users,
        }
    }
}

/// What each of `E, ÂE, ..., Â^layers E` counts in their mean.
fn share<F: Real>(layers: usize) -> F {
    F::one() / F::of(layers as f64 + 1.0)
}

/// The distinct rows, ascending, and for each the sum of its values.
pub(crate) fn summed<F: Real>(rows: &[u32], values: &Array2<F>) -> (Vec<u32>, Array2<F>) {
    let (distinct, places) = distinct(rows);
    let mut sums = Array2::zeros((distinct.len(), values.ncols()));
    scatter_add(&mut sums, &places, values.view());
    (distinct, sums)
}

/// The distinct rows, ascending, and the place of each of `rows` among them.
fn distinct(rows: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let mut distinct = rows.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let places = rows.iter().map(|row| distinct.partition_point(|d| d < row) as u32).collect();
    (distinct, places)
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
