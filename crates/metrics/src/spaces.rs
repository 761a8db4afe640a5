//! Two spaces of the same items, compared; one space, by itself.
//!
//! | figure | formula | reads as |
//! |---|---|---|
//! | linear CKA | `‖XᵀY‖² / (‖XᵀX‖ ‖YᵀY‖)`, columns centred (Kornblith et al., ICML 2019) | 1: equal but for rotation and scale; 0: unrelated |
//! | positional spread | `mean_i ‖x̂_i - ŷ_i‖ / mean_{i≠j} ‖x̂_i - x̂_j‖`, unit rows | 0: both positions of an item coincide (collapse); about 1: they are as far apart as different items |
//! | alignment | `mean_{(a,b)} ‖x̂_a - x̂_b‖²` over positive pairs (Wang and Isola, ICML 2020) | 0: pairs coincide |
//! | uniformity | `ln mean_{i≠j} exp(-2 ‖x̂_i - x̂_j‖²)` | the lower the more evenly spread; 0: all in one place |
//!
//! A row of zeros stays zero: it lies in the middle of the sphere. Everything is exact, over all pairs, tile by tile.

use anchorrec_kernels::{Real, product, rows};
use ndarray::{Array2, ArrayBase, ArrayView2, Axis, Data, Ix2, s};
use rayon::prelude::*;

/// Rows of a tile of all pairs.
const TILE: usize = 256;

/// Linear CKA of `x` `[I, D]` and `y` `[I, E]`; 0 when one of them has no variance.
///
/// # Panics
/// When the numbers of rows differ.
pub fn linear_cka<F: Real>(x: &ArrayBase<impl Data<Elem = F>, Ix2>, y: &ArrayBase<impl Data<Elem = F>, Ix2>) -> f64 {
    assert_eq!(x.nrows(), y.nrows(), "linear CKA: rows");
    let centred = |x: ArrayView2<F>| {
        let x = x.mapv(Real::as_f64);
        let mean = x.mean_axis(Axis(0)).unwrap_or_else(|| ndarray::Array1::zeros(x.ncols()));
        x - mean
    };
    let (x, y) = (centred(x.view()), centred(y.view()));
    let squares = |x: &Array2<f64>, y: &Array2<f64>| product(&x.t(), y).iter().map(|v| v * v).sum::<f64>();
    let norm = (squares(&x, &x) * squares(&y, &y)).sqrt();
    if norm > 0.0 { squares(&x, &y) / norm } else { 0.0 }
}

/// How far an item's positions in two spaces of the same width are apart, against different items in the first.
///
/// # Panics
/// When the shapes differ.
pub fn positional_spread<F: Real>(
    x: &ArrayBase<impl Data<Elem = F>, Ix2>,
    y: &ArrayBase<impl Data<Elem = F>, Ix2>,
) -> f64 {
    assert_eq!(x.dim(), y.dim(), "positional spread: shapes");
    let (x, y) = (unit(x.view()), unit(y.view()));
    let apart: f64 = x.rows().into_iter().zip(y.rows()).map(|(x, y)| squared_distance(&x, &y).sqrt()).sum();
    let between = mean_over_pairs(&x, f64::sqrt);
    if between > 0.0 { apart / x.nrows() as f64 / between } else { 0.0 }
}

/// `mean ‖x̂_a - ŷ_b‖²` over the pairs `(a, b)`; 0 for none.
///
/// # Panics
/// When the widths differ or a row is not there.
pub fn alignment<F: Real>(
    x: &ArrayBase<impl Data<Elem = F>, Ix2>,
    y: &ArrayBase<impl Data<Elem = F>, Ix2>,
    pairs: &[(u32, u32)],
) -> f64 {
    assert_eq!(x.ncols(), y.ncols(), "alignment: widths");
    let (x, y) = (unit(x.view()), unit(y.view()));
    let of = |&(a, b): &(u32, u32)| squared_distance(&x.row(a as usize), &y.row(b as usize));
    pairs.iter().map(of).sum::<f64>() / pairs.len().max(1) as f64
}

/// `ln mean_{i≠j} exp(-2 ‖x̂_i - x̂_j‖²)`; 0 for fewer than two rows.
pub fn uniformity<F: Real>(x: &ArrayBase<impl Data<Elem = F>, Ix2>) -> f64 {
    if x.nrows() < 2 { 0.0 } else { mean_over_pairs(&unit(x.view()), |squared| (-2.0 * squared).exp()).ln() }
}

