//! What a few rows of `S^L X` depend on.
//!
//! A loss that looks at a batch needs `S^L X` for the batch's rows. Those depend on the rows of `X` within `L` steps and on
//! no others, in both directions: the gradient of all other rows of `X` is zero. With ten neighbours an item, one layer and
//! 1,764 items of a batch, that is a little more than half of the 18,357 items of Amazon Sports.

use crate::{ItemGraph, spmm};
use anchorrec_kernels::{Real, rows::Rows};
use ndarray::Array2;
use sprs::CsMat;

/// The rows of `S^L X` that are wanted, the rows of `X` that they depend on, and the products between.
#[derive(Clone, Debug)]
pub enum Reach<'a, F> {
    /// All rows of users and items.
    Whole {
        /// The graph `S`.
        graph: &'a ItemGraph<F>,
        /// The number of layers `L`.
        layers: usize,
    },
    /// Some rows.
    Part {
        /// The rows of `X`, ascending, each once.
        sources: Vec<u32>,
        /// `S` between the rows of one layer and the next, with its transpose; the first is applied first.
        hops: Vec<(CsMat<F>, CsMat<F>)>,
    },
}

impl<F: Real> ItemGraph<F> {
    /// Asks for all rows of `S^layers X`.
    ///
    /// ```
    /// use anchorrec_graph::{ItemGraph, nearest_by_cosine};
    /// use ndarray::array;
    ///
    /// let identity = ItemGraph::new(&nearest_by_cosine(&array![[1.0], [1.0]], 1));
    /// assert_eq!(identity.whole(3).propagate(array![[5.0], [7.0]]), array![[5.0], [7.0]]);
    /// ```
    pub fn whole(&self, layers: usize) -> Reach<'_, F> {
        Reach::Whole { graph: self, layers }
    }

    /// Asks for the rows `targets` of `S^layers X`, repeats kept.
    ///
    /// # Panics
    /// When a target is not an item.
    ///
    /// ```
    /// use anchorrec_graph::{ItemGraph, nearest_by_cosine};
    /// use ndarray::array;
    ///
    /// let identity = ItemGraph::new(&nearest_by_cosine(&array![[1.0], [1.0]], 1));
    /// let reach = identity.reach(&[1], 2);
    /// // Row 1 depends on row 1 alone, so `X` is that row.
    /// assert_eq!(reach.propagate(array![[7.0]]), array![[7.0]]);
    /// ```
    pub fn reach(&self, targets: &[u32], layers: usize) -> Reach<'_, F> {
        let mut sources = targets.to_vec();
        let mut hops = Vec::new();
        for _ in 0..layers {
            let (hop, next) = between(&self.forward, &sources);
            let transpose = hop.transpose_view().to_csr();
            hops.push((hop, transpose));
            sources = next;
        }
        hops.reverse();
        Reach::Part { sources, hops }
    }
}

/// The rows `rows` of `s` without the columns in which they have no entry, and those that are left, ascending.
fn between<F: Real>(s: &CsMat<F>, rows: &[u32]) -> (CsMat<F>, Vec<u32>) {
    let row = |r: u32| s.outer_view(r as usize).unwrap_or_else(|| panic!("item {r} of a graph of {}", s.rows()));
    let mut used = vec![false; s.cols()];
    for &r in rows {
        row(r).indices().iter().for_each(|&column| used[column] = true);
    }
    let columns: Vec<u32> = (0..s.cols() as u32).filter(|&column| used[column as usize]).collect();
    let mut place = vec![0; s.cols()];
    columns.iter().enumerate().for_each(|(n, &column)| place[column as usize] = n);

    let (mut starts, mut indices, mut weights) = (vec![0], Vec::new(), Vec::new());
    for &r in rows {
        for (column, &weight) in row(r).iter() {
            indices.push(place[column]);
            weights.push(weight);
        }
        starts.push(indices.len());
    }
    (CsMat::new((rows.len(), columns.len()), starts, indices, weights), columns)
}

