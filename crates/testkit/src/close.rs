//! Comparisons with a relative tolerance.

use ndarray::ArrayView2;

/// Below this share of a tensor's largest magnitude a difference is rounding noise of the sums that
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
    assert_eq!(got.dim(), want.dim(), "{name}: shape");
    let scale = want.iter().fold(0.0f64, |m, w| m.max(w.abs()));
    for ((place, g), w) in got.indexed_iter().zip(want.iter()) {
        let allowed = relative * w.abs() + NOISE * scale;
        let off = (g - w).abs();
        assert!(
            off <= allowed,
            "{name} at {place:?}: got {g:e}, want {w:e}, off by {off:e}, allowed {allowed:e}"
        );
    }
}

/// [`assert_close`] for one number.
#[track_caller]
pub fn assert_close_scalar(name: &str, got: f64, want: f64, relative: f64) {
    let off = (got - want).abs();
    assert!(
        off <= relative * want.abs(),
        "{name}: got {got:e}, want {want:e}, off by {off:e}"
    );
}
