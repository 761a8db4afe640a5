//! The user-item graph with self loops, normalised by rows: every node becomes the mean of itself and its neighbours.
//!
//! `N = (D + 1)^-1 (A + Id)` over `U + I` nodes, `A = [0 R; Rᵀ 0]`, `R_ui = 1` for a training pair, `D` the degrees. Each row sums to 1, and a node
//! without edges keeps itself. Source: the collaborative part of LATTICE (arXiv 2104.09036).
//!
//! **Not symmetric**, unlike the graph of [`user_item`](crate::user_item): `Nᵀ = (A + Id)(D + 1)^-1` scales before it adds. Both are products
//! with the same `R`, so no transpose of `N` is stored.
//!
//! **Layer mean.** `mean(E, NE, ..., N^L E) = (E + N(E + N(...)))/(L+1)`, and backward the same with `Nᵀ`. A layer, its shares and the sum with `E` are one
//! pass over the result; the last layer of a batch, and the first one on the way back, have only the rows of the batch.

use crate::spmm::spmm_add_scaled_by_row;
use crate::user_item::summed;
use crate::{spmm_add_scaled, spmm_from_rows, spmm_rows};
use anchorrec_kernels::Real;
use anchorrec_kernels::rows::{self, Rows, add_rows, gather};
use ndarray::{Array1, Array2};
use sprs::{CsMat, TriMat};

/// The neighbourhoods of all users and items.
#[derive(Clone, Debug)]
pub struct NeighbourhoodMean<F> {
    /// `R`, `[U, I]`, in CSR order; every entry is 1.
    users_to_items: CsMat<F>,
    /// `Rᵀ`, `[I, U]`, in CSR order.
    items_to_users: CsMat<F>,
    /// `1/(d_u + 1)`, `[U]`.
    user_share: Array1<F>,
    /// `1/(d_i + 1)`, `[I]`.
    item_share: Array1<F>,
}

/// A table of the users and one of the items.
type Sides<F> = (Array2<F>, Array2<F>);

impl<F: Real> NeighbourhoodMean<F> {
    /// Builds the graph of `(user, item)` training pairs; a repeated pair counts once.
    ///
    /// # Panics
    /// When a pair is outside `users x items`.
    ///
    /// ```
    /// use anchorrec_graph::NeighbourhoodMean;
    /// use ndarray::array;
    ///
    /// // The user has both items: it becomes the mean of three nodes, each item that of two.
    /// let graph = NeighbourhoodMean::new(1, 2, &[(0, 0), (0, 1)]);
    /// let (users, items) = graph.layer(&array![[3.0]], &array![[6.0], [0.0]]);
    /// assert_eq!((users, items), (array![[(3.0 + 6.0 + 0.0) / 3.0]], array![[(3.0 + 6.0) / 2.0], [3.0 / 2.0]]));
    /// ```
    pub fn new(users: usize, items: usize, pairs: &[(u32, u32)]) -> Self {
        let mut pairs = pairs.to_vec();
        pairs.sort_unstable();
        pairs.dedup();
        let mut entries = TriMat::with_capacity((users, items), pairs.len());
        for (u, i) in pairs {
            assert!((u as usize) < users && (i as usize) < items, "pair ({u}, {i}) outside {users} x {items}");
            entries.add_triplet(u as usize, i as usize, F::one());
        }
        let users_to_items: CsMat<F> = entries.to_csr();
        let items_to_users = users_to_items.transpose_view().to_csr();
        let share = |block: &CsMat<F>| {
            block.outer_iterator().map(|row| F::of(1.0 / (row.nnz() as f64 + 1.0))).collect::<Array1<F>>()
        };
        let (user_share, item_share) = (share(&users_to_items), share(&items_to_users));
        NeighbourhoodMean { users_to_items, items_to_users, user_share, item_share }
    }

    /// Returns the number of users `U`.
    ///
    /// ```
    /// assert_eq!(anchorrec_graph::NeighbourhoodMean::<f32>::new(2, 3, &[(0, 0)]).users(), 2);
    /// ```
    pub fn users(&self) -> usize {
        self.users_to_items.rows()
    }

