//! Smoothness over a graph: neighbours should be close to each other.
//!
//! `SMO = (1/E) Σ_(i,j) S_ij ‖h_i - h_j‖²` over the `E` stored entries of a sparse `S` `[I, I]`, `H` `[I, D]`. A self
//! loop is a stored entry: it counts in the mean and costs nothing.
//!
//! `S` is directed, but the distance is not. With `M = S + Sᵀ`, formed once, every row sees all the edges that touch
//! it, in and out, and one pass over the rows gives both
//! `SMO = (1/E) Σ_i ½ Σ_j M_ij ‖h_i - h_j‖²` and `d_i = (2/E) Σ_j M_ij (h_i - h_j)`,
//! each row by one thread and no row written by two. The differences are formed as they are; the shorter form with
//! the Laplacian, `⟨H, (D - M) H⟩`, cancels once neighbours are close, which is what the loss is for.

use anchorrec_kernels::{Real, prefetch::prefetch, rows::ROWS_PER_TASK};
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, Zip};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use sprs::CsMat;
use sprs::binop::csmat_binop;

/// Columns whose sums stay in registers.
const STRIP: usize = 64;
/// Edges ahead of the one in use whose nodes are asked for.
const AHEAD: usize = 24;

/// The edges of a graph, prepared for the smoothness of many matrices.
///
/// ```
/// use anchorrec_losses::EdgeSmoothness;
/// use ndarray::array;
/// use sprs::TriMat;
///
/// // One edge of weight 2 between two nodes that are 3 apart.
/// let mut edges = TriMat::new((2, 2));
/// edges.add_triplet(0, 1, 2.0);
/// let loss = EdgeSmoothness::new(&edges.to_csr()).forward(array![[1.0], [4.0]].view());
/// assert_eq!(loss.value, 2.0 * 9.0);
/// assert_eq!(loss.backward(1.0), array![[-2.0 * 2.0 * 3.0], [2.0 * 2.0 * 3.0]]);
/// ```
#[derive(Clone, Debug)]
pub struct EdgeSmoothness<F> {
    /// `M = S + Sᵀ`, `[I, I]`.
    both_ways: CsMat<F>,
    /// `E`, the stored entries of `S`.
    edges: usize,
}

/// The value of [`EdgeSmoothness::forward`] and what its backward pass needs.
#[derive(Clone, Debug)]
pub struct Smoothness<F> {
    /// The loss.
    pub value: F,
    /// `(2/E) Σ_j M_ij (h_i - h_j)`, `[I, D]`.
    gradient: Array2<F>,
}

impl<F: Real> EdgeSmoothness<F> {
    /// Takes the stored entries of `s` `[I, I]` as edges.
    ///
    /// # Panics
    /// When `s` is not square or not in row (CSR) order.
    ///
    /// ```
    /// use anchorrec_losses::EdgeSmoothness;
    /// use sprs::TriMat;
    ///
    /// let edges = EdgeSmoothness::<f64>::new(&TriMat::new((2, 2)).to_csr());
    /// # let _ = edges;
    /// ```
    pub fn new(s: &CsMat<F>) -> Self {
        assert!(s.is_csr() && s.rows() == s.cols(), "EdgeSmoothness: {:?} (CSR) is not a graph", s.shape());
        let transposed = s.transpose_view().to_csr();
        EdgeSmoothness { both_ways: csmat_binop(s.view(), transposed.view(), |&a, &b| a + b), edges: s.nnz() }
    }

    /// Computes the mean over the edges of `w_ij ‖h_i - h_j‖²`; `h` `[I, D]`. Without edges it is 0.
    ///
    /// # Panics
    /// When `h` does not have a row for every node.
    ///
    /// ```
    /// use anchorrec_losses::EdgeSmoothness;
    /// use ndarray::array;
    /// use sprs::TriMat;
    ///
    /// let edges = EdgeSmoothness::new(&TriMat::new((2, 2)).to_csr());
    /// assert_eq!(edges.forward(array![[1.0], [4.0]].view()).value, 0.0);
    /// ```
    pub fn forward(&self, h: ArrayView2<F>) -> Smoothness<F> {
        assert_eq!(h.nrows(), self.both_ways.rows(), "smoothness: {:?} over {:?}", h.dim(), self.both_ways.shape());
        let h = h.as_standard_layout();
        let share = 1.0 / self.edges.max(1) as f64;
        let mut gradient = Array2::zeros(h.dim());
        let partial: Vec<f64> = gradient
            .axis_chunks_iter_mut(Axis(0), ROWS_PER_TASK)
            .into_par_iter()
            .enumerate()
            .map(|(chunk, gradient)| {
                let (both_ways, first) = (&self.both_ways, chunk * ROWS_PER_TASK);
                Arch::new().dispatch(Chunk { both_ways, first, h: h.view(), gradient, scale: F::of(2.0 * share) })
            })
            .collect();
        Smoothness { value: F::of(0.5 * share * partial.iter().sum::<f64>()), gradient }
    }
}

