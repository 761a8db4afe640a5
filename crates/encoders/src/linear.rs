//! `y = x Wᵀ + b`: `x` `[n, in]`, `W` `[out, in]`, `b` `[out]`, `y` `[n, out]`.
//!
//! `x` may be some rows of a larger table, which are read where they lie.
//!
//! Backward: `dW = dyᵀ x`, `db = Σ_rows dy`, `dx = dy W`.

use crate::{Gradients, ParamId, Params, init};
use anchorrec_kernels::rows::{self, Rows};
use anchorrec_kernels::table::{times_transposed, transposed_times};
use anchorrec_kernels::{Real, product};
use ndarray::{Array2, ArrayView2, Axis};
use rand::Rng;

/// An affine layer.
#[derive(Clone, Copy, Debug)]
pub struct Linear {
    /// `W`, `[out, in]`.
    pub weight: ParamId,
    /// `b`, `[1, out]`.
    pub bias: ParamId,
}

impl Linear {
    /// Adds `<name>.weight` and `<name>.bias`, both `U(-1/√in, 1/√in)` (torch's default).
    pub fn new<F: Real>(params: &mut Params<F>, name: &str, inputs: usize, outputs: usize, rng: &mut impl Rng) -> Self {
        let bound = (inputs as f64).sqrt().recip();
        Linear {
            weight: params.add(format!("{name}.weight"), init::uniform(outputs, inputs, bound, rng)),
            bias: params.add_vector(format!("{name}.bias"), init::uniform(1, outputs, bound, rng)),
        }
    }

    /// `x Wᵀ + b`.
    ///
    /// # Panics
    /// When `x` has not `in` columns, or `rows` do not ascend within it.
    pub fn forward<F: Real>(&self, params: &Params<F>, x: ArrayView2<F>, rows: Rows) -> Array2<F> {
        let mut y = times_transposed(x, rows, params[self.weight].view());
        y += &params[self.bias];
        y
    }

    /// Adds `dW` and `db`.
    pub fn backward_weights<F: Real>(
        &self,
        gradients: &mut Gradients<F>,
        x: ArrayView2<F>,
        rows: Rows,
        d_y: ArrayView2<F>,
    ) {
        gradients.add(self.weight, transposed_times(d_y, x, rows));
        gradients.add(self.bias, rows::sum_rows(&d_y).insert_axis(Axis(0)));
    }

    /// `dx = dy W`.
    pub fn backward_input<F: Real>(&self, params: &Params<F>, d_y: ArrayView2<F>) -> Array2<F> {
        product(&d_y, &params[self.weight])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter_gradients::assert_parameter_gradients;
    use anchorrec_testkit::{assert_gradient, random};
    use ndarray::array;

    #[test]
    fn a_layer_solved_by_hand() {
        let mut params = Params::new();
        let layer = Linear::new(&mut params, "l", 2, 1, &mut random::generator(0));
        params[layer.weight] = array![[2.0, 3.0]];
        params[layer.bias] = array![[0.5]];
        let y = layer.forward(&params, array![[1.0, 1.0], [0.0, -1.0]].view(), Rows::All);
        assert_eq!(y, array![[2.0 + 3.0 + 0.5], [-3.0 + 0.5]]);
    }

    #[test]
    fn gradients_agree_with_differences() {
        for (n, inputs, outputs) in [(1, 1, 1), (7, 5, 3), (4, 9, 6)] {
            let rng = &mut random::generator(n as u64);
            let mut params = Params::<f64>::new();
            let layer = Linear::new(&mut params, "l", inputs, outputs, rng);
            let (x, upstream) = (random::matrix(n, inputs, rng), random::matrix(n, outputs, rng));
            let mut gradients = Gradients::zero(&params);
            layer.backward_weights(&mut gradients, x.view(), Rows::All, upstream.view());
            assert_parameter_gradients(&params, &gradients, |params| {
                (layer.forward(params, x.view(), Rows::All) * &upstream).sum()
            });
            assert_gradient("x", layer.backward_input(&params, upstream.view()).view(), x.view(), |x| {
                (layer.forward(&params, x, Rows::All) * &upstream).sum()
            });
        }
    }
}