    /// Returns the number of items `I`.
    ///
    /// ```
    /// assert_eq!(anchorrec_graph::NeighbourhoodMean::<f32>::new(2, 3, &[(0, 0)]).items(), 3);
    /// ```
    pub fn items(&self) -> usize {
        self.users_to_items.cols()
    }

    /// Takes one layer, `N E` of `E = [users; items]`, as `([U, D], [I, D])`.
    ///
    /// # Panics
    /// When the rows are not `U` and `I`.
    ///
    /// ```
    /// use anchorrec_graph::NeighbourhoodMean;
    /// use ndarray::array;
    ///
    /// // Nobody has the item: both keep what they are.
    /// let graph = NeighbourhoodMean::new(1, 1, &[]);
    /// assert_eq!(graph.layer(&array![[2.0]], &array![[5.0]]), (array![[2.0]], array![[5.0]]));
    /// ```
    pub fn layer(&self, users: &Array2<F>, items: &Array2<F>) -> Sides<F> {
        self.layer_and((users, items), None)
    }

    /// `N E`, and `plus` more.
    fn layer_and(&self, (users, items): (&Array2<F>, &Array2<F>), plus: Option<(&Array2<F>, &Array2<F>)>) -> Sides<F> {
        let (plus_users, plus_items) = plus.unzip();
        (
            spmm_add_scaled_by_row(&self.users_to_items, items, users, &self.user_share, plus_users),
            spmm_add_scaled_by_row(&self.items_to_users, users, items, &self.item_share, plus_items),
        )
    }

    /// Computes `mean(E, NE, ..., N^layers E)` for `E = [users; items]`, as `([U, D], [I, D])`.
    ///
    /// # Panics
    /// When the rows are not `U` and `I`.
    ///
    /// ```
    /// use anchorrec_graph::NeighbourhoodMean;
    /// use ndarray::array;
    ///
    /// let graph = NeighbourhoodMean::new(1, 1, &[(0, 0)]);
    /// let (users, items) = graph.layer_mean(&array![[2.0]], &array![[4.0]], 1);
    /// assert_eq!((users, items), (array![[(2.0 + 3.0) / 2.0]], array![[(4.0 + 3.0) / 2.0]]));
    /// ```
    pub fn layer_mean(&self, users: &Array2<F>, items: &Array2<F>, layers: usize) -> Sides<F> {
        let (mut of_users, mut of_items) = self.layer_sums((users, items), layers);
        let share = share::<F>(layers);
        of_users.par_mapv_inplace(|x| x * share);
        of_items.par_mapv_inplace(|x| x * share);
        (of_users, of_items)
    }

    /// `E + N(E + N(...))`, `layers` times `N`.
    fn layer_sums(&self, e: (&Array2<F>, &Array2<F>), layers: usize) -> Sides<F> {
        if layers == 0 {
            return (e.0.clone(), e.1.clone());
        }
        let first = self.layer_and(e, Some(e));
        (1..layers).fold(first, |sums, _| self.layer_and((&sums.0, &sums.1), Some(e)))
    }