impl<F: Real> Reach<'_, F> {
    /// Returns the rows of `X` that the wanted rows depend on, ascending.
    ///
    /// ```
    /// use anchorrec_graph::{ItemGraph, Rows, nearest_by_cosine};
    /// use ndarray::array;
    ///
    /// // Items 0 and 1 are neighbours of each other, item 2 has itself alone.
    /// let graph = ItemGraph::new(&nearest_by_cosine(&array![[1.0, 0.0], [2.0, 0.0], [0.0, 0.0]], 2));
    /// assert!(matches!(graph.reach(&[1], 1).sources(), Rows::Some([0, 1])));
    /// assert!(matches!(graph.whole(1).sources(), Rows::All));
    /// ```
    pub fn sources(&self) -> Rows<'_> {
        match self {
            Reach::Whole { .. } => Rows::All,
            Reach::Part { sources, .. } => Rows::Some(sources),
        }
    }

    /// Multiplies: from the rows of `X` named by [`sources`](Self::sources) to the wanted rows of `S^L X`.
    ///
    /// # Panics
    /// When `x` has not a row for each source.
    ///
    /// ```
    /// use anchorrec_graph::{ItemGraph, nearest_by_cosine};
    /// use ndarray::array;
    ///
    /// // Two items in one direction: all four weights are 1/2, so both become the mean.
    /// let graph = ItemGraph::new(&nearest_by_cosine(&array![[1.0], [1.0]], 2));
    /// let mean = graph.reach(&[0], 1).propagate(array![[2.0f64], [4.0]]);
    /// assert!((mean[[0, 0]] - 3.0).abs() < 1e-15);
    /// ```
    pub fn propagate(&self, x: Array2<F>) -> Array2<F> {
        match self {
            Reach::Whole { graph, layers } => (0..*layers).fold(x, |x, _| spmm(&graph.forward, &x)),
            Reach::Part { hops, .. } => hops.iter().fold(x, |x, (hop, _)| spmm(hop, &x)),
        }
    }

    /// Backward pass of [`propagate`](Self::propagate): from the gradient of the wanted rows to that of the source rows.
    ///
    /// ```
    /// use anchorrec_graph::{ItemGraph, nearest_by_cosine};
    /// use ndarray::array;
    ///
    /// let graph = ItemGraph::new(&nearest_by_cosine(&array![[1.0], [1.0]], 2));
    /// let d_x = graph.reach(&[0], 1).propagate_backward(array![[1.0f64]]);
    /// assert!((&d_x - 1.0 / 2.0).iter().all(|difference| difference.abs() < 1e-15));
    /// ```
    pub fn propagate_backward(&self, d_y: Array2<F>) -> Array2<F> {
        match self {
            Reach::Whole { graph, layers } => (0..*layers).fold(d_y, |d, _| spmm(&graph.transpose, &d)),
            Reach::Part { hops, .. } => hops.iter().rev().fold(d_y, |d, (_, transpose)| spmm(transpose, &d)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nearest_by_cosine;
    use anchorrec_kernels::rows::gather;
    use anchorrec_testkit::{assert_close, assert_gradient, random};

    fn graph() -> ItemGraph<f64> {
        let rng = &mut random::generator(2);
        ItemGraph::new(&nearest_by_cosine(&random::matrix(40, 4, rng).mapv(f64::abs), 3))
    }

    #[test]
    fn backward_is_the_gradient_for_every_number_of_layers() {
        let graph = graph();
        let rng = &mut random::generator(3);
        let (x, weight) = (random::matrix(40, 3, rng), random::matrix(40, 3, rng));
        for layers in 0..4 {
            let reach = graph.whole(layers);
            let d = reach.propagate_backward(weight.clone());
            assert_gradient("S^L X", d.view(), x.view(), |x| (reach.propagate(x.to_owned()) * &weight).sum());
        }
    }

    #[test]
    fn a_part_equals_the_same_rows_of_the_whole() {
        let graph = graph();
        let x = random::matrix(40, 3, &mut random::generator(4));
        let targets = [3, 4, 17, 39];
        for layers in 0..4 {
            let reach = graph.reach(&targets, layers);
            let Rows::Some(sources) = reach.sources() else { panic!("some rows were asked for") };
            let got = reach.propagate(gather(&x, sources));
            let all = graph.whole(layers).propagate(x.clone());
            assert_eq!(got, gather(&all, &targets), "{layers} layers");

            // Backward: what a gradient of those rows alone sends back; nothing to rows that are no sources.
            let d = random::matrix(targets.len(), 3, &mut random::generator(5));
            let mut everywhere = Array2::zeros(x.dim());
            targets.iter().zip(d.rows()).for_each(|(&t, d)| everywhere.row_mut(t as usize).assign(&d));
            let want = graph.whole(layers).propagate_backward(everywhere);
            assert_close("sources", reach.propagate_backward(d).view(), gather(&want, sources).view(), 1e-14);
            let elsewhere = (0..40).filter(|i| !sources.contains(i));
            assert!(elsewhere.into_iter().all(|i| want.row(i as usize).iter().all(|&d| d == 0.0)), "{layers} layers");
        }
    }

    #[test]
    fn one_layer_of_one_item_needs_its_neighbours() {
        let features = ndarray::array![[1.0, 0.0], [1.0, 0.1], [0.0, 1.0], [0.1, 1.0]];
        let graph = ItemGraph::new(&nearest_by_cosine(&features, 2));
        assert_eq!(graph.reach(&[2], 1).sources(), Rows::Some(&[2, 3]));
    }

    #[test]
    #[should_panic(expected = "item 40 of a graph of 40")]
    fn an_item_that_is_not_there_is_named() {
        graph().reach(&[40], 1);
    }
}