/// Some rows of the gradient.
struct Chunk<'a, F> {
    both_ways: &'a CsMat<F>,
    /// The first row.
    first: usize,
    h: ArrayView2<'a, F>,
    gradient: ArrayViewMut2<'a, F>,
    scale: F,
}

impl<F: Real> WithSimd for Chunk<'_, F> {
    type Output = f64;

    /// `gradient_i = scale Σ_j M_ij (h_i - h_j)`; returns `Σ_j M_ij ‖h_i - h_j‖²` summed over the rows.
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        let Chunk { both_ways, first, h, mut gradient, scale } = self;
        let width = h.ncols();
        let h = h.as_slice().expect("standard layout");
        let (starts, indices, weights) = (both_ways.indptr(), both_ways.indices(), both_ways.data());
        let starts = starts.raw_storage();
        let mut sum = 0.0;
        for (r, mut gradient) in gradient.rows_mut().into_iter().enumerate() {
            let i = first + r;
            let (from, to) = (starts[i], starts[i + 1]);
            for &j in &indices[(from + AHEAD).min(indices.len())..(to + AHEAD).min(indices.len())] {
                prefetch(&h[j * width..(j + 1) * width]);
            }
            let gradient = gradient.as_slice_mut().expect("a row of a fresh matrix");
            let edges = Edges { indices: &indices[from..to], weights: &weights[from..to], h, width, i };
            let (strips, rest) = gradient.as_chunks_mut::<STRIP>();
            for (n, strip) in strips.iter_mut().enumerate() {
                sum += edges.strip(n * STRIP, strip, scale);
            }
            let done = strips.len() * STRIP;
            for (n, lane) in rest.as_chunks_mut::<1>().0.iter_mut().enumerate() {
                sum += edges.strip(done + n, lane, scale);
            }
        }
        sum
    }
}

/// The edges that touch node `i`.
struct Edges<'a, F> {
    indices: &'a [usize],
    weights: &'a [F],
    h: &'a [F],
    width: usize,
    i: usize,
}

impl<F: Real> Edges<'_, F> {
    /// `W` columns of the gradient from column `from` on; returns their squares, summed.
    #[inline(always)]
    fn strip<const W: usize>(&self, from: usize, gradient: &mut [F; W], scale: F) -> f64 {
        let columns =
            |node: usize| -> &[F; W] { self.h[node * self.width + from..][..W].try_into().expect("columns of a row") };
        let (own, mut sums, mut squares) = (columns(self.i), [F::zero(); W], [F::zero(); W]);
        for (&j, &weight) in self.indices.iter().zip(self.weights) {
            let other = columns(j);
            for k in 0..W {
                let difference = own[k] - other[k];
                let weighted = weight * difference;
                sums[k] += weighted;
                squares[k] += weighted * difference;
            }
        }
        for k in 0..W {
            gradient[k] = sums[k] * scale;
        }
        squares.iter().map(|s| s.as_f64()).sum()
    }
}

impl<F: Real> Smoothness<F> {
    /// Returns `d_h`, `[I, D]`, times `upstream`: `(2/E) Σ_j M_ij (h_i - h_j)` for row `i`.
    ///
    /// ```
    /// use anchorrec_losses::EdgeSmoothness;
    /// use ndarray::array;
    /// use sprs::TriMat;
    ///
    /// let mut edges = TriMat::new((2, 2));
    /// edges.add_triplet(0, 1, 1.0);
    /// let loss = EdgeSmoothness::new(&edges.to_csr()).forward(array![[1.0], [4.0]].view());
    /// assert_eq!(loss.backward(10.0), array![[-2.0 * 3.0 * 10.0], [2.0 * 3.0 * 10.0]]);
    /// ```
    pub fn backward(&self, upstream: F) -> Array2<F> {
        Zip::from(&self.gradient).par_map_collect(|&g| g * upstream)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_close_scalar, assert_gradient, random};
    use ndarray::array;
    use rand::RngExt;
    use sprs::TriMat;

    fn graph(nodes: usize, edges: &[(usize, usize, f64)]) -> CsMat<f64> {
        let mut entries = TriMat::new((nodes, nodes));
        edges.iter().for_each(|&(i, j, w)| entries.add_triplet(i, j, w));
        entries.to_csr()
    }

    fn random_graph(nodes: usize, degree: usize, seed: u64) -> CsMat<f64> {
        let mut rng = random::generator(seed);
        let mut edges: Vec<(usize, usize, f64)> = (0..nodes).map(|i| (i, i, 0.5)).collect();
        for i in 0..nodes {
            edges.extend((0..degree).map(|_| (i, rng.random_range(0..nodes), rng.random_range(0.1..1.0))));
        }
        graph(nodes, &edges)
    }