    /// Computes the rows `user_rows` and `item_rows` of [`layer_mean`](Self::layer_mean), repeats kept: the last layer is multiplied for
    /// them alone.
    ///
    /// # Panics
    /// When the tables are not of `U` and `I` rows, or a row is not there.
    ///
    /// ```
    /// use anchorrec_graph::NeighbourhoodMean;
    /// use ndarray::array;
    ///
    /// let graph = NeighbourhoodMean::new(1, 1, &[(0, 0)]);
    /// let (users, items) = graph.layer_mean_rows(&array![[2.0]], &array![[4.0]], 1, &[0, 0], &[]);
    /// assert_eq!((users, items.nrows()), (array![[2.5], [2.5]], 0));
    /// ```
    pub fn layer_mean_rows(
        &self,
        users: &Array2<F>,
        items: &Array2<F>,
        layers: usize,
        user_rows: &[u32],
        item_rows: &[u32],
    ) -> Sides<F> {
        let (mut of_users, mut of_items) = (gather(users, user_rows), gather(items, item_rows));
        if layers > 0 {
            // `E` itself, or the sums of all layers but the last.
            let sums = (layers > 1).then(|| self.layer_sums((users, items), layers - 1));
            let (inner_users, inner_items) = sums.as_ref().map_or((users, items), |(users, items)| (users, items));
            let last = |block: &CsMat<F>, share: &Array1<F>, listed: &[u32], own: &Array2<F>, other: &Array2<F>| {
                let mut sums = spmm_rows(block, listed, other);
                sums += &gather(own, listed);
                let shares: Array1<F> = listed.iter().map(|&row| share[row as usize]).collect();
                rows::scale(&mut sums, shares.view());
                sums
            };
            of_users += &last(&self.users_to_items, &self.user_share, user_rows, inner_users, inner_items);
            of_items += &last(&self.items_to_users, &self.item_share, item_rows, inner_items, inner_users);
        }
        let share = share::<F>(layers);
        of_users.mapv_inplace(|x| x * share);
        of_items.mapv_inplace(|x| x * share);
        (of_users, of_items)
    }

    /// Backward pass of [`layer_mean_rows`](Self::layer_mean_rows): from the gradients of those rows to those of `users` `[U, D]` and `items`
    /// `[I, D]`.
    ///
    /// # Panics
    /// When there is not a row of gradients for each row, or a row is not there.
    ///
    /// ```
    /// use anchorrec_graph::NeighbourhoodMean;
    /// use ndarray::array;
    ///
    /// let graph = NeighbourhoodMean::new(1, 1, &[(0, 0)]);
    /// let d = graph.layer_mean_rows_backward((&[0], &array![[4.0]]), (&[], &ndarray::Array2::zeros((0, 1))), 1);
    /// // The user counts with 1 + 1/2, the item with 1/2, both halved.
    /// assert_eq!(d, (array![[4.0 * 0.75]], array![[4.0 * 0.25]]));
    /// ```
    pub fn layer_mean_rows_backward(
        &self,
        (user_rows, d_users): (&[u32], &Array2<F>),
        (item_rows, d_items): (&[u32], &Array2<F>),
        layers: usize,
    ) -> Sides<F> {
        let share = share::<F>(layers);
        let users = Few::new(user_rows, &d_users.mapv(|d| d * share), &self.user_share);
        let items = Few::new(item_rows, &d_items.mapv(|d| d * share), &self.item_share);
        if layers == 0 {
            let zeros = |count| Array2::zeros((count, d_users.ncols()));
            return (users.added_to(zeros(self.users())), items.added_to(zeros(self.items())));
        }
        // The first `Nᵀ d + d`: `d` has few rows.
        let first = |block: &CsMat<F>, own: &Few<F>, other: &Few<F>| {
            let mut sums = spmm_from_rows(block, &other.rows, &other.shared);
            add_rows(&mut sums, Rows::Some(&own.rows), own.shared.view());
            own.added_to(sums)
        };
        let sums = (first(&self.users_to_items, &users, &items), first(&self.items_to_users, &items, &users));
        (1..layers).fold(sums, |(mut of_users, mut of_items), _| {
            rows::scale(&mut of_users, self.user_share.view());
            rows::scale(&mut of_items, self.item_share.view());
            (
                users.added_to(spmm_add_scaled(&self.users_to_items, &of_items, &of_users, F::one())),
                items.added_to(spmm_add_scaled(&self.items_to_users, &of_users, &of_items, F::one())),
            )
        })
    }
}

/// The gradients of few rows of a side, those of a repeated row added up.
struct Few<F> {
    /// The rows, ascending.
    rows: Vec<u32>,
    /// The gradients `d`, `[n, D]`.
    values: Array2<F>,
    /// `d` times the shares of its rows, as `Nᵀ` reads it.
    shared: Array2<F>,
}