fn unit<F: Real>(x: ArrayView2<F>) -> Array2<f64> {
    rows::normalised(&x.mapv(Real::as_f64))
}

fn squared_distance(x: &ndarray::ArrayView1<f64>, y: &ndarray::ArrayView1<f64>) -> f64 {
    x.iter().zip(y).map(|(x, y)| (x - y).powi(2)).sum()
}

/// The mean of `f(‖x_i - x_j‖²)` over all `i ≠ j`; 0 for fewer than two rows.
fn mean_over_pairs(x: &Array2<f64>, f: impl Fn(f64) -> f64 + Sync) -> f64 {
    let n = x.nrows();
    let squares: Vec<f64> = x.rows().into_iter().map(|row| row.dot(&row)).collect();
    let starts: Vec<usize> = (0..n).step_by(TILE).collect();
    // A sum for each block of rows, added in order: the same for any number of threads.
    let of_block = |&start: &usize| {
        let end = n.min(start + TILE);
        let mut inner = Array2::zeros((end - start, n));
        anchorrec_kernels::product_serial_into(inner.view_mut(), &x.slice(s![start..end, ..]), &x.t());
        let mut sum = 0.0;
        for (i, row) in (start..).zip(inner.rows()) {
            for (j, inner) in row.iter().enumerate().filter(|(j, _)| *j != i) {
                // Rounding may put two equal rows a little below zero apart.
                sum += f((squares[i] + squares[j] - 2.0 * inner).max(0.0));
            }
        }
        sum
    };
    let sums: Vec<f64> = starts.par_iter().map(of_block).collect();
    if n < 2 { 0.0 } else { sums.iter().sum::<f64>() / (n as f64 * (n - 1) as f64) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_close_scalar, random};
    use ndarray::array;

    #[test]
    fn three_points_solved_by_hand() {
        // Unit vectors at 0, 90 and 180 degrees: squared distances 2, 2 and 4.
        let x = array![[2.0, 0.0], [0.0, 1.0], [-3.0, 0.0]];
        let mean = (2.0 * 2f64.sqrt() + 2.0) / 3.0;
        assert_close_scalar("uniformity", uniformity(&x), ((2.0 * (-4f64).exp() + (-8f64).exp()) / 3.0).ln(), 1e-13);
        // The second space: the first turned by 90 degrees, so every item is √2 away from itself.
        let y = array![[0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]];
        assert_close_scalar("spread", positional_spread(&x, &y), 2f64.sqrt() / mean, 1e-14);
        assert_eq!(positional_spread(&x, &x), 0.0);
        assert_close_scalar("alignment", alignment(&x, &y, &[(0, 0), (1, 2), (0, 2)]), (2.0 + 4.0 + 2.0) / 3.0, 1e-14);
    }

    #[test]
    fn cka_sees_rotation_and_scale_as_nothing() {
        let rng = &mut random::generator(1);
        let x = random::matrix(300, 3, rng);
        let turn = array![[0.6, -0.8, 0.0], [0.8, 0.6, 0.0], [0.0, 0.0, 1.0]];
        assert_close_scalar("turned", linear_cka(&x, &(x.dot(&turn) * 5.0 + 2.0)), 1.0, 1e-13);
        // One column of two that is shared: x = (a, b), y = a with a, b orthogonal, centred and of the same length.
        let (a, b) = ([1.0, -1.0, 1.0, -1.0], [1.0, 1.0, -1.0, -1.0]);
        let x = Array2::from_shape_fn((4, 2), |(i, j)| if j == 0 { a[i] } else { b[i] });
        let y = Array2::from_shape_fn((4, 1), |(i, _)| a[i]);
        assert_close_scalar("half", linear_cka(&x, &y), 16.0 / (32f64.sqrt() * 4.0), 1e-14);
        assert_eq!(linear_cka(&y, &Array2::ones((4, 2))), 0.0);
    }

    #[test]
    fn tiles_join_without_a_seam() {
        let x = unit(random::matrix(2 * TILE + 40, 3, &mut random::generator(2)).view());
        let n = x.nrows();
        let mut sum = 0.0;
        for i in 0..n {
            for j in (0..n).filter(|&j| j != i) {
                sum += squared_distance(&x.row(i), &x.row(j)).sqrt();
            }
        }
        assert_close_scalar("all pairs", mean_over_pairs(&x, f64::sqrt), sum / (n * (n - 1)) as f64, 1e-12);
    }
}
