//! The distance in feature space: `‖Δ‖² = ‖HᵀH‖² - 2 ‖SᵀH‖² + ‖SᵀS‖²` and `Δ H = H (HᵀH) - S (SᵀH)`.
//!
//! Nothing here is `n x n`: `n (W² + 2WD + 2D²)` multiplications instead of `n²/2 (W + 3D)`, a quarter at `W` = 256 and
//! `n` = 1,763. The price is a difference of large numbers. Each of the three is good to some `2e-7` in `f32`, so the
//! distance is good to that times `(‖HᵀH‖² + ‖SᵀS‖²) / ‖Δ‖²`; when the quotient passes [`LARGEST_LOSS`] the answer is
//! refused and the tiles take over.

use anchorrec_kernels::{Real, product};
use ndarray::{Array2, ArrayView2};

/// The largest factor by which rounding may grow.
const LARGEST_LOSS: f64 = 20.0;

/// Whether this form costs fewer multiplications than the tiles.
pub(super) fn is_cheaper(n: usize, d: usize, w: usize) -> bool {
    w * w + 2 * w * d + 2 * d * d < n * (w + 3 * d) / 2
}

/// `(‖Δ‖_F, Δ H)`, or `None` where too many digits would be lost.
pub(super) fn distance<F: Real>(h: ArrayView2<F>, s: ArrayView2<F>) -> Option<(f64, Array2<F>)> {
    let (hh, sh, ss) = (product(&h.t(), &h), product(&s.t(), &h), product(&s.t(), &s));
    let (a, b, c) = (squares(&hh), squares(&ss), squares(&sh));
    let squared = a - 2.0 * c + b;
    // False for a NaN too: the tiles keep it.
    let precise = squared * LARGEST_LOSS >= a + b;
    precise.then(|| (squared.sqrt(), product(&h, &hh) - product(&s, &sh)))
}

fn squares<F: Real>(x: &Array2<F>) -> f64 {
    x.iter().map(|v| v.as_f64() * v.as_f64()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_close, assert_close_scalar, random};

    #[test]
    fn equals_the_stored_matrix() {
        for (n, d, w) in [(1, 1, 2), (50, 3, 7), (300, 4, 20)] {
            let rng = &mut random::generator(n as u64);
            let (h, s) = (random::matrix(n, d, rng), random::matrix(n, w, rng));
            let delta = h.dot(&h.t()) - s.dot(&s.t());
            let (value, delta_h) = distance(h.view(), s.view()).expect("far enough apart");
            assert_close_scalar("value", value, (&delta * &delta).sum().sqrt(), 1e-13);
            assert_close("ΔH", delta_h.view(), delta.dot(&h).view(), 1e-11);
        }
    }

    #[test]
    fn a_near_fit_is_refused() {
        let s = random::matrix(40, 5, &mut random::generator(1));
        assert!(distance((&s * 1.001).view(), s.view()).is_none());
        assert!(distance(s.view(), s.view()).is_none());
        assert!(distance((&s * f64::NAN).view(), s.view()).is_none());
    }

    #[test]
    fn wide_targets_stay_with_the_tiles() {
        assert!(is_cheaper(1763, 64, 256) && is_cheaper(1763, 64, 768));
        assert!(!is_cheaper(1763, 64, 4096));
    }
}
