//! A directed item graph: who is near whom in one modality.
//!
//! `S_ij = w_ij / √(deg_i deg_j)` for `j ∈ N(i)`, `w_ij` the cosine, `deg_i = Σ_j w_ij` the sum of *row* `i` for
//! both ends. `j ∈ N(i)` does not make `i ∈ N(j)`, and `S` is never symmetrised: a backward pass multiplies by `Sᵀ`,
//! which is therefore stored. Source: the modality graphs of LATTICE (arXiv 2104.09036), with self loops.
//!
//! SMORE (arXiv 2412.14978) takes the union of two such graphs, each edge with the larger of its weights.
//!
//! FREEDOM (arXiv 2211.06924) does not weigh its edges, `w_ij = 1`, adds `1e-7` to each degree, and takes a weighted sum of the graphs of several
//! modalities.
//!
//! **Rule.** Kept cosines may be negative when there are few items. A row whose weights do not sum to a
//! positive number has no root: its edges, and those that end in it, get weight 0.

use crate::knn::Neighbours;
use anchorrec_kernels::Real;
use sprs::vec::{NnzEither, SparseIterTools};
use sprs::{CsMat, TriMat};

/// A directed item graph `S` and its transpose, both `[I, I]` in CSR order.
#[derive(Clone, Debug)]
pub struct ItemGraph<F> {
    /// The graph `S`: row `i` holds the weights of the neighbours of item `i`.
    pub forward: CsMat<F>,
    /// The transpose `Sᵀ`, for backward passes.
    pub transpose: CsMat<F>,
}

impl<F: Real> ItemGraph<F> {
    /// Normalises the cosines of `neighbours`: `S_ij = w_ij / √(deg_i deg_j)`.
    ///
    /// ```
    /// use anchorrec_graph::{ItemGraph, nearest_by_cosine};
    /// use ndarray::array;
    ///
    /// // Two items in one direction: each has the weights 1 and 1, so its degree is 2.
    /// let graph = ItemGraph::new(&nearest_by_cosine(&array![[1.0, 0.0], [3.0, 0.0]], 2));
    /// assert!((graph.forward.to_dense()[[0, 1]] - 1.0f64 / 2.0).abs() < 1e-15);
    /// ```
    pub fn new(neighbours: &Neighbours<F>) -> Self {
        Self::normalised(neighbours, |cosine| cosine.as_f64(), 0.0)
    }

    /// Weighs every edge to a neighbour the same: `1/√((n_i + 1e-7)(n_j + 1e-7))` with `n_i` the number of neighbours of item `i`.
    ///
    /// ```
    /// use anchorrec_graph::{ItemGraph, nearest_by_cosine};
    /// use ndarray::array;
    ///
    /// // The second neighbour is at right angles, and weighs as much as the item itself.
    /// let graph = ItemGraph::unweighted(&nearest_by_cosine(&array![[1.0, 0.0], [0.0, 1.0]], 2));
    /// let dense = graph.forward.to_dense();
    /// assert_eq!(dense[[0, 0]], dense[[0, 1]]);
    /// assert!((dense[[0, 1]] - 1.0f64 / 2.0).abs() < 1e-7);
    /// ```
    pub fn unweighted(neighbours: &Neighbours<F>) -> Self {
        Self::normalised(neighbours, |_| 1.0, 1e-7)
    }

    fn normalised(neighbours: &Neighbours<F>, weight: impl Fn(F) -> f64, offset: f64) -> Self {
        let items = neighbours.items();
        let degree = |i| neighbours.of(i).iter().map(|&(_, cosine)| weight(cosine)).sum::<f64>() + offset;
        let degrees: Vec<f64> = (0..items).map(degree).collect();
        let root = |item: usize| if degrees[item] > 0.0 { degrees[item].powf(-0.5) } else { 0.0 };
        let mut entries = TriMat::new((items, items));
        for i in 0..items {
            for &(j, cosine) in neighbours.of(i) {
                entries.add_triplet(i, j as usize, F::of(weight(cosine) * root(i) * root(j as usize)));
            }
        }
        Self::of(&entries)
    }

