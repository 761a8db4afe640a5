//! The un-squared norm of a matrix: `‖X‖_F / divisor`, `X` `[B, D]`.
//!
//! MMRec's embedding regulariser is `Σ_k ‖X_k‖_F / B` over the rows of users, positives and negatives, not squared:
//! its pull does not grow with the weights, and LightGCN there is tuned with it. One matrix a call. Gradient
//! `X / (‖X‖_F divisor)`, at `X = 0` zero (the sub-gradient of least length).

use crate::squared_norm::sum_of_squares;
use anchorrec_kernels::Real;
use ndarray::{Array2, ArrayView2};

/// The value of [`frobenius_norm`](fn@frobenius_norm) and what its backward pass needs.
#[derive(Clone, Debug)]
pub struct FrobeniusNorm<F> {
    /// The loss.
    pub value: F,
    /// `X / (‖X‖_F divisor)`, `[B, D]`.
    gradient: Array2<F>,
}

/// Norm of a matrix, not squared: `‖X‖_F / divisor`; `X` `[B, D]`.
///
/// # Panics
/// When `divisor` is not positive.
///
/// ```
/// use anchorrec_losses::frobenius_norm;
/// use ndarray::array;
///
/// assert_eq!(frobenius_norm(array![[3.0, 0.0], [0.0, 4.0]].view(), 2.0).value, 5.0 / 2.0);
/// ```
pub fn frobenius_norm<F: Real>(x: ArrayView2<F>, divisor: F) -> FrobeniusNorm<F> {
    assert!(divisor > F::zero(), "frobenius_norm: a divisor of {divisor}");
    let norm = sum_of_squares(x).sqrt();
    // Not `norm > 0`: a NaN must stay one.
    let scale = if norm == 0.0 { F::zero() } else { F::of(1.0 / (norm * divisor.as_f64())) };
    FrobeniusNorm { value: F::of(norm / divisor.as_f64()), gradient: x.mapv(|x| x * scale) }
}

impl<F: Real> FrobeniusNorm<F> {
    /// Returns `d_X = upstream · X / (‖X‖_F divisor)`, `[B, D]`.
    ///
    /// ```
    /// use anchorrec_losses::frobenius_norm;
    /// use ndarray::array;
    ///
    /// let loss = frobenius_norm(array![[0.0, 4.0]].view(), 2.0);
    /// assert_eq!(loss.backward(1.0), array![[0.0, 1.0 / 2.0]]);
    /// ```
    pub fn backward(&self, upstream: F) -> Array2<F> {
        self.gradient.mapv(|g| g * upstream)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_gradient, random};
    use ndarray::array;

    #[test]
    fn a_matrix_solved_by_hand() {
        let loss = frobenius_norm(array![[1.0, -2.0], [4.0, 2.0]].view(), 2.0);
        assert_eq!(loss.value, 5.0 / 2.0);
        assert_eq!(loss.backward(10.0), array![[1.0, -2.0], [4.0, 2.0]]);
    }

    #[test]
    fn zero_has_value_and_gradient_zero() {
        let zero = Array2::<f32>::zeros((3, 2));
        let loss = frobenius_norm(zero.view(), 2.0);
        assert_eq!((loss.value, loss.backward(1.0)), (0.0, zero));
    }

    #[test]
    fn gradients() {
        for (b, d) in [(1, 1), (3, 4), (600, 2)] {
            let x = random::matrix(b, d, &mut random::generator(b as u64));
            let back = frobenius_norm(x.view(), 7.0).backward(3.0);
            let name = format!("frobenius norm, {b} x {d}");
            assert_gradient(&name, back.view(), x.view(), |x| 3.0 * frobenius_norm(x, 7.0).value);
        }
    }

    #[test]
    #[should_panic(expected = "a divisor of 0")]
    fn nothing_is_divided_by_zero() {
        frobenius_norm(array![[1.0]].view(), 0.0);
    }
}