    /// The formula as it is, edge by edge.
    fn plain(s: &CsMat<f64>, h: ArrayView2<f64>) -> f64 {
        let cost = |(w, (i, j)): (&f64, (usize, usize))| {
            let difference = &h.row(i) - &h.row(j);
            w * difference.dot(&difference)
        };
        s.iter().map(cost).sum::<f64>() / s.nnz() as f64
    }

    #[test]
    fn a_triangle_solved_by_hand() {
        // 0 -> 1 (weight 2, distance² 9), 1 -> 0 (weight 1, the same), 2 -> 0 (weight 3, distance² 16), a loop at 2.
        let s = graph(3, &[(0, 1, 2.0), (1, 0, 1.0), (2, 0, 3.0), (2, 2, 5.0)]);
        let loss = EdgeSmoothness::new(&s).forward(array![[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]].view());
        assert_eq!(loss.value, (2.0 * 9.0 + 1.0 * 9.0 + 3.0 * 16.0 + 5.0 * 0.0) / 4.0);
        let d_0 = [2.0 * (3.0 * (0.0 - 3.0)) / 4.0, 2.0 * (3.0 * (0.0 - 4.0)) / 4.0];
        assert_eq!(loss.backward(1.0), array![d_0, [-d_0[0], 0.0], [0.0, -d_0[1]]]);
    }

    /// `S + Sᵀ` drops what cancels (`sprs` does); the mean is still over the stored entries of `S`.
    #[test]
    fn edges_that_cancel_cost_nothing_and_count() {
        let s = graph(3, &[(0, 1, 2.0), (1, 0, -2.0), (1, 2, 1.0), (2, 2, 0.0)]);
        let smoothness = EdgeSmoothness::new(&s);
        assert_eq!((smoothness.edges, smoothness.both_ways.nnz()), (4, 2));
        assert_eq!(smoothness.forward(array![[0.0], [3.0], [5.0]].view()).value, 1.0 * 4.0 / 4.0);
    }

    #[test]
    fn a_graph_without_edges_costs_nothing() {
        let loss = EdgeSmoothness::new(&graph(2, &[])).forward(array![[1.0], [2.0]].view());
        assert_eq!((loss.value, loss.backward(1.0)), (0.0, Array2::zeros((2, 1))));
    }

    #[test]
    fn equals_the_formula_edge_by_edge() {
        for (nodes, degree, width) in [(1, 0, 3), (5, 2, 1), (700, 6, 70)] {
            let s = random_graph(nodes, degree, nodes as u64);
            let h = random::matrix(nodes, width, &mut random::generator(9));
            let got = EdgeSmoothness::new(&s).forward(h.view()).value;
            // Sums of up to 5,000 positive terms in two orders.
            assert_close_scalar(&format!("{nodes} nodes"), got, plain(&s, h.view()), 1e-13);
        }
    }

    #[test]
    fn close_neighbours_far_from_the_origin_keep_their_digits_in_f32() {
        let s = graph(2, &[(0, 1, 1.0)]).map(|&w| w as f32);
        let loss = EdgeSmoothness::new(&s).forward(array![[1000.0], [1000.0 + 1.0 / 1024.0]].view());
        assert_eq!(loss.value, 1.0 / 1024.0 / 1024.0);
    }

    #[test]
    fn gradients() {
        for (nodes, degree, width) in [(1, 0, 2), (2, 1, 1), (9, 3, 5), (300, 2, 2)] {
            let edges = EdgeSmoothness::new(&random_graph(nodes, degree, nodes as u64));
            let h = random::matrix(nodes, width, &mut random::generator(7));
            let upstream = nodes as f64;
            let back = edges.forward(h.view()).backward(upstream);
            let name = format!("smoothness, {nodes} nodes");
            assert_gradient(&name, back.view(), h.view(), |h| upstream * edges.forward(h).value);
        }
    }

    #[test]
    fn the_number_of_threads_does_not_change_a_bit() {
        let edges = EdgeSmoothness::new(&random_graph(900, 5, 1).map(|&w| w as f32));
        let h = random::matrix(900, 64, &mut random::generator(2)).mapv(|x| x as f32);
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let loss = edges.forward(h.view());
                (loss.value, loss.backward(1.0))
            })
        };
        let one = on(1);
        for threads in [2, 3, 7] {
            assert_eq!(on(threads), one, "{threads} threads");
        }
    }

    #[test]
    #[should_panic(expected = "(3, 2) over (2, 2)")]
    fn a_matrix_without_a_row_for_every_node_is_named() {
        EdgeSmoothness::new(&graph(2, &[])).forward(Array2::zeros((3, 2)).view());
    }
}