    /// Adds graphs up, each times its share: `Σ_m s_m S_m` of `(s_m, S_m)`.
    ///
    /// # Panics
    /// When there is no graph, or their numbers of items differ.
    ///
    /// ```
    /// use anchorrec_graph::{ItemGraph, nearest_by_cosine};
    /// use ndarray::array;
    ///
    /// // With one neighbour each, the item itself, a graph is the identity.
    /// let identity = ItemGraph::new(&nearest_by_cosine(&array![[1.0], [1.0]], 1));
    /// let sum = ItemGraph::weighted_sum(&[(0.25, &identity), (0.5, &identity)]);
    /// assert_eq!(sum.forward.to_dense(), array![[0.75, 0.0], [0.0, 0.75]]);
    /// ```
    pub fn weighted_sum(graphs: &[(F, &ItemGraph<F>)]) -> Self {
        let shape = graphs.first().expect("one graph or more").1.forward.shape();
        let mut entries = TriMat::new(shape);
        for (share, graph) in graphs {
            assert_eq!(graph.forward.shape(), shape, "weighted_sum: item graphs of different sizes");
            graph.forward.iter().for_each(|(&weight, (i, j))| entries.add_triplet(i, j, *share * weight));
        }
        Self::of(&entries)
    }

    /// Takes the edges of both graphs; where both have one, the larger of the two weights.
    ///
    /// SMORE (arXiv 2412.14978) joins the graphs of two modalities so. The weights are not normalised again.
    ///
    /// # Panics
    /// When their numbers of items differ.
    ///
    /// ```
    /// use anchorrec_graph::{ItemGraph, nearest_by_cosine};
    /// use ndarray::array;
    ///
    /// // Item 1 points where item 0 does: with two neighbours all weights are 1/2; with one, the graph is the identity.
    /// let features = array![[1.0], [1.0]];
    /// let [one, two] = [1, 2].map(|k| ItemGraph::new(&nearest_by_cosine(&features, k)));
    /// let union = ItemGraph::larger(&one, &two).forward.to_dense();
    /// assert_eq!((union[[0, 0]], union[[0, 1]]), (1.0, two.forward.to_dense()[[0, 1]]));
    /// ```
    pub fn larger(one: &ItemGraph<F>, other: &ItemGraph<F>) -> Self {
        let shape = one.forward.shape();
        assert_eq!(shape, other.forward.shape(), "larger: item graphs of different sizes");
        let mut entries = TriMat::new(shape);
        for (i, (one, other)) in one.forward.outer_iterator().zip(other.forward.outer_iterator()).enumerate() {
            for edge in one.iter().nnz_or_zip(other.iter()) {
                let (j, weight) = match edge {
                    NnzEither::Both((j, &a, &b)) => (j, if b > a { b } else { a }),
                    NnzEither::Left((j, &weight)) | NnzEither::Right((j, &weight)) => (j, weight),
                };
                entries.add_triplet(i, j, weight);
            }
        }
        Self::of(&entries)
    }

