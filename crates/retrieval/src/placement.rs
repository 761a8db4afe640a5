//! New items: a vector from features alone, by the frozen vectors of a trained model.
//!
//! A new item stands where its nearest neighbours by features stand: with `c_n` the cosine of its features and those of known item `n`, and `N` the
//! `k` known items with the largest ones,
//!
//! `v = Σ_{n∈N} max(c_n, 0) v_n / Σ_{n∈N} max(c_n, 0)`.
//!
//! Known items are those with a training row. Features of several kinds give a vector each; their mean is taken. How this compares with the model's own
//! encoders was measured: `docs/new-users-and-items.md`.

use anchorrec_kernels::rows::{gather, normalised};
use anchorrec_trainer::ranking::Ranker;
use ndarray::{Array2, ArrayView2, Axis};

/// Neighbours that are looked at.
pub const NEIGHBOURS: usize = 10;

/// Returns a vector for each row of `new`, `[n, W]`: the mean of the `vectors` of the `k` nearest `known` items, weighted by the cosine of features.
/// A row that is similar to nothing gets the mean of all known items.
///
/// # Panics
/// When a known item is not in `features`, `[I, W]`, or in `vectors`, `[I, D]`.
///
/// ```
/// use anchorrec_retrieval::placement::place;
/// use ndarray::array;
///
/// let features = array![[1.0, 0.0], [0.0, 1.0]];
/// let vectors = array![[5.0, 0.0, 0.0], [0.0, 7.0, 0.0]];
/// let placed = place(&features, &[0, 1], vectors.view(), &array![[2.0, 0.0]], 1);
/// assert_eq!(placed, array![[5.0, 0.0, 0.0]]);
/// ```
pub fn place(
    features: &Array2<f32>,
    known: &[u32],
    vectors: ArrayView2<f32>,
    new: &Array2<f32>,
    k: usize,
) -> Array2<f32> {
    let (keys, queries) = (gather(&normalised(features), known), normalised(new));
    let rows: Vec<u32> = (0..new.nrows() as u32).collect();
    let neighbours = Ranker::new(keys.view(), &[]).best(&rows, k, |rows| gather(&queries, rows), |_| &[]);
    let known_vectors = gather(&vectors, known);
    let mean = known_vectors.mean_axis(Axis(0));
    let mut placed = Array2::zeros((new.nrows(), vectors.ncols()));
    for (mut row, list) in placed.axis_iter_mut(Axis(0)).zip(neighbours) {
        let weight: f32 = list.iter().map(|&(_, cosine)| cosine.max(0.0)).sum();
        if weight > 0.0 {
            for (item, cosine) in list {
                row.scaled_add(cosine.max(0.0) / weight, &known_vectors.row(item as usize));
            }
        } else if let Some(mean) = &mean {
            row.assign(mean);
        }
    }
    placed
}
