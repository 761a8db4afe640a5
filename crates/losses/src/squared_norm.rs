//! Weight decay on the rows a batch used: `REG = ½ Σ_b ‖z_b‖² / divisor`, `z` `[B, D]`.
//!
//! One matrix a call; the regulariser of several is the sum of their calls. The divisor is an argument because it is
//! not the number of rows: the method divides by the configured batch size also when the last batch is shorter.

use anchorrec_kernels::{Real, rows::ROWS_PER_TASK, tasks};
use ndarray::{Array2, ArrayView2, Axis};

/// The value of [`half_squared_norm`] and what its backward pass needs.
#[derive(Clone, Debug)]
pub struct HalfSquaredNorm<F> {
    /// The loss.
    pub value: F,
    /// `z / divisor`, `[B, D]`.
    gradient: Array2<F>,
}

/// Weight decay on rows: `½ Σ_b ‖z_b‖² / divisor`; `z` `[B, D]`.
///
/// # Panics
/// When `divisor` is not positive.
///
/// ```
/// use anchorrec_losses::half_squared_norm;
/// use ndarray::array;
///
/// assert_eq!(half_squared_norm(array![[3.0, 0.0], [0.0, 4.0]].view(), 2.0).value, 0.5 * 25.0 / 2.0);
/// ```
pub fn half_squared_norm<F: Real>(z: ArrayView2<F>, divisor: F) -> HalfSquaredNorm<F> {
    assert!(divisor > F::zero(), "half_squared_norm: a divisor of {divisor}");
    let value = F::of(0.5 * sum_of_squares(z) / divisor.as_f64());
    HalfSquaredNorm { value, gradient: z.mapv(|x| x / divisor) }
}

impl<F: Real> HalfSquaredNorm<F> {
    /// Returns `d_z = upstream · z / divisor`, `[B, D]`.
    ///
    /// ```
    /// use anchorrec_losses::half_squared_norm;
    /// use ndarray::array;
    ///
    /// assert_eq!(half_squared_norm(array![[0.0, 4.0]].view(), 2.0).backward(1.0), array![[0.0, 4.0 / 2.0]]);
    /// ```
    pub fn backward(&self, upstream: F) -> Array2<F> {
        self.gradient.mapv(|g| g * upstream)
    }
}

/// `Σ x²`: chunks of rows, added in order.
pub(crate) fn sum_of_squares<F: Real>(x: ArrayView2<F>) -> f64 {
    let of_chunk = |rows: ArrayView2<F>| rows.rows().into_iter().map(|row| row.dot(&row).as_f64()).sum::<f64>();
    tasks::map(x.axis_chunks_iter(Axis(0), ROWS_PER_TASK), of_chunk).iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_gradient, random};
    use ndarray::array;

    #[test]
    fn a_matrix_solved_by_hand() {
        let loss = half_squared_norm(array![[1.0, 2.0], [0.0, -3.0]].view(), 4.0);
        assert_eq!(loss.value, 0.5 * (1.0 + 4.0 + 9.0) / 4.0);
        assert_eq!(loss.backward(8.0), array![[2.0, 4.0], [0.0, -6.0]]);
        assert_eq!(half_squared_norm(Array2::<f32>::zeros((0, 2)).view(), 4.0).value, 0.0);
    }

    #[test]
    fn f32_adds_up_a_large_matrix() {
        // A running f32 sum would stop growing at 2^24 = 16,777,216.
        let loss = half_squared_norm(Array2::<f32>::ones((400_000, 64)).view(), 1.0);
        assert_eq!(loss.value, 0.5 * 400_000.0 * 64.0);
    }

    #[test]
    fn gradients() {
        for (b, d) in [(1, 1), (3, 4), (600, 2)] {
            let z = random::matrix(b, d, &mut random::generator(b as u64));
            let back = half_squared_norm(z.view(), 7.0).backward(3.0);
            let name = format!("half squared norm, {b} x {d}");
            assert_gradient(&name, back.view(), z.view(), |z| 3.0 * half_squared_norm(z, 7.0).value);
        }
    }

    /// In `f64`: rounding the value to `f32` would hide another order of the sum.
    #[test]
    fn the_number_of_threads_does_not_change_a_bit() {
        let z = random::matrix(2_000, 5, &mut random::generator(3));
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| half_squared_norm(z.view(), 7.0).value)
        };
        let one = on(1);
        assert!([2, 3, 7].iter().all(|&threads| on(threads) == one));
    }

    #[test]
    #[should_panic(expected = "a divisor of 0")]
    fn nothing_is_divided_by_zero() {
        half_squared_norm(array![[1.0]].view(), 0.0);
    }
}
