//! Singular values by LAPACK, through ndarray-linalg.

use anchorrec_kernels::Real;
use ndarray::{ArrayBase, Data, Ix2};
use ndarray_linalg::SVD;

/// Finds the singular values, largest first, `[min(I, D)]`: those of `X` itself, not of its squares.
///
/// # Panics
/// When LAPACK does not converge, which it does for finite numbers.
pub(super) fn singular_values<F: Real>(x: &ArrayBase<impl Data<Elem = F>, Ix2>) -> Vec<f64> {
    let (_, values, _) = x.mapv(Real::as_f64).svd(false, false).expect("LAPACK converges for finite numbers");
    values.to_vec()
}
