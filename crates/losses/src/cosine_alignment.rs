//! Rows that should point where their targets point: `1 - mean_b cos(x_b, sg t_b)`, `x`, `t` `[B, D]`.
//!
//! The loss of self-supervision without negatives (Grill et al., NeurIPS 2020; BM3 aligns with it): what keeps all rows from becoming
//! one is that only `x` follows. The target is an anchor (stop-gradient): no gradient is returned for it. A row shorter than `1e-8` has
//! no direction: its cosine is 0 and no gradient reaches it.

use crate::unit_rows::UnitRows;
use anchorrec_kernels::{Real, rows};
use ndarray::{Array2, ArrayView2};

/// The value of [`cosine_alignment`](fn@cosine_alignment) and what its backward pass needs.
#[derive(Clone, Debug)]
pub struct CosineAlignment<F> {
    /// The loss.
    pub value: F,
    /// `[B, D]`.
    rows: UnitRows<F>,
    /// `[B, D]`.
    targets: UnitRows<F>,
}

/// `1 - mean cos(x, targets)`; `x`, `targets` (stop-gradient) `[B, D]`.
///
/// # Panics
/// When the shapes differ or have no rows.
pub fn cosine_alignment<F: Real>(x: ArrayView2<F>, targets: ArrayView2<F>) -> CosineAlignment<F> {
    assert!(
        x.dim() == targets.dim() && x.nrows() > 0,
        "cosine_alignment: rows {:?}, targets {:?}",
        x.dim(),
        targets.dim()
    );
    let (rows, targets) = (UnitRows::new(x), UnitRows::new(targets));
    let sum: f64 = rows::inner(&rows.rows, &targets.rows).iter().map(|cosine| cosine.as_f64()).sum();
    CosineAlignment { value: F::of(1.0 - sum / x.nrows() as f64), rows, targets }
}

impl<F: Real> CosineAlignment<F> {
    /// `d_x`, `[B, D]`, times `upstream`. The targets' gradient does not exist: they are anchors.
    pub fn backward(&self, upstream: F) -> Array2<F> {
        let d_cosine = -upstream / F::of(self.targets.rows.nrows() as f64);
        self.rows.backward(self.targets.rows.mapv(|t| t * d_cosine))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_close_scalar, assert_gradient, random};
    use ndarray::array;

    #[test]
    fn angles_solved_by_hand() {
        // Cosines 3/5, 0, 1, -1, and 0 for the row without direction.
        let x = array![[3.0, 4.0], [0.0, 1.0], [5.0, 0.0], [-1.0, 0.0], [0.0, 0.0]];
        let targets = array![[2.0, 0.0], [2.0, 0.0], [1.0, 0.0], [7.0, 0.0], [1.0, 0.0]];
        let loss = cosine_alignment(x.view(), targets.view());
        assert_close_scalar("loss", loss.value, 1.0 - (0.6 + 0.0 + 1.0 - 1.0 + 0.0) / 5.0, 1e-14); // a sum of a few roundings
    }

    #[test]
    fn rows_without_direction_get_no_gradient() {
        let (zero, x) = (array![[0.0, 0.0]], array![[3.0, 4.0]]);
        for loss in [cosine_alignment(zero.view(), x.view()), cosine_alignment(x.view(), zero.view())] {
            assert_eq!(loss.value, 1.0);
            assert!(loss.backward(1.0).iter().all(|&d| d == 0.0));
        }
    }

    #[test]
    fn gradients() {
        for (b, d) in [(1, 1), (1, 5), (9, 4), (300, 3)] {
            let mut rng = random::generator(b as u64);
            let [x, targets] = [0; 2].map(|_| random::matrix(b, d, &mut rng) + 0.3);
            let d_x = cosine_alignment(x.view(), targets.view()).backward(b as f64);
            let name = format!("cosine alignment, {b} x {d}");
            assert_gradient(&name, d_x.view(), x.view(), |x| cosine_alignment(x, targets.view()).value * b as f64);
        }
    }

    #[test]
    #[should_panic(expected = "rows (1, 2), targets (2, 2)")]
    fn shapes_that_do_not_fit_are_named() {
        cosine_alignment(Array2::<f64>::zeros((1, 2)).view(), Array2::zeros((2, 2)).view());
    }
}
