//! `y = Lin₂(relu(Lin₁(x)))`: the projection heads and the decoder.

use crate::{Gradients, Linear, Params};
use anchorrec_kernels::{Real, rows::Rows};
use ndarray::{Array2, ArrayView2, Zip};
use rand::Rng;

/// Two affine layers with a ReLU between.
#[derive(Clone, Copy, Debug)]
pub struct Mlp {
    /// The layer below the ReLU, `[in] -> [hidden]`.
    pub first: Linear,
    /// The layer above the ReLU, `[hidden] -> [out]`.
    pub second: Linear,
}

/// What [`Mlp::forward`] computed.
#[derive(Clone, Debug)]
pub struct MlpOutput<F> {
    /// `relu(Lin₁(x))`, `[n, hidden]`: zero exactly where the ReLU was shut, so it is its own mask.
    hidden: Array2<F>,
    /// The result `y`, `[n, out]`.
    pub value: Array2<F>,
}

impl Mlp {
    /// Adds `<name>.0.*` and `<name>.2.*` (the ReLU is layer 1), hidden width = output width.
    ///
    /// ```
    /// use anchorrec_encoders::{Mlp, Params};
    /// use rand::SeedableRng;
    ///
    /// let (mut params, mut rng) = (Params::<f32>::new(), rand_chacha::ChaCha8Rng::seed_from_u64(1));
    /// let mlp = Mlp::new(&mut params, "head", 3, 2, &mut rng);
    /// assert_eq!((params[mlp.first.weight].dim(), params[mlp.second.weight].dim()), ((2, 3), (2, 2)));
    /// ```
    pub fn new<F: Real>(params: &mut Params<F>, name: &str, inputs: usize, outputs: usize, rng: &mut impl Rng) -> Self {
        Mlp {
            first: Linear::new(params, &format!("{name}.0"), inputs, outputs, rng),
            second: Linear::new(params, &format!("{name}.2"), outputs, outputs, rng),
        }
    }

    /// Computes `Lin₂(relu(Lin₁(x)))` of the rows `rows` of `x` `[.., in]`.
    ///
    /// ```
    /// use anchorrec_encoders::{Mlp, Params, Rows};
    /// use ndarray::array;
    /// use rand::SeedableRng;
    ///
    /// let (mut params, mut rng) = (Params::new(), rand_chacha::ChaCha8Rng::seed_from_u64(1));
    /// let mlp = Mlp::new(&mut params, "head", 1, 1, &mut rng);
    /// for (id, value) in [(mlp.first.weight, 2.0), (mlp.first.bias, 0.0), (mlp.second.weight, 5.0), (mlp.second.bias, 1.0)] {
    ///     params[id].fill(value);
    /// }
    /// // 2 · 3 passes the ReLU, 2 · (-3) does not.
    /// let y = mlp.forward(&params, array![[3.0], [-3.0]].view(), Rows::All).value;
    /// assert_eq!(y, array![[5.0 * 6.0 + 1.0], [1.0]]);
    /// ```
    pub fn forward<F: Real>(&self, params: &Params<F>, x: ArrayView2<F>, rows: Rows) -> MlpOutput<F> {
        let mut hidden = self.first.forward(params, x, rows);
        hidden.mapv_inplace(|h| h.max(F::zero()));
        let value = self.second.forward(params, hidden.view(), Rows::All);
        MlpOutput { hidden, value }
    }

