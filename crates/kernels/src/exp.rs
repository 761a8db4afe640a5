//! The sigmoid of many numbers, by an exponential that vectorises (`lane`).

pub(crate) mod lane;

use crate::Real;
use pulp::{Arch, Simd, WithSimd};

/// Applies the sigmoid, `x <- σ(x) = 1 / (1 + exp(-x))`: between 0 and 1 for every finite `x`.
///
/// ```
/// use anchorrec_kernels::exp::sigmoid_in_place;
///
/// let mut values = [0.0f64, 3f64.ln()];
/// sigmoid_in_place(&mut values);
/// assert_eq!(values[0], 0.5);
/// assert!((values[1] - 3.0 / 4.0).abs() < 1e-15);
/// ```
pub fn sigmoid_in_place<F: Real>(values: &mut [F]) {
    Arch::new().dispatch(Sigmoid(values));
}

struct Sigmoid<'a, F>(&'a mut [F]);

impl<F: Real> WithSimd for Sigmoid<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for v in self.0 {
            *v = F::one() / (F::one() + (-*v).exp_lane());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sigmoid_is_half_at_zero_and_never_nan_at_the_ends() {
        let mut v = [0.0f32, 3f32.ln(), -200.0, 200.0];
        sigmoid_in_place(&mut v);
        assert!((v[0] - 0.5).abs() < 1e-7 && (v[1] - 0.75).abs() < 1e-7, "{v:?}");
        assert_eq!(v[2..], [0.0, 1.0]);
    }

    #[test]
    fn a_long_slice_equals_its_elements_one_by_one() {
        let mut many: Vec<f32> = (0..1003).map(|i| i as f32 * 0.17 - 85.0).collect();
        let mut single = many.clone();
        sigmoid_in_place(&mut many);
        single.chunks_mut(1).for_each(sigmoid_in_place);
        assert_eq!(many, single);
    }
}
