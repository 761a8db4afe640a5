//! Distance by angle of rows that belong together: a user and a positive, an item and its content.
//!
//! `mean_b (1 - cos(a_b, c_b))`, `a`, `c` `[B, D]`; the gradient reaches both.
//!
//! A row shorter than `1e-8` has no direction: its cosine is 0 and no gradient reaches it.

use crate::unit_rows::UnitRows;
use anchorrec_kernels::{Real, rows};
use ndarray::{Array2, ArrayView2};

/// The value of [`cosine_distance`](fn@cosine_distance) and what its backward pass needs.
#[derive(Clone, Debug)]
pub struct CosineDistance<F> {
    /// The loss.
    pub value: F,
    /// Unit rows of `a`, `[B, D]`.
    a: UnitRows<F>,
    /// Unit rows of `c`, `[B, D]`.
    c: UnitRows<F>,
}

/// Mean distance by angle of row `b` of `a` and row `b` of `c`: `mean_b (1 - cos(a_b, c_b))`; `a`, `c` `[B, D]`.
///
/// # Panics
/// When the shapes differ or have no rows.
///
/// ```
/// use anchorrec_losses::cosine_distance;
/// use ndarray::array;
///
/// // One pair in the same direction, one at right angles.
/// let loss = cosine_distance(array![[2.0, 0.0], [0.0, 1.0]].view(), array![[5.0, 0.0], [3.0, 0.0]].view());
/// assert_eq!(loss.value, (0.0 + 1.0) / 2.0);
/// ```
pub fn cosine_distance<F: Real>(a: ArrayView2<F>, c: ArrayView2<F>) -> CosineDistance<F> {
    assert!(a.dim() == c.dim() && a.nrows() > 0, "cosine_distance: rows {:?} and {:?}", a.dim(), c.dim());
    let (a, c) = (UnitRows::new(a), UnitRows::new(c));
    let cosines: f64 = rows::inner(&a.rows, &c.rows).iter().map(|cosine| cosine.as_f64()).sum();
    CosineDistance { value: F::of(1.0 - cosines / a.rows.nrows() as f64), a, c }
}

impl<F: Real> CosineDistance<F> {
    /// Returns the gradients of both sides, `(d_a, d_c)`, each `[B, D]`, times `upstream`.
    ///
    /// ```
    /// use anchorrec_losses::cosine_distance;
    /// use ndarray::array;
    ///
    /// let loss = cosine_distance(array![[2.0, 0.0]].view(), array![[0.0, 1.0]].view());
    /// // Each side is pulled towards the other, by one over its own length.
    /// assert_eq!(loss.backward(1.0), (array![[0.0, -1.0 / 2.0]], array![[-1.0, 0.0]]));
    /// ```
    pub fn backward(&self, upstream: F) -> (Array2<F>, Array2<F>) {
        let d_cosine = -upstream / F::of(self.a.rows.nrows() as f64);
        let d_unit = |partner: &UnitRows<F>| partner.rows.mapv(|x| x * d_cosine);
        (self.a.backward(d_unit(&self.c)), self.c.backward(d_unit(&self.a)))
    }

    /// Returns the gradient of `a` alone, `d_a` `[B, D]`, times `upstream`: `c` is a detached target (stop-gradient).
    ///
    /// Self-supervision without negatives needs this, or all rows become one (Grill et al., NeurIPS 2020).
    ///
    /// ```
    /// use anchorrec_losses::cosine_distance;
    /// use ndarray::array;
    ///
    /// let loss = cosine_distance(array![[2.0, 0.0]].view(), array![[0.0, 1.0]].view());
    /// assert_eq!(loss.backward_a(1.0), array![[0.0, -1.0 / 2.0]]);
    /// ```
    pub fn backward_a(&self, upstream: F) -> Array2<F> {
        let d_cosine = -upstream / F::of(self.a.rows.nrows() as f64);
        self.a.backward(self.c.rows.mapv(|x| x * d_cosine))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_close_scalar, assert_gradient, random};
    use ndarray::array;

    #[test]
    fn angles_solved_by_hand() {
        // Cosines of (2, 0) with (3, 4), (0, 1), (-5, 0) and (0, 0): 3/5, 0, -1 and 0.
        let a = array![[2.0, 0.0], [2.0, 0.0], [2.0, 0.0], [2.0, 0.0]];
        let c = array![[3.0, 4.0], [0.0, 1.0], [-5.0, 0.0], [0.0, 0.0]];
        let want = (4.0 - 3.0 / 5.0 - 0.0 + 1.0 - 0.0) / 4.0;
        assert_close_scalar("value", cosine_distance(a.view(), c.view()).value, want, 1e-15);
    }

    #[test]
    fn rows_without_direction_get_and_give_no_gradient() {
        let (zero, x) = (array![[0.0, 0.0]], array![[3.0, 4.0]]);
        let (d_a, d_c) = cosine_distance(x.view(), zero.view()).backward(1.0);
        assert!(d_a.iter().chain(&d_c).all(|&d| d == 0.0), "{d_a} {d_c}");
    }

    #[test]
    fn gradients() {
        for (b, d) in [(1, 1), (1, 5), (9, 4), (40, 3)] {
            let mut rng = random::generator(b as u64);
            let [a, c] = [0; 2].map(|_| random::matrix(b, d, &mut rng) + 0.3);
            let (d_a, d_c) = cosine_distance(a.view(), c.view()).backward(b as f64);
            let name = format!("cosine distance, {b} x {d}");
            assert_eq!(cosine_distance(a.view(), c.view()).backward_a(b as f64), d_a);
            let of = |a: ArrayView2<f64>, c: ArrayView2<f64>| cosine_distance(a, c).value * b as f64;
            assert_gradient(&name, d_a.view(), a.view(), |a| of(a, c.view()));
            assert_gradient(&name, d_c.view(), c.view(), |c| of(a.view(), c));
        }
    }

    #[test]
    #[should_panic(expected = "rows (1, 2) and (2, 2)")]
    fn shapes_that_do_not_fit_are_named() {
        cosine_distance(Array2::<f64>::zeros((1, 2)).view(), Array2::zeros((2, 2)).view());
    }
}