    /// Entries at the same place add up.
    fn of(entries: &TriMat<F>) -> Self {
        let forward: CsMat<F> = entries.to_csr();
        let transpose = forward.transpose_view().to_csr();
        ItemGraph { forward, transpose }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nearest_by_cosine;
    use anchorrec_testkit::assert_close;
    use ndarray::{Array2, array};

    #[test]
    fn weights_use_row_sums_at_both_ends() {
        // cos(0,1) = cos(1,2) = cos 45°, cos(0,2) = 0: with k = 2 items 0 and 2 choose 1, and 1 ties to 0.
        let features: Array2<f64> = array![[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
        let graph = ItemGraph::new(&nearest_by_cosine(&features, 2));
        let (c, d) = (0.5f64.sqrt(), 1.0 + 0.5f64.sqrt());
        let want = array![[1.0 / d, c / d, 0.0], [c / d, 1.0 / d, 0.0], [0.0, c / d, 1.0 / d]];
        assert_close("S", graph.forward.to_dense().view(), want.view(), 1e-15);
        assert_close("Sᵀ", graph.transpose.to_dense().view(), want.t(), 1e-15);
    }

    #[test]
    fn unweighted_graphs_add_up() {
        // With k = 2: 0 and 1 choose each other, 2 chooses 1; in the other modality 0 chooses 2, 1 chooses 2 and 2 chooses 0 (a tie).
        let one = ItemGraph::unweighted(&nearest_by_cosine(&array![[1.0, 0.0], [1.0, 0.1], [0.0, 1.0]], 2));
        let other = ItemGraph::unweighted(&nearest_by_cosine(&array![[1.0, 1.0], [1.0, -1.0], [1.0, 0.0]], 2));
        let (a, b) = (0.25 / 2.0, 0.75 / 2.0);
        let sum = ItemGraph::weighted_sum(&[(0.25, &one), (0.75, &other)]);
        let want: Array2<f64> = array![[a + b, a, b], [a, a + b, b], [b, a, a + b]];
        // Each degree is 2 + 1e-7; roots are taken and multiplied: a few roundings.
        assert_close("S", (sum.forward.to_dense() * (1.0 + 0.5e-7)).view(), want.view(), 1e-14);
        assert_close("Sᵀ", sum.transpose.to_dense().view(), sum.forward.to_dense().t(), 1e-15);
    }

    #[test]
    fn the_larger_of_two_weights_also_where_one_is_negative() {
        let graph = |rows: Array2<f64>| {
            let mut entries = TriMat::new(rows.dim());
            rows.indexed_iter().filter(|(_, w)| !w.is_nan()).for_each(|((i, j), &w)| entries.add_triplet(i, j, w));
            ItemGraph::of(&entries)
        };
        let none = f64::NAN;
        let one = graph(array![[0.5, -0.5, none], [none, 1.0, 0.25], [none, none, 1.0]]);
        let other = graph(array![[0.75, none, 0.5], [none, 0.5, none], [-0.25, none, none]]);
        let union = ItemGraph::larger(&one, &other);
        assert_eq!(union.forward.to_dense(), array![[0.75, -0.5, 0.5], [0.0, 1.0, 0.25], [-0.25, 0.0, 1.0]]);
        assert_eq!(union.transpose.to_dense(), union.forward.to_dense().t());
        assert_eq!(ItemGraph::larger(&other, &one).forward, union.forward);
    }

    /// What `sprs` stores decides how many edges there are: see the crate's documentation.
    #[test]
    fn edges_that_cancel_are_still_edges() {
        let (features, others) = (array![[1.0, 0.0], [1.0, 0.1]], array![[1.0, 0.0], [1.0, 0.1]]);
        let one = ItemGraph::new(&nearest_by_cosine(&features, 2));
        let other = ItemGraph::new(&nearest_by_cosine(&others, 2));
        let nothing = ItemGraph::weighted_sum(&[(1.0, &one), (-1.0, &other)]);
        assert_eq!((nothing.forward.nnz(), nothing.transpose.nnz()), (4, 4));
        assert!(nothing.forward.data().iter().all(|&weight| weight == 0.0));
        // The other way to add drops them.
        let minus = one.forward.map(|weight| -weight);
        assert_eq!((&one.forward + &minus).nnz(), 0);
        // A product keeps them: (1, -1) · (1, 1) = 0 is stored.
        let dense = |rows: Array2<f64>| CsMat::csr_from_dense(rows.view(), 0.0);
        let product = &dense(array![[1.0, -1.0]]) * &dense(array![[1.0], [1.0]]);
        assert_eq!((product.nnz(), product.data()[0]), (1, 0.0));
    }

    #[test]
    fn a_row_that_sums_to_nothing_positive_has_weight_zero_not_nan() {
        let features: Array2<f64> = array![[1.0, 0.0], [-1.0, 0.0], [-1.0, 0.1]];
        let graph = ItemGraph::new(&nearest_by_cosine(&features, 3));
        assert!(graph.forward.data().iter().all(|w: &f64| w.is_finite()));
        assert_eq!(graph.forward.to_dense().row(0).to_vec(), [0.0; 3]);
    }
}
