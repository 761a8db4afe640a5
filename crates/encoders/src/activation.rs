//! Functions between layers, on all threads, and what their derivatives do to a gradient; all of `[n, D]`, in place.
//!
//! | function | value | backward |
//! |---|---|---|
//! | [`sigmoid`] | `a = σ(x)` | `dx = da ⊙ a (1 - a)` |
//! | [`tanh`] | `h = 2 σ(2x) - 1` | `dx = dh ⊙ (1 - h²)` |
//! | [`softmax`], of each row | `p_j = exp(x_j - max x) / Σ_k exp(x_k - max x)` | `dx = p ⊙ (dp - Σ_k p_k dp_k)` |
//!
//! The backward pass needs the value alone. All stand on the exponential of `kernels`, which vectorises and has the same bits on every machine; near
//! 0 that costs `tanh` its relative accuracy, not its absolute one.

use anchorrec_kernels::Real;
use anchorrec_kernels::exp::sigmoid_in_place;
use anchorrec_kernels::rows::{ROWS_PER_TASK, combine};
use anchorrec_kernels::tasks;
use ndarray::{Array2, Axis};
use pulp::{Arch, Simd, WithSimd};

/// Applies the sigmoid to every number.
///
/// ```
/// use anchorrec_encoders::activation::sigmoid;
/// use ndarray::array;
///
/// assert_eq!(sigmoid(array![[0.0f64]]), array![[0.5]]);
/// ```
pub fn sigmoid<F: Real>(x: Array2<F>) -> Array2<F> {
    in_rows(x, sigmoid_in_place)
}

/// Turns `da` into the gradient of the numbers that `a` is the sigmoid of.
///
/// # Panics
/// When the shapes differ.
///
/// ```
/// use anchorrec_encoders::activation::sigmoid_backward;
/// use ndarray::array;
///
/// assert_eq!(sigmoid_backward(&array![[0.5]], array![[8.0]]), array![[2.0]]);
/// ```
pub fn sigmoid_backward<F: Real>(a: &Array2<F>, mut d: Array2<F>) -> Array2<F> {
    combine(&mut d, a, |d, &a| *d *= a * (F::one() - a));
    d
}

/// Applies the hyperbolic tangent to every number.
///
/// ```
/// use anchorrec_encoders::activation::tanh;
/// use ndarray::array;
///
/// assert!((tanh(array![[0.5f64]])[[0, 0]] - 0.5f64.tanh()).abs() < 1e-15);
/// ```
pub fn tanh<F: Real>(x: Array2<F>) -> Array2<F> {
    let two = F::of(2.0);
    in_rows(x, |row| {
        row.iter_mut().for_each(|x| *x *= two);
        sigmoid_in_place(row);
        row.iter_mut().for_each(|x| *x = two * *x - F::one());
    })
}

/// Turns `dh` into the gradient of the numbers that `h` is the hyperbolic tangent of.
///
/// # Panics
/// When the shapes differ.
///
/// ```
/// use anchorrec_encoders::activation::tanh_backward;
/// use ndarray::array;
///
/// assert_eq!(tanh_backward(&array![[0.5]], array![[8.0]]), array![[6.0]]);
/// ```
pub fn tanh_backward<F: Real>(h: &Array2<F>, mut d: Array2<F>) -> Array2<F> {
    combine(&mut d, h, |d, &h| *d *= F::one() - h * h);
    d
}

/// Applies the softmax to every row.
///
/// ```
/// use anchorrec_encoders::activation::softmax;
/// use ndarray::array;
///
/// // However large: 1 and 3 parts of 4.
/// let p = softmax(array![[900.0f64, 900.0 + 3f64.ln()]]);
/// assert!((p[[0, 1]] - 3.0 / 4.0).abs() < 1e-12);
/// ```
pub fn softmax<F: Real>(x: Array2<F>) -> Array2<F> {
    in_rows(x, |row| Arch::new().dispatch(Softmax(row)))
}

