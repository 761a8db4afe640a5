//! How many directions a space really uses.
//!
//! With `σ_1 >= σ_2 >= ...` the singular values of an item space `X` `[I, D]` and `p_k = σ_k² / Σ σ²`:
//! `effective rank = exp(-Σ p_k ln p_k)` (Roy and Vetterli, EUSIPCO 2007, there with `p_k ∝ σ_k`): `D` when all directions carry the same, 1 when one
//! carries all.
//!
//! The squares are the eigenvalues of `XᵀX` `[D, D]`, computed in `f64`, so a singular value below some `1e-8` of the largest is noise. With the
//! feature `lapack`, which needs OpenBLAS on the system, LAPACK finds those of `X` itself; the last bits then depend on the machine.

#[cfg(feature = "lapack")]
mod lapack;

use anchorrec_kernels::{Real, product};
use anchorrec_linalg::scale::power_of_two;
use anchorrec_linalg::tridiagonal::eigenvalues;
use ndarray::{ArrayBase, Data, Ix2};

/// Returns the singular values of `x` `[I, D]`, largest first, `[D]`.
///
/// # Panics
/// When a number is not finite.
///
/// ```
/// use anchorrec_metrics::spectrum::singular_values;
/// use ndarray::array;
///
/// let values = singular_values(&array![[0.0, 3.0], [4.0, 0.0]]);
/// assert!((values[0] - 4.0).abs() < 1e-14 && (values[1] - 3.0).abs() < 1e-14);
/// ```
pub fn singular_values<F: Real>(x: &ArrayBase<impl Data<Elem = F>, Ix2>) -> Vec<f64> {
    assert!(x.iter().all(|v| v.is_finite()), "singular values of finite numbers");
    #[cfg(feature = "lapack")]
    let mut values = lapack::singular_values(x);
    #[cfg(not(feature = "lapack"))]
    let mut values = by_squares(x);
    values.resize(x.ncols(), 0.0);
    values
}

/// Singular values, largest first, `[min(I, D)]`: roots of the eigenvalues of the smaller Gram matrix.
#[cfg(any(test, not(feature = "lapack")))]
fn by_squares<F: Real>(x: &ArrayBase<impl Data<Elem = F>, Ix2>) -> Vec<f64> {
    let mut x = x.mapv(Real::as_f64);
    let scale = power_of_two(x.iter().fold(0.0, |largest, v| v.abs().max(largest)));
    if scale != 1.0 {
        x *= scale;
    }
    let gram = if x.nrows() < x.ncols() { product(&x, &x.t()) } else { product(&x.t(), &x) };
    let mut values: Vec<f64> = eigenvalues(gram).into_iter().map(|v| v.max(0.0).sqrt() / scale).collect();
    values.sort_by(|a, b| b.total_cmp(a));
    values
}

/// Returns how many directions carry a spectrum, `exp(-Σ p ln p)` with `p = σ² / Σ σ²`; 0 when all are zero.
///
/// ```
/// use anchorrec_metrics::spectrum::effective_rank;
/// assert!((effective_rank(&[2.0, 2.0, 2.0, 0.0]) - 3.0).abs() < 1e-14);
/// assert_eq!(effective_rank(&[5.0, 0.0]), 1.0);
/// ```
pub fn effective_rank(singular_values: &[f64]) -> f64 {
    let sum: f64 = singular_values.iter().map(|s| s * s).sum();
    if sum == 0.0 {
        return 0.0;
    }
    let entropy: f64 = singular_values.iter().map(|s| s * s / sum).filter(|&p| p > 0.0).map(|p| -p * p.ln()).sum();
    entropy.exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_close_scalar, random};
    use ndarray::{Array2, array};

    #[test]
    fn solved_by_hand() {
        // XᵀX = [[25, 20], [20, 25]]: eigenvalues 45 and 5.
        let values = singular_values(&array![[3.0, 0.0], [4.0, 5.0]]);
        assert_close_scalar("first", values[0], 45f64.sqrt(), 1e-14);
        assert_close_scalar("second", values[1], 5f64.sqrt(), 1e-14);
        assert_eq!(singular_values(&array![[0.0f32, 0.0]]), [0.0, 0.0]);
        // Numbers whose squares `f64` does not have.
        for unit in [1e200, 1e-200] {
            let values = singular_values(&array![[3.0 * unit, 0.0], [4.0 * unit, 5.0 * unit]]);
            assert_close_scalar("first", values[0] / unit, 45f64.sqrt(), 1e-14);
            assert_close_scalar("second", values[1] / unit, 5f64.sqrt(), 1e-14);
        }
    }

    #[test]
    fn planted_values_come_back() {
        // Rotations of a diagonal matrix: the values stay. The frame comes from reflections of random vectors.
        let (n, rng) = (40, &mut random::generator(1));
        let planted: Vec<f64> = (0..n).map(|k| 3.0 * 0.7f64.powi(k)).collect();
        let mut x = Array2::from_diag(&ndarray::Array1::from(planted.clone()));
        for _ in 0..3 {
            let v = random::matrix(n as usize, 1, rng);
            let square = v.iter().map(|x| x * x).sum::<f64>();
            let reflection = Array2::eye(n as usize) - v.dot(&v.t()) * (2.0 / square);
            x = reflection.dot(&x).dot(&reflection.t());
        }
        for (got, want) in singular_values(&x).iter().zip(&planted) {
            assert!((got - want).abs() < 1e-7 * 3.0, "{got} for {want}");
        }
        let wide = random::matrix(5, 12, rng);
        let (of_wide, of_tall) = (singular_values(&wide), singular_values(&wide.t()));
        assert_eq!((of_wide.len(), of_tall.len()), (12, 5));
        for (a, b) in of_wide.iter().zip(&of_tall) {
            assert_close_scalar("wide and tall", *a, *b, 1e-12);
        }
        let squares: f64 = of_tall.iter().map(|s| s * s).sum();
        assert_close_scalar("norm", squares, wide.iter().map(|x| x * x).sum(), 1e-13);
    }

    #[test]
    #[cfg(feature = "lapack")]
    fn lapack_and_squares_agree() {
        let rng = &mut random::generator(2);
        for (rows, columns) in [(30, 7), (7, 30), (50, 50)] {
            let x = random::matrix(rows, columns, rng);
            let (squares, lapack) = (by_squares(&x), lapack::singular_values(&x));
            assert_eq!(squares.len(), lapack.len());
            for (a, b) in squares.iter().zip(&lapack) {
                // A square below one part in 1e16 of the largest is lost, its root below 1e-8; these are far above.
                assert!((a - b).abs() < 1e-9 * lapack[0], "{a} by squares, {b} by LAPACK");
            }
        }
    }
}
