//! `A B`, strips of rows of `A` in parallel, each by one thread.

use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, linalg::general_mat_mul};
use rayon::prelude::*;

/// Rows of a product that one task computes.
pub const STRIP: usize = 256;

/// `A B`, a new `[m, n]`.
///
/// # Panics
/// When the shapes do not fit.
///
/// ```
/// use ndarray::array;
/// let (a, b) = (array![[1.0, 2.0]], array![[3.0], [4.0]]);
/// assert_eq!(anchorrec_linalg::product(a.view(), b.view()), array![[11.0]]);
/// ```
pub fn product(a: ArrayView2<f64>, b: ArrayView2<f64>) -> Array2<f64> {
    let mut out = Array2::zeros((a.nrows(), b.ncols()));
    multiply(out.view_mut(), 1.0, a, b, 0.0);
    out
}

/// `C <- C + α A B`.
///
/// # Panics
/// When the shapes do not fit.
pub fn add_product(c: ArrayViewMut2<f64>, alpha: f64, a: ArrayView2<f64>, b: ArrayView2<f64>) {
    multiply(c, alpha, a, b, 1.0);
}

/// `C <- β C + α A B`.
fn multiply(mut c: ArrayViewMut2<f64>, alpha: f64, a: ArrayView2<f64>, b: ArrayView2<f64>, beta: f64) {
    assert!(
        a.ncols() == b.nrows() && c.dim() == (a.nrows(), b.ncols()),
        "product: {:?} x {:?} does not give {:?}",
        a.dim(),
        b.dim(),
        c.dim()
    );
    let strips: Vec<_> = c.axis_chunks_iter_mut(Axis(0), STRIP).zip(a.axis_chunks_iter(Axis(0), STRIP)).collect();
    strips.into_par_iter().for_each(|(mut c, a)| general_mat_mul(alpha, &a, &b, beta, &mut c));
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_close, random};

    #[test]
    fn strips_are_the_product() {
        let rng = &mut random::generator(1);
        let (a, b) = (random::matrix(600, 7, rng), random::matrix(7, 5, rng));
        assert_close("product", product(a.view(), b.view()).view(), a.dot(&b).view(), 1e-13); // sums of seven
    }

    #[test]
    #[should_panic(expected = "product: (1, 2) x (3, 1) does not give (1, 1)")]
    fn shapes_that_do_not_fit_are_named() {
        product(Array2::zeros((1, 2)).view(), Array2::zeros((3, 1)).view());
    }
}