    /// Adds the gradients of both layers and returns `dx`, `[n, in]`; for an `x` of which all rows were taken.
    ///
    /// ```
    /// use anchorrec_encoders::{Gradients, Mlp, Params, Rows};
    /// use ndarray::array;
    /// use rand::SeedableRng;
    ///
    /// let (mut params, mut rng) = (Params::new(), rand_chacha::ChaCha8Rng::seed_from_u64(1));
    /// let mlp = Mlp::new(&mut params, "head", 1, 1, &mut rng);
    /// for (id, value) in [(mlp.first.weight, 2.0), (mlp.first.bias, 0.0), (mlp.second.weight, 5.0), (mlp.second.bias, 1.0)] {
    ///     params[id].fill(value);
    /// }
    /// let x = array![[3.0], [-3.0]];
    /// let (output, mut gradients) = (mlp.forward(&params, x.view(), Rows::All), Gradients::zero(&params));
    /// let d_x = mlp.backward(&params, &mut gradients, x.view(), &output, array![[1.0], [1.0]].view());
    /// assert_eq!(d_x, array![[5.0 * 2.0], [0.0]]);
    /// ```
    pub fn backward<F: Real>(
        &self,
        params: &Params<F>,
        gradients: &mut Gradients<F>,
        x: ArrayView2<F>,
        output: &MlpOutput<F>,
        d_y: ArrayView2<F>,
    ) -> Array2<F> {
        let d_hidden = self.backward_weights(params, gradients, x, Rows::All, output, d_y);
        self.first.backward_input(params, d_hidden.view())
    }

    /// Adds the gradients of both layers for an `x` that takes none (a stop-gradient); returns `d Lin₁(x)`.
    ///
    /// ```
    /// use anchorrec_encoders::{Gradients, Mlp, Params, Rows};
    /// use ndarray::array;
    /// use rand::SeedableRng;
    ///
    /// let (mut params, mut rng) = (Params::new(), rand_chacha::ChaCha8Rng::seed_from_u64(1));
    /// let mlp = Mlp::new(&mut params, "head", 1, 1, &mut rng);
    /// for (id, value) in [(mlp.first.weight, 2.0), (mlp.first.bias, 0.0), (mlp.second.weight, 5.0), (mlp.second.bias, 1.0)] {
    ///     params[id].fill(value);
    /// }
    /// let x = array![[3.0]];
    /// let (output, mut gradients) = (mlp.forward(&params, x.view(), Rows::All), Gradients::zero(&params));
    /// mlp.backward_weights(&params, &mut gradients, x.view(), Rows::All, &output, array![[1.0]].view());
    /// assert_eq!(gradients.to_dense(mlp.second.weight, &params), array![[6.0]]);
    /// assert_eq!(gradients.to_dense(mlp.first.weight, &params), array![[5.0 * 3.0]]);
    /// ```
    pub fn backward_weights<F: Real>(
        &self,
        params: &Params<F>,
        gradients: &mut Gradients<F>,
        x: ArrayView2<F>,
        rows: Rows,
        output: &MlpOutput<F>,
        d_y: ArrayView2<F>,
    ) -> Array2<F> {
        self.second.backward_weights(gradients, output.hidden.view(), Rows::All, d_y);
        let mut d_hidden = self.second.backward_input(params, d_y);
        Zip::from(&mut d_hidden).and(&output.hidden).for_each(|d, &h| {
            if h <= F::zero() {
                *d = F::zero();
            }
        });
        self.first.backward_weights(gradients, x, rows, d_hidden.view());
        d_hidden
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter_gradients::assert_parameter_gradients;
    use anchorrec_testkit::{assert_gradient, random};

    #[test]
    fn gradients_agree_with_differences() {
        for (n, inputs, outputs) in [(1, 2, 3), (6, 5, 4), (9, 3, 8)] {
            let rng = &mut random::generator(n as u64);
            let mut params = Params::<f64>::new();
            let mlp = Mlp::new(&mut params, "m", inputs, outputs, rng);
            let (x, upstream) = (random::matrix(n, inputs, rng), random::matrix(n, outputs, rng));
            let output = mlp.forward(&params, x.view(), Rows::All);
            let mut gradients = Gradients::zero(&params);
            let d_x = mlp.backward(&params, &mut gradients, x.view(), &output, upstream.view());
            assert_parameter_gradients(&params, &gradients, |params| {
                (mlp.forward(params, x.view(), Rows::All).value * &upstream).sum()
            });
            assert_gradient("x", d_x.view(), x.view(), |x| {
                (mlp.forward(&params, x, Rows::All).value * &upstream).sum()
            });
        }
    }
}