/// Turns `dp` into the gradient of the rows that `p` is the softmax of.
///
/// # Panics
/// When the shapes differ.
///
/// ```
/// use anchorrec_encoders::activation::softmax_backward;
/// use ndarray::array;
///
/// assert_eq!(softmax_backward(&array![[0.5, 0.5]], array![[8.0, 4.0]]), array![[1.0, -1.0]]);
/// ```
pub fn softmax_backward<F: Real>(p: &Array2<F>, mut d: Array2<F>) -> Array2<F> {
    assert_eq!(d.dim(), p.dim(), "softmax: a gradient of its shape");
    let blocks = d.axis_chunks_iter_mut(Axis(0), ROWS_PER_TASK).zip(p.axis_chunks_iter(Axis(0), ROWS_PER_TASK));
    tasks::each(blocks, |(mut d, p)| {
        for (mut d, p) in d.rows_mut().into_iter().zip(p.rows()) {
            let mean = d.iter().zip(&p).fold(F::zero(), |sum, (&d, &p)| sum + d * p);
            d.zip_mut_with(&p, |d, &p| *d = p * (*d - mean));
        }
    });
    d
}

/// `f` of every row.
fn in_rows<F: Real>(mut x: Array2<F>, f: impl Fn(&mut [F]) + Sync) -> Array2<F> {
    tasks::each(x.axis_chunks_iter_mut(Axis(0), ROWS_PER_TASK), |mut rows| {
        rows.rows_mut()
            .into_iter()
            .for_each(|mut row| f(row.as_slice_mut().expect("rows of a matrix in standard layout")));
    });
    x
}

struct Softmax<'a, F>(&'a mut [F]);

impl<F: Real> WithSimd for Softmax<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        // Not `max`: a NaN must stay one.
        let largest = self.0.iter().copied().fold(F::neg_infinity(), |a, b| if a > b { a } else { b });
        self.0.iter_mut().for_each(|x| *x = (*x - largest).exp_lane());
        let sum = self.0.iter().copied().fold(F::zero(), |a, b| a + b);
        self.0.iter_mut().for_each(|x| *x /= sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_gradient, random};
    use ndarray::array;

    type Function = fn(Array2<f64>) -> Array2<f64>;
    type Backward = fn(&Array2<f64>, Array2<f64>) -> Array2<f64>;
    const ALL: [(&str, Function, Backward); 3] =
        [("sigmoid", sigmoid, sigmoid_backward), ("tanh", tanh, tanh_backward), ("softmax", softmax, softmax_backward)];

    #[test]
    fn gradients_agree_with_differences() {
        for (name, function, backward) in ALL {
            for (n, d) in [(1, 1), (5, 4), (300, 2)] {
                let rng = &mut random::generator(n as u64);
                let (x, upstream) = (random::matrix(n, d, rng) * 2.0, random::matrix(n, d, rng));
                let analytic = backward(&function(x.clone()), upstream.clone());
                assert_gradient(name, analytic.view(), x.view(), |x| (function(x.to_owned()) * &upstream).sum());
            }
        }
    }

    #[test]
    fn large_numbers_saturate() {
        for (name, function, backward) in ALL {
            let value = function(array![[1e4, -1e4], [-1e300, 1e300]]);
            let d = backward(&value, array![[1.0, 2.0], [3.0, 4.0]]);
            assert_eq!(d, array![[0.0, 0.0], [0.0, 0.0]], "{name}: {value}");
        }
        assert_eq!(softmax(array![[-1e300f64, 1e300]]), array![[0.0, 1.0]]);
        assert_eq!(tanh(array![[-1e300f64, 1e300]]), array![[-1.0, 1.0]]);
    }

    #[test]
    fn what_is_not_a_number_is_not_hidden() {
        for (name, function, _) in ALL {
            assert!(function(array![[f64::NAN, 1.0]])[[0, 0]].is_nan(), "{name}");
            assert!(function(array![[1.0, f64::NAN]])[[0, 1]].is_nan(), "{name}");
        }
    }
}
