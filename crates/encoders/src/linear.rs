//! `y = x Wᵀ + b`: `x` `[n, in]`, `W` `[out, in]`, `b` `[out]`, `y` `[n, out]`.
//!
//! `x` may be some rows of a larger table, which are read in place.
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
    /// The weights `W`, `[out, in]`.
    pub weight: ParamId,
    /// The bias `b`, `[1, out]`.
    pub bias: ParamId,
}

impl Linear {
    /// Adds `<name>.weight` and `<name>.bias`, both `U(-1/√in, 1/√in)` (torch's default).
    ///
    /// ```
    /// use anchorrec_encoders::{Linear, Params};
    /// use rand::SeedableRng;
    ///
    /// let (mut params, mut rng) = (Params::<f32>::new(), rand_chacha::ChaCha8Rng::seed_from_u64(1));
    /// let layer = Linear::new(&mut params, "head", 3, 2, &mut rng);
    /// assert_eq!(params.id("head.weight"), Some(layer.weight));
    /// assert_eq!(params[layer.weight].dim(), (2, 3));
    /// ```
    pub fn new<F: Real>(params: &mut Params<F>, name: &str, inputs: usize, outputs: usize, rng: &mut impl Rng) -> Self {
        let bound = (inputs as f64).sqrt().recip();
        Linear {
            weight: params.add(format!("{name}.weight"), init::uniform(outputs, inputs, bound, rng)),
            bias: params.add_vector(format!("{name}.bias"), init::uniform(1, outputs, bound, rng)),
        }
    }

    /// Computes `x Wᵀ + b` of the rows `rows` of `x`, `[n, out]`.
    ///
    /// # Panics
    /// When `x` has not `in` columns, or `rows` do not ascend within it.
    ///
    /// ```
    /// use anchorrec_encoders::{Linear, Params, Rows};
    /// use ndarray::array;
    /// use rand::SeedableRng;
    ///
    /// let (mut params, mut rng) = (Params::new(), rand_chacha::ChaCha8Rng::seed_from_u64(1));
    /// let layer = Linear::new(&mut params, "head", 2, 1, &mut rng);
    /// params[layer.weight] = array![[2.0, 3.0]];
    /// params[layer.bias] = array![[1.0]];
    /// let x = array![[1.0, 1.0], [0.0, 2.0]];
    /// assert_eq!(layer.forward(&params, x.view(), Rows::All), array![[6.0], [7.0]]);
    /// ```
    pub fn forward<F: Real>(&self, params: &Params<F>, x: ArrayView2<F>, rows: Rows) -> Array2<F> {
        let mut y = times_transposed(x, rows, params[self.weight].view());
        y += &params[self.bias];
        y
    }

    /// Adds `dW = dyᵀ x` and `db = Σ_rows dy`; `rows` as in the forward pass.
    ///
    /// ```
    /// use anchorrec_encoders::{Gradients, Linear, Params, Rows};
    /// use ndarray::array;
    /// use rand::SeedableRng;
    ///
    /// let (mut params, mut rng) = (Params::new(), rand_chacha::ChaCha8Rng::seed_from_u64(1));
    /// let layer = Linear::new(&mut params, "head", 2, 1, &mut rng);
    /// let mut gradients = Gradients::zero(&params);
    /// let (x, d_y) = (array![[1.0, 1.0], [0.0, 2.0]], array![[1.0], [10.0]]);
    /// layer.backward_weights(&mut gradients, x.view(), Rows::All, d_y.view());
    /// assert_eq!(gradients.to_dense(layer.weight, &params), array![[1.0, 1.0 + 20.0]]);
    /// assert_eq!(gradients.to_dense(layer.bias, &params), array![[1.0 + 10.0]]);
    /// ```
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

    /// Returns `dx = dy W`, `[n, in]`.
    ///
    /// ```
    /// use anchorrec_encoders::{Linear, Params};
    /// use ndarray::array;
    /// use rand::SeedableRng;
    ///
    /// let (mut params, mut rng) = (Params::new(), rand_chacha::ChaCha8Rng::seed_from_u64(1));
    /// let layer = Linear::new(&mut params, "head", 2, 1, &mut rng);
    /// params[layer.weight] = array![[2.0, 3.0]];
    /// assert_eq!(layer.backward_input(&params, array![[10.0]].view()), array![[20.0, 30.0]]);
    /// ```
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