impl<F: Real> Few<F> {
    fn new(listed: &[u32], d: &Array2<F>, shares: &Array1<F>) -> Self {
        let (rows, values) = summed(listed, d);
        let mut shared = values.clone();
        rows::scale(&mut shared, rows.iter().map(|&row| shares[row as usize]).collect::<Array1<F>>().view());
        Few { rows, values, shared }
    }

    /// Adds `d` to a table of the side.
    fn added_to(&self, mut table: Array2<F>) -> Array2<F> {
        add_rows(&mut table, Rows::Some(&self.rows), self.values.view());
        table
    }
}

/// What each of `E, NE, ..., N^layers E` counts in their mean.
fn share<F: Real>(layers: usize) -> F {
    F::one() / F::of(layers as f64 + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_close, assert_gradient, random};
    use ndarray::{Axis, concatenate, s};

    const PAIRS: [(u32, u32); 5] = [(0, 0), (0, 1), (1, 1), (0, 0), (3, 1)];

    /// `N` written out, users first.
    fn dense(users: usize, items: usize, pairs: &[(u32, u32)]) -> Array2<f64> {
        let mut n = Array2::<f64>::eye(users + items);
        for &(u, i) in pairs {
            let (u, i) = (u as usize, users + i as usize);
            (n[[u, i]], n[[i, u]]) = (1.0, 1.0);
        }
        let sums = n.sum_axis(Axis(1)).insert_axis(Axis(1));
        n / &sums
    }

    #[test]
    fn the_layer_mean_equals_the_mean_of_dense_powers() {
        let (graph, n) = (NeighbourhoodMean::<f64>::new(4, 3, &PAIRS), dense(4, 3, &PAIRS));
        let e = random::matrix(7, 5, &mut random::generator(1));
        let (users, items) = (e.slice(s![..4, ..]).to_owned(), e.slice(s![4.., ..]).to_owned());
        for layers in 0..4 {
            let (mut power, mut sum) = (e.clone(), e.clone());
            for _ in 0..layers {
                power = n.dot(&power);
                sum += &power;
            }
            let (u, i) = graph.layer_mean(&users, &items, layers);
            let got = concatenate![Axis(0), u, i];
            assert_close("layer mean", got.view(), (sum / (layers as f64 + 1.0)).view(), 1e-13);
            let (some_u, some_i) = graph.layer_mean_rows(&users, &items, layers, &[3, 0, 3], &[2, 2]);
            assert_close("users", some_u.view(), gather(&u, &[3, 0, 3]).view(), 1e-14);
            assert_close("items", some_i.view(), gather(&i, &[2, 2]).view(), 1e-14);
        }
    }

    #[test]
    fn the_backward_pass_is_the_gradient_and_not_the_forward_pass() {
        let graph = NeighbourhoodMean::<f64>::new(4, 3, &PAIRS);
        let rng = &mut random::generator(2);
        let (users, items) = (random::matrix(4, 2, rng), random::matrix(3, 2, rng));
        let (user_rows, item_rows) = ([2, 0, 2], [1, 0]);
        let (d_u, d_i) = (random::matrix(3, 2, rng), random::matrix(2, 2, rng));
        for layers in 0..4 {
            let (of_users, of_items) = graph.layer_mean_rows_backward((&user_rows, &d_u), (&item_rows, &d_i), layers);
            let loss = |users: &Array2<f64>, items: &Array2<f64>| {
                let (u, i) = graph.layer_mean_rows(users, items, layers, &user_rows, &item_rows);
                (u * &d_u).sum() + (i * &d_i).sum()
            };
            assert_gradient("users", of_users.view(), users.view(), |u| loss(&u.to_owned(), &items));
            assert_gradient("items", of_items.view(), items.view(), |i| loss(&users, &i.to_owned()));
        }
    }

    #[test]
    #[should_panic(expected = "pair (0, 3) outside 4 x 3")]
    fn a_pair_outside_is_named() {
        NeighbourhoodMean::<f32>::new(4, 3, &[(0, 3)]);
    }
}
