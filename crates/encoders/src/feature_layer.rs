//! The raw features of a modality through one layer: `Y = X Wᵀ + b`.
//!
//! `X` `[I, F]` is a trainable table that starts as the raw features, `W` `[D, F]`. A row of `Y` depends on its own row of `X` alone:
//! who needs `n` of them names those, and `Y` is `[n, D]`.
//!
//! Backward: `dW = dYᵀ X`, `db = Σ_rows dY`, and `dX = dY W`, which is kept as these two factors.

use crate::{Gradients, Linear, ParamId, Params};
use anchorrec_kernels::Real;
use anchorrec_kernels::rows::{Rows, sum_rows};
use anchorrec_kernels::table::row_by_row;
use ndarray::{Array2, Axis};
use rand::Rng;

/// A feature table and the layer it passes.
#[derive(Clone, Copy, Debug)]
pub struct FeatureLayer {
    /// The feature table `X`, `[I, F]`.
    pub features: ParamId,
    /// The layer `W` `[D, F]`, `b`.
    pub transform: Linear,
}

impl FeatureLayer {
    /// Adds `<name>.features` and `<name>.transform.*`.
    ///
    /// ```
    /// use anchorrec_encoders::{FeatureLayer, Params};
    /// use ndarray::array;
    /// use rand::SeedableRng;
    ///
    /// let (mut params, mut rng) = (Params::<f32>::new(), rand_chacha::ChaCha8Rng::seed_from_u64(1));
    /// let layer = FeatureLayer::new(&mut params, "image", array![[1.0, 2.0, 3.0]], 2, &mut rng);
    /// assert_eq!(params[layer.transform.weight].dim(), (2, 3));
    /// ```
    pub fn new<F: Real>(
        params: &mut Params<F>,
        name: &str,
        features: Array2<F>,
        width: usize,
        rng: &mut impl Rng,
    ) -> Self {
        let inputs = features.ncols();
        FeatureLayer {
            features: params.add_features(format!("{name}.features"), features, row_by_row::<F>(inputs, width)),
            transform: Linear::new(params, &format!("{name}.transform"), inputs, width, rng),
        }
    }

    /// Computes the rows `rows` of `Y = X Wᵀ + b`, `[n, D]`.
    ///
    /// # Panics
    /// When `rows` do not ascend within the table.
    ///
    /// ```
    /// use anchorrec_encoders::{FeatureLayer, Params, Rows};
    /// use ndarray::array;
    /// use rand::SeedableRng;
    ///
    /// let (mut params, mut rng) = (Params::new(), rand_chacha::ChaCha8Rng::seed_from_u64(1));
    /// let layer = FeatureLayer::new(&mut params, "image", array![[1.0], [2.0]], 1, &mut rng);
    /// params[layer.transform.weight] = array![[10.0]];
    /// params[layer.transform.bias] = array![[1.0]];
    /// assert_eq!(layer.forward(&params, Rows::Some(&[1])), array![[2.0 * 10.0 + 1.0]]);
    /// ```
    pub fn forward<F: Real>(&self, params: &Params<F>, rows: Rows) -> Array2<F> {
        let mut y = params.features(self.features).times_transposed(rows, params[self.transform.weight].view());
        y += &params[self.transform.bias];
        y
    }

    /// Adds the gradients of table and layer for `dY` `[n, D]`; `rows` as in the forward pass.
    ///
    /// # Panics
    /// When the table has a gradient already: a sum of factored gradients has no such form.
    ///
    /// ```
    /// use anchorrec_encoders::{FeatureLayer, Gradients, Params, Rows};
    /// use ndarray::array;
    /// use rand::SeedableRng;
    ///
    /// let (mut params, mut rng) = (Params::new(), rand_chacha::ChaCha8Rng::seed_from_u64(1));
    /// let layer = FeatureLayer::new(&mut params, "image", array![[1.0], [2.0]], 1, &mut rng);
    /// params[layer.transform.weight] = array![[10.0]];
    /// let mut gradients = Gradients::zero(&params);
    /// layer.backward(&params, &mut gradients, Rows::Some(&[1]), array![[3.0]]);
    /// // dX = dY W in the row that was used, dW = dYᵀ X.
    /// assert_eq!(gradients.to_dense(layer.features, &params), array![[0.0], [3.0 * 10.0]]);
    /// assert_eq!(gradients.to_dense(layer.transform.weight, &params), array![[3.0 * 2.0]]);
    /// ```
    pub fn backward<F: Real>(&self, params: &Params<F>, gradients: &mut Gradients<F>, rows: Rows, d_y: Array2<F>) {
        let features = params.features(self.features);
        gradients.add(self.transform.weight, features.transposed_times(d_y.view(), rows));
        gradients.add(self.transform.bias, sum_rows(&d_y).insert_axis(Axis(0)));
        let right = params[self.transform.weight].clone();
        gradients.set_factored(self.features, features.gradient(rows, d_y, right));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter_gradients::assert_parameter_gradients;
    use anchorrec_testkit::random;

    #[test]
    fn gradients_agree_with_differences() {
        for (rows, n) in [(Rows::All, 9), (Rows::Some(&[1, 2, 7]), 3)] {
            let rng = &mut random::generator(n as u64);
            let mut params = Params::<f64>::new();
            let layer = FeatureLayer::new(&mut params, "m", random::matrix(9, 6, rng), 4, rng);
            let upstream = random::matrix(n, 4, rng);
            let mut gradients = Gradients::zero(&params);
            layer.backward(&params, &mut gradients, rows, upstream.clone());
            assert_parameter_gradients(&params, &gradients, |params| (layer.forward(params, rows) * &upstream).sum());
        }
    }
}
