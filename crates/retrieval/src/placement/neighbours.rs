//! Places a new item among its nearest known neighbours by features.

use anchorrec_kernels::rows::{gather, normalised, norms};
use anchorrec_trainer::ranking::Ranker;
use ndarray::{Array2, ArrayView2, Axis};

/// Neighbours that are looked at. With more, users who are far apart come into one mean: on Baby the tables get worse from 5 to 200.
pub const NEIGHBOURS: usize = 5;

/// Returns a vector for each row of `new`, `[n, W]`: the direction of the mean of the `vectors` of the `k` nearest `known` items, and their mean length,
/// both weighted by the cosine of features. A row that is similar to nothing gets zeros.
///
/// # Panics
/// When a known item is not in `features`, `[I, W]`, or in `vectors`, `[I, D]`.
///
/// ```
/// use anchorrec_retrieval::placement::place;
/// use ndarray::array;
///
/// let features = array![[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]];
/// let vectors = array![[5.0, 0.0], [0.0, 5.0], [9.0, 9.0]];
/// let placed = place(features.view(), &[0, 1, 2], vectors.view(), array![[2.0, 0.0]].view(), 2);
/// // Between the first two, and as long as they are: their mean would have 3.5.
/// assert!((placed[[0, 0]] - 12.5f32.sqrt()).abs() < 1e-6 && placed[[0, 0]] == placed[[0, 1]]);
/// ```
pub fn place(
    features: ArrayView2<f32>,
    known: &[u32],
    vectors: ArrayView2<f32>,
    new: ArrayView2<f32>,
    k: usize,
) -> Array2<f32> {
    let (keys, queries) = (normalised(&gather(&features, known)), normalised(&new));
    let rows: Vec<u32> = (0..new.nrows() as u32).collect();
    let neighbours = Ranker::new(keys.view(), &[]).best(&rows, k, |rows| gather(&queries, rows), |_| &[]);
    let known_vectors = gather(&vectors, known);
    let lengths = norms(&known_vectors);
    let mut placed = Array2::zeros((new.nrows(), vectors.ncols()));
    for (mut row, list) in placed.axis_iter_mut(Axis(0)).zip(neighbours) {
        let (mut weight, mut length) = (0.0, 0.0);
        for (item, cosine) in list.into_iter().filter(|entry| entry.1 > 0.0) {
            row.scaled_add(cosine, &known_vectors.row(item as usize));
            weight += cosine;
            length += cosine * lengths[item as usize];
        }
        let sum = row.dot(&row).sqrt();
        if sum > 0.0 {
            row *= length / weight / sum;
        }
    }
    placed
}
