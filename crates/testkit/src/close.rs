//! Comparisons with a relative tolerance.

use ndarray::ArrayView2;

/// Below this share of a tensor's largest magnitude a difference is rounding noise of the sums that
/// made the element, whatever the element's own size: f64 has 16 digits, a sum of mixed signs loses a few.
const NOISE: f64 = 1e-13;

/// One rounding of an `f64`, as a share of the number that is rounded.
const ROUNDING: f64 = 1.2e-16;

/// Panics unless every element of `got` is within `relative * |want|` of `want`
/// (plus `1e-13` of the largest magnitude in `want`).
///
/// # Panics
/// On different shapes, on a non-finite `got`, and on the first element that is too far off; the
/// message holds `name`, the position and both values.
#[track_caller]
pub fn assert_close(name: &str, got: ArrayView2<f64>, want: ArrayView2<f64>, relative: f64) {
    assert_close_among(name, got, want, relative, 0.0);
}

/// [`assert_close`] for a tensor that may be zero in exact arithmetic: a gradient in which equal contributions of
/// either sign cancel holds nothing but the rounding of those contributions. `largest` is the largest magnitude
/// among all tensors it was computed with; one rounding of it is allowed on top.
#[track_caller]
pub fn assert_close_among(name: &str, got: ArrayView2<f64>, want: ArrayView2<f64>, relative: f64, largest: f64) {
    assert_eq!(got.dim(), want.dim(), "{name}: shape");
    let scale = want.iter().fold(0.0f64, |m, w| m.max(w.abs()));
    for ((place, g), w) in got.indexed_iter().zip(want.iter()) {
        let allowed = relative * w.abs() + NOISE * scale + ROUNDING * largest;
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
