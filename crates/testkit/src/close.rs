//! Comparisons with a relative tolerance.

use ndarray::ArrayView2;

/// The share of a tensor's largest magnitude below which a difference is rounding noise of the sums that
/// made the element, whatever the element's own size: f64 has 16 digits, a sum of mixed signs loses a few.
const NOISE: f64 = 1e-13;

/// Panics unless every element of `got` is within `relative * |want|` of `want`
/// (plus `1e-13` of the largest magnitude in `want`).
///
/// # Panics
/// On different shapes, on a non-finite `got`, and on the first element that is too far off; the
/// message holds `name`, the position and both values.
#[track_caller]
pub fn assert_close(name: &str, got: ArrayView2<f64>, want: ArrayView2<f64>, relative: f64) {
    assert_close_but_for(name, got, want, relative, Rounding::default());
}

/// What a sum of numbers that cancel may keep of them.
///
/// A gradient that is zero in exact arithmetic (the bias of a layer under BPR, which adds the same to the positive and the negative) holds
/// nothing but rounding: its own size says nothing of how large that may be. Adding up `n` numbers in any order rounds `n - 1` times. Every
/// partial sum is at most `Σ|x| <= n x_max`, so the computed sum is off by at most `γ n x_max` with `γ = (n - 1) u / (1 - (n - 1) u)` and
/// `u = 2⁻⁵³` (Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed., 4.2). Two programs that add in different orders are each off by as much, hence
/// twice that. `x_max` is taken from the gradients that did not cancel.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rounding {
    /// `n`, how many numbers are added up at most.
    pub summands: usize,
    /// `x_max`, the largest magnitude of the numbers.
    pub largest: f64,
}

impl Rounding {
    /// Returns how far two sums of the same numbers may be apart, whatever they come to.
    pub fn allowed(self) -> f64 {
        let steps = self.summands.saturating_sub(1) as f64 * (f64::EPSILON / 2.0);
        2.0 * steps / (1.0 - steps) * self.summands as f64 * self.largest
    }
}

/// [`assert_close`] for a tensor that may be zero in exact arithmetic: `rounding` says what else a difference may come from.
#[track_caller]
pub fn assert_close_but_for(
    name: &str,
    got: ArrayView2<f64>,
    want: ArrayView2<f64>,
    relative: f64,
    rounding: Rounding,
) {
    assert_eq!(got.dim(), want.dim(), "{name}: shape");
    let scale = want.iter().fold(0.0f64, |m, w| m.max(w.abs()));
    for ((place, g), w) in got.indexed_iter().zip(want.iter()) {
        let allowed = relative * w.abs() + NOISE * scale + rounding.allowed();
        let off = (g - w).abs();
        assert!(off <= allowed, "{name} at {place:?}: got {g:e}, want {w:e}, off by {off:e}, allowed {allowed:e}");
    }
}

/// [`assert_close`] for one number.
#[track_caller]
pub fn assert_close_scalar(name: &str, got: f64, want: f64, relative: f64) {
    let close = approx::relative_eq!(got, want, epsilon = 0.0, max_relative = relative);
    assert!(close, "{name}: got {got:e}, want {want:e}, off by {:e}", (got - want).abs());
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    /// `n` numbers of either sign that cancel, added up in two orders: forwards, and every third first.
    fn two_sums(n: usize, seed: u64) -> (f64, f64) {
        let half = crate::random::matrix(1, n / 2, &mut crate::random::generator(seed));
        let all: Vec<f64> = half.iter().copied().chain(half.iter().map(|x| -x)).collect();
        let strided = (0..3).flat_map(|first| all.iter().skip(first).step_by(3)).sum();
        (all.iter().sum(), strided)
    }

    #[test]
    fn sums_that_cancel_stay_within_the_bound_and_errors_do_not() {
        let mut most = 0.0f64;
        for seed in 0..200 {
            let n = 2 * (2 + seed as usize % 60);
            let rounding = Rounding { summands: n, largest: 1.0 };
            let (a, b) = two_sums(n, seed);
            assert_close_but_for("sum", array![[a]].view(), array![[b]].view(), 0.0, rounding);
            most = most.max((a - b).abs());
            // A number left out is seen, however small it is beside 1.
            assert!(rounding.allowed() < 1e-11, "{n} numbers: {:e}", rounding.allowed());
        }
        assert!(most > 1e-16, "the orders differ, so the bound was asked for something");
    }

    #[test]
    #[should_panic(expected = "got 1e-11, want 0e0")]
    fn more_than_rounding_is_an_error() {
        let rounding = Rounding { summands: 100, largest: 1.0 };
        assert_close_but_for("sum", array![[1e-11]].view(), array![[0.0]].view(), 1e-9, rounding);
    }

    #[test]
    fn one_number_is_not_rounded() {
        assert_eq!(Rounding { summands: 1, largest: 1e9 }.allowed(), 0.0);
        assert_eq!(Rounding::default().allowed(), 0.0);
        // n = 2: one addition in each program.
        let two = Rounding { summands: 2, largest: 1.0 }.allowed();
        assert!((two - 2.0 * 2.0 * f64::EPSILON / 2.0).abs() < 1e-25, "{two:e}");
    }
}
