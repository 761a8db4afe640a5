//! Margin between cosines: a user's positive should be nearer by angle than the negative.
//!
//! `UI = mean_b relu(μ + (1 - cos(u_b, zi_b)) - (1 - cos(u_b, zj_b)))`, `u`, `zi`, `zj` `[B, D]`.
//!
//! The user row is detached (stop-gradient): no gradient is returned for it. A row shorter than `1e-8` has no
//! direction: its cosine is 0 and no gradient reaches it. At the kink of `relu` the gradient is that of the flat side.

use crate::unit_rows::UnitRows;
use anchorrec_kernels::Real;
use ndarray::{Array1, Array2, ArrayView2, Axis, Zip};

/// The value of [`cosine_margin`](fn@cosine_margin) and what its backward pass needs.
#[derive(Clone, Debug)]
pub struct CosineMargin<F> {
    /// The loss.
    pub value: F,
    /// Unit rows of the users, `[B, D]`.
    users: UnitRows<F>,
    /// Unit rows of the positives, `[B, D]`.
    positives: UnitRows<F>,
    /// Unit rows of the negatives, `[B, D]`.
    negatives: UnitRows<F>,
    /// `d value / d cos(u_b, zj_b)`: `1/B` inside the margin, else 0. `[B]`.
    slope: Array1<F>,
}

/// Mean shortfall of the margin between cosines: `mean relu(margin + (1 - cos(u, zi)) - (1 - cos(u, zj)))`.
///
/// Users `u` (stop-gradient), positives `zi` and negatives `zj` are `[B, D]`.
///
/// # Panics
/// When the shapes differ or have no rows.
///
/// ```
/// use anchorrec_losses::cosine_margin;
/// use ndarray::array;
///
/// // The positive is at right angles to the user, the negative in its direction: off by 1 and the margin.
/// let loss = cosine_margin(array![[1.0, 0.0]].view(), array![[0.0, 2.0]].view(), array![[3.0, 0.0]].view(), 0.25);
/// assert_eq!(loss.value, 0.25 + 1.0);
/// ```
pub fn cosine_margin<F: Real>(u: ArrayView2<F>, zi: ArrayView2<F>, zj: ArrayView2<F>, margin: F) -> CosineMargin<F> {
    assert!(
        u.dim() == zi.dim() && u.dim() == zj.dim() && u.nrows() > 0,
        "cosine_margin: users {:?}, positives {:?}, negatives {:?}",
        u.dim(),
        zi.dim(),
        zj.dim()
    );
    let (users, positives, negatives) = (UnitRows::new(u), UnitRows::new(zi), UnitRows::new(zj));
    let share = F::of(1.0 / u.nrows() as f64);
    let mut sum = 0.0;
    let slope =
        Zip::from(users.rows.rows()).and(positives.rows.rows()).and(negatives.rows.rows()).map_collect(|u, zi, zj| {
            let short_of_margin = margin + u.dot(&zj) - u.dot(&zi);
            if short_of_margin <= F::zero() {
                return F::zero();
            }
            sum += short_of_margin.as_f64();
            share
        });
    CosineMargin { value: F::of(sum / u.nrows() as f64), users, positives, negatives, slope }
}

impl<F: Real> CosineMargin<F> {
    /// Returns the gradients of positives and negatives, `(d_zi, d_zj)`, each `[B, D]`, times `upstream`. Users have none: they are
    /// detached.
    ///
    /// ```
    /// use anchorrec_losses::cosine_margin;
    /// use ndarray::array;
    ///
    /// let loss = cosine_margin(array![[1.0, 0.0]].view(), array![[0.0, 2.0]].view(), array![[3.0, 0.0]].view(), 0.25);
    /// // The positive turns towards the user; the negative, which points straight at it, has nowhere to turn.
    /// assert_eq!(loss.backward(1.0), (array![[-1.0 / 2.0, 0.0]], array![[0.0, 0.0]]));
    /// ```
    pub fn backward(&self, upstream: F) -> (Array2<F>, Array2<F>) {
        let d_cosine = self.slope.mapv(|s| s * upstream).insert_axis(Axis(1));
        let d_negatives = &self.users.rows * &d_cosine;
        let d_positives = d_negatives.mapv(|d| -d);
        (self.positives.backward(d_positives), self.negatives.backward(d_negatives))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_close_scalar, assert_gradient, random};
    use ndarray::array;

    #[test]
    fn angles_solved_by_hand() {
        // The user looks along x; cosines of (3, 4), (0, 1), (5, 0), (-1, 0) and (0, 0) are 3/5, 0, 1, -1 and 0.
        for (zi, zj, margin, loss) in [
            ([0.0, 1.0], [3.0, 4.0], 0.2, 0.2 + 0.6),
            ([3.0, 4.0], [0.0, 1.0], 0.2, 0.0),
            ([3.0, 4.0], [0.0, 1.0], 0.7, 0.7 - 0.6),
            ([-1.0, 0.0], [5.0, 0.0], 0.2, 0.2 + 2.0),
            ([0.0, 0.0], [3.0, 4.0], 0.2, 0.2 + 0.6),
        ] {
            let loss_of = cosine_margin(array![[2.0, 0.0]].view(), array![zi].view(), array![zj].view(), margin);
            assert_close_scalar(&format!("{zi:?} {zj:?}"), loss_of.value, loss, 1e-14); // sums of a few roundings
        }
    }

    #[test]
    fn rows_without_direction_get_no_gradient() {
        let (zero, x) = (array![[0.0, 0.0]], array![[3.0, 4.0]]);
        let (d_zi, d_zj) = cosine_margin(x.view(), zero.view(), zero.view(), 0.2).backward(1.0);
        assert_eq!((d_zi, d_zj), (zero.clone(), zero.clone()));
        let lost = cosine_margin(zero.view(), x.view(), x.view(), 0.2);
        assert_eq!(lost.value, 0.2);
        let (d_zi, d_zj) = lost.backward(1.0);
        assert!(d_zi.iter().chain(&d_zj).all(|&d| d == 0.0));
    }

    #[test]
    fn gradients() {
        for (b, d) in [(1, 1), (1, 5), (9, 4), (300, 3)] {
            let mut rng = random::generator(b as u64);
            let [u, zi, zj] = [0; 3].map(|_| random::matrix(b, d, &mut rng) + 0.3);
            let (d_zi, d_zj) = cosine_margin(u.view(), zi.view(), zj.view(), 0.2).backward(b as f64);
            let name = format!("cosine margin, {b} x {d}");
            let of = |zi: ArrayView2<f64>, zj: ArrayView2<f64>| cosine_margin(u.view(), zi, zj, 0.2).value * b as f64;
            assert_gradient(&name, d_zi.view(), zi.view(), |zi| of(zi, zj.view()));
            assert_gradient(&name, d_zj.view(), zj.view(), |zj| of(zi.view(), zj));
        }
    }

    #[test]
    #[should_panic(expected = "users (1, 2), positives (2, 2), negatives (2, 2)")]
    fn shapes_that_do_not_fit_are_named() {
        let two = Array2::<f64>::zeros((2, 2));
        cosine_margin(Array2::zeros((1, 2)).view(), two.view(), two.view(), 0.2);
    }
}
