//! The oracle of every backward pass: central differences in `f64`.
//!
//! `df/dx ≈ (f(x + h) - f(x - h)) / 2h` with `h = 1e-5 max(1, |x|)`: truncation `O(h²)` and
//! rounding `O(ε/h)` both stay near `1e-10` of the function's size, hence the tolerance below.

use ndarray::{Array2, ArrayView2};

/// Relative to the largest gradient element: what central differences can promise (see the module).
const TOLERANCE: f64 = 2e-7;

/// Computes the gradient of `f` at `at` by central differences, `[rows, cols]` like `at`.
pub fn central_differences(at: ArrayView2<f64>, mut f: impl FnMut(ArrayView2<f64>) -> f64) -> Array2<f64> {
    let mut x = at.to_owned();
    let mut gradient = Array2::zeros(at.dim());
    for place in ndarray::indices(at.dim()) {
        let centre = x[place];
        let h = 1e-5 * centre.abs().max(1.0);
        x[place] = centre + h;
        let above = f(x.view());
        x[place] = centre - h;
        let below = f(x.view());
        x[place] = centre;
        gradient[place] = (above - below) / (2.0 * h);
    }
    gradient
}

/// Panics unless `analytic` is the gradient of `f` at `at`, as far as central differences can tell.
///
/// # Panics
/// On the first element that differs by more than `2e-7` of the largest gradient element (or of 1, if that is smaller).
#[track_caller]
pub fn assert_gradient(
    name: &str,
    analytic: ArrayView2<f64>,
    at: ArrayView2<f64>,
    f: impl FnMut(ArrayView2<f64>) -> f64,
) {
    assert_eq!(analytic.dim(), at.dim(), "{name}: the gradient has the shape of its variable");
    let numeric = central_differences(at, f);
    let scale = numeric.iter().fold(1e-3f64, |m, g| m.max(g.abs()));
    for ((place, a), n) in analytic.indexed_iter().zip(numeric.iter()) {
        assert!(
            (a - n).abs() <= TOLERANCE * scale,
            "gradient of {name} at {place:?}: backward says {a:e}, differences say {n:e} (scale {scale:e})"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn the_gradient_of_a_cube_is_three_squares() {
        let x = array![[1.0, -2.0, 0.5]];
        assert_gradient("cube", (&x * &x * 3.0).view(), x.view(), |x| x.mapv(|v| v.powi(3)).sum());
    }

    #[test]
    #[should_panic(expected = "gradient of cube")]
    fn a_wrong_factor_is_seen() {
        let x = array![[1.0, -2.0, 0.5]];
        assert_gradient("cube", (&x * &x * 3.001).view(), x.view(), |x| x.mapv(|v| v.powi(3)).sum());
    }
}
