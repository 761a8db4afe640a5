//! Item embeddings gated by the raw features of a modality: `G = E ⊙ a`, `a = σ(Lin_g(Lin_t(LN(X))))`, LayerNorm optional.
//!
//! `X` `[I, F]` is a trainable table that starts as the raw features; `Lin_t` `F -> D` (`W`, `b`), `Lin_g` `D -> D`
//! (`W_g`, `b_g`), `E`, `a` and `G` `[I, D]`. Backward: `dE = dG ⊙ a` and, for the logits `t`, `dt = dG ⊙ E ⊙ a (1 - a)`.
//!
//! # One product instead of three
//! There is nothing between the two layers, so with `V = W_g W` `[D, F]` and `c = W_g b + b_g` the logits are
//! `t = X Vᵀ + c`. The wide product is the same, the two `[I, D] x [D, D]` products and the stored middle are gone. With
//! `s = dL/dt` and `M = sᵀ X` `[D, F]`, `σ_s = Σ_i s_i`:
//!
//! `dW_g = M Wᵀ + σ_s bᵀ`, `db_g = σ_s`, `dW = W_gᵀ M`, `db = W_gᵀ σ_s`, `dX = s V` (kept as factors).
//!
//! # Some rows
//! A row of gates depends on its own row of `X` alone. Who needs `n` of them names those, and all matrices `[I, D]` above are
//! `[n, D]`.
//!
//! # LayerNorm without a second table
//! `x̂_i = r_i (x_i - μ_i)` with `r_i = (var_i + ε)^-½` over the row, then `γ ⊙ x̂ + β`. Both are affine in `x_i` once
//! `μ_i, r_i` are known, so with `V_γ = V ⊙ γ` (columns scaled) the logits are
//! `t_i = q_i + (V β + c)`, `q_i = r_i (V_γ x_i - μ_i V_γ 1)`. Backward, with `N = sᵀ x̂ = (r ⊙ s)ᵀ X - ((r ⊙ s)ᵀ μ) 1ᵀ`:
//!
//! `M = N ⊙ γ + σ_s βᵀ` (then as above), `dγ_f = Σ_d V_df N_df`, `dβ = Vᵀ σ_s`, and
//! `dx_i = r_i s_i V_γ - r_i m_i - r_i² k_i (x_i - μ_i)` with the row means `m_i = s_i·(V_γ 1)/F` and
//! `k_i = s_i·q_i/F`: the factors of the plain case plus two numbers a row.

use crate::{FactoredGradient, Gradients, Linear, ParamId, Params};
use anchorrec_kernels::exp::sigmoid_in_place;
use anchorrec_kernels::rows::{ROWS_PER_TASK, Rows, add_rows, sum_rows};
use anchorrec_kernels::table::row_by_row;
use anchorrec_kernels::{Real, fill_rows, product};
use ndarray::{Array1, Array2, ArrayView2, Axis, Zip};
use rand::Rng;
use rayon::prelude::*;

/// `ε` of the LayerNorm (torch's default).
const LAYER_NORM_EPSILON: f64 = 1e-5;

/// The weights between a feature table and its gates.
#[derive(Clone, Copy, Debug)]
pub struct FeatureGate {
    /// The feature table `X`, `[I, F]`.
    pub features: ParamId,
    /// Scale `γ` and shift `β` of the LayerNorm, both `[1, F]`, if there is one.
    pub norm: Option<(ParamId, ParamId)>,
    /// The layer `W` `[D, F]`, `b` to the width of the embeddings.
    pub transform: Linear,
    /// The layer `W_g` `[D, D]`, `b_g` to the gates.
    pub gate: Linear,
}

/// What [`FeatureGate::forward`] computed beside `G`.
#[derive(Clone, Debug)]
pub struct Gates<F> {
    /// The gates `a = σ(t)`, `[n, D]`.
    pub value: Array2<F>,
    /// The product of both layers `V = W_g W`, `[D, F]`.
    composed: Array2<F>,
    normalised: Option<Normalised<F>>,
}

/// What a LayerNorm leaves behind for its backward pass.
#[derive(Clone, Debug)]
struct Normalised<F> {
    /// The row means `μ`, `[n]`.
    mean: Array1<F>,
    /// The inverse deviations `r`, `[n]`.
    scale: Array1<F>,
    /// The scaled product `V_γ`, `[D, F]`.
    composed: Array2<F>,
    /// The row sums `V_γ 1`, `[D]`.
    composed_sum: Array1<F>,
    /// The logits before the constant, `q`, `[n, D]`.
    centred: Array2<F>,
}

impl FeatureGate {
    /// Adds `<name>.features`, `<name>.norm.*` if asked for, `<name>.transform.*` and `<name>.gate.*`.
    ///
    /// ```
    /// use anchorrec_encoders::{FeatureGate, Params};
    /// use ndarray::Array2;
    /// use rand::SeedableRng;
    ///
    /// let (mut params, mut rng) = (Params::<f32>::new(), rand_chacha::ChaCha8Rng::seed_from_u64(1));
    /// let features = Array2::zeros((10, 384)); // ten items
    /// let gate = FeatureGate::new(&mut params, "text", features, 64, false, &mut rng);
    /// assert_eq!(params[gate.transform.weight].dim(), (64, 384));
    /// assert!(params.id("text.gate.weight").is_some() && params.id("text.norm.weight").is_none());
    /// ```
    pub fn new<F: Real>(
        params: &mut Params<F>,
        name: &str,
        features: Array2<F>,
        width: usize,
        layer_norm: bool,
        rng: &mut impl Rng,
    ) -> Self {
        let inputs = features.ncols();
        FeatureGate {
            // A LayerNorm takes general products and the rows themselves.
            features: params.add_features(
                format!("{name}.features"),
                features,
                !layer_norm && row_by_row::<F>(inputs, width),
            ),
            norm: layer_norm.then(|| {
                (
                    params.add_vector(format!("{name}.norm.weight"), Array2::ones((1, inputs))),
                    params.add_vector(format!("{name}.norm.bias"), Array2::zeros((1, inputs))),
                )
            }),
            transform: Linear::new(params, &format!("{name}.transform"), inputs, width, rng),
            gate: Linear::new(params, &format!("{name}.gate"), width, width, rng),
        }
    }

    /// Computes the rows `rows` of `G = E ⊙ a` for `embedding` `E` `[I, D]`, and their gates.
    ///
    /// # Panics
    /// When `rows` do not ascend within the table.
    ///
    /// ```
    /// use anchorrec_encoders::{FeatureGate, Params, Rows};
    /// use ndarray::{Array2, array};
    /// use rand::SeedableRng;
    ///
    /// let (mut params, mut rng) = (Params::new(), rand_chacha::ChaCha8Rng::seed_from_u64(1));
    /// let gate = FeatureGate::new(&mut params, "text", array![[5.0], [6.0]], 2, false, &mut rng);
    /// params[gate.gate.weight].fill(0.0);
    /// params[gate.gate.bias].fill(0.0);
    /// // Logits of 0 are gates of σ(0) = 1/2.
    /// let (gated, _) = gate.forward(&params, Rows::Some(&[1]), &array![[1.0, 1.0], [2.0, 4.0]]);
    /// assert_eq!(gated, array![[1.0, 2.0]]);
    /// ```
    pub fn forward<F: Real>(&self, params: &Params<F>, rows: Rows, embedding: &Array2<F>) -> (Array2<F>, Gates<F>) {
        let composed = product(&params[self.gate.weight], &params[self.transform.weight]);
        let mut constant = product(&params[self.transform.bias], &params[self.gate.weight].t());
        constant += &params[self.gate.bias];
        let (mut value, normalised) = match self.norm {
            None => (params.features(self.features).times_transposed(rows, composed.view()), None),
            Some((weight, bias)) => {
                constant += &product(&params[bias], &composed.t());
                let x = params[self.features].view();
                let normalised = Normalised::new(rows.of(x).view(), &composed * &params[weight]);
                (normalised.centred.clone(), Some(normalised))
            }
        };
        let constant = constant.row(0);
        value.axis_chunks_iter_mut(Axis(0), ROWS_PER_TASK).into_par_iter().for_each(|mut a| {
            a += &constant;
            sigmoid_in_place(a.as_slice_mut().expect("whole rows of a fresh matrix"));
        });
        let gated = fill_rows(value.nrows(), value.ncols(), |first, mut gated| {
            for (n, g) in gated.rows_mut().into_iter().enumerate() {
                let e = embedding.row(rows.at(first + n));
                Zip::from(g).and(value.row(first + n)).and(e).for_each(|g, &a, &e| *g = e * a);
            }
        });
        (gated, Gates { value, composed, normalised })
    }

    /// Adds the gradients of all weights for `dG` `[n, D]`, and those of `E` into `d_embedding` `[I, D]`; `rows` as in the
    /// forward pass.
    ///
    /// ```
    /// use anchorrec_encoders::{FeatureGate, Gradients, Params, Rows};
    /// use ndarray::{Array2, array};
    /// use rand::SeedableRng;
    ///
    /// let (mut params, mut rng) = (Params::new(), rand_chacha::ChaCha8Rng::seed_from_u64(1));
    /// let gate = FeatureGate::new(&mut params, "text", array![[5.0]], 1, false, &mut rng);
    /// params[gate.gate.weight].fill(0.0);
    /// params[gate.gate.bias].fill(0.0);
    /// let embedding = array![[3.0]];
    /// let (_, gates) = gate.forward(&params, Rows::All, &embedding);
    /// let (mut gradients, mut d_embedding) = (Gradients::zero(&params), Array2::zeros((1, 1)));
    /// gate.backward(&params, &mut gradients, Rows::All, &embedding, gates, array![[1.0]], &mut d_embedding);
    /// // dE is the gate; the gate's bias gets E a (1 - a).
    /// assert_eq!(d_embedding, array![[0.5]]);
    /// assert_eq!(gradients.to_dense(gate.gate.bias, &params), array![[3.0 * 0.5 * 0.5]]);
    /// ```
    pub fn backward<F: Real>(
        &self,
        params: &Params<F>,
        gradients: &mut Gradients<F>,
        rows: Rows,
        embedding: &Array2<F>,
        gates: Gates<F>,
        d_gated: Array2<F>,
        d_embedding: &mut Array2<F>,
    ) {
        let a = &gates.value;
        let d_rows = fill_rows(a.nrows(), a.ncols(), |first, mut d_rows| {
            for (n, d_e) in d_rows.rows_mut().into_iter().enumerate() {
                Zip::from(d_e).and(d_gated.row(first + n)).and(a.row(first + n)).for_each(|d_e, &d, &a| *d_e = d * a);
            }
        });
        let mut d_logits = d_gated;
        d_logits.axis_chunks_iter_mut(Axis(0), ROWS_PER_TASK).into_par_iter().enumerate().for_each(|(task, mut d)| {
            for (n, d) in d.rows_mut().into_iter().enumerate() {
                let n = task * ROWS_PER_TASK + n;
                let e = embedding.row(rows.at(n));
                Zip::from(d).and(e).and(a.row(n)).for_each(|d, &e, &a| *d *= e * a * (F::one() - a));
            }
        });
        add_rows(d_embedding, rows, d_rows.view());
        self.backward_logits(params, gradients, rows, gates, d_logits);
    }

    /// Adds the gradients of all weights for `s = dt` `[n, D]`.
    fn backward_logits<F: Real>(
        &self,
        params: &Params<F>,
        gradients: &mut Gradients<F>,
        rows: Rows,
        gates: Gates<F>,
        d_logits: Array2<F>,
    ) {
        let sum = sum_rows(&d_logits).insert_axis(Axis(0));
        let by_feature = match (self.norm, gates.normalised) {
            (Some((weight, bias)), Some(normalised)) => {
                let x = params[self.features].view();
                let (by_normalised, d_x) = normalised.backward(rows.of(x).view(), d_logits);
                gradients.set_factored(self.features, FactoredGradient { rows: rows.to_list(), ..d_x });
                gradients.add(weight, (&gates.composed * &by_normalised).sum_axis(Axis(0)).insert_axis(Axis(0)));
                gradients.add(bias, product(&sum, &gates.composed));
                by_normalised * &params[weight] + product(&sum.t(), &params[bias])
            }
            _ => {
                let features = params.features(self.features);
                let by_feature = features.transposed_times(d_logits.view(), rows);
                gradients.set_factored(self.features, features.gradient(rows, d_logits, gates.composed));
                by_feature
            }
        };
        let (w, b, w_g) = (&params[self.transform.weight], &params[self.transform.bias], &params[self.gate.weight]);
        gradients.add(self.gate.weight, product(&by_feature, &w.t()) + product(&sum.t(), b));
        gradients.add(self.transform.weight, product(&w_g.t(), &by_feature));
        gradients.add(self.transform.bias, product(&sum, w_g));
        gradients.add(self.gate.bias, sum);
    }
}

impl<F: Real> Normalised<F> {
    fn new(x: ArrayView2<F>, composed: Array2<F>) -> Self {
        let width = F::of(x.ncols() as f64);
        let (mean, scale): (Vec<F>, Vec<F>) = x
            .axis_iter(Axis(0))
            .into_par_iter()
            .map(|row| {
                let mean = row.sum() / width;
                // Centred first: E[x²] - E[x]² loses its digits when the mean is large.
                let variance = row.fold(F::zero(), |sum, &v| sum + (v - mean) * (v - mean)) / width;
                (mean, F::one() / (variance + F::of(LAYER_NORM_EPSILON)).sqrt())
            })
            .unzip();
        let (mean, scale) = (Array1::from(mean), Array1::from(scale));
        let composed_sum = composed.sum_axis(Axis(1));
        let mut centred = product(&x, &composed.t());
        Zip::from(centred.rows_mut()).and(&mean).and(&scale).par_for_each(|mut row, &mean, &scale| {
            row.zip_mut_with(&composed_sum, |q, &sum| *q = scale * (*q - mean * sum));
        });
        Normalised { mean, scale, composed, composed_sum, centred }
    }

    /// `N` `[D, F]` and the gradient of these rows of `X`.
    fn backward(self, x: ArrayView2<F>, d_logits: Array2<F>) -> (Array2<F>, FactoredGradient<F>) {
        let width = F::of(x.ncols() as f64);
        let items = x.nrows();
        let (mut shift, mut pull) = (Array1::zeros(items), Array1::zeros(items));
        let mut left = d_logits;
        for i in 0..items {
            let (mean, scale) = (self.mean[i], self.scale[i]);
            let mut s = left.row_mut(i);
            let mean_of_gradient = s.dot(&self.composed_sum) / width;
            let along_normalised = s.dot(&self.centred.row(i)) / width;
            pull[i] = -scale * scale * along_normalised;
            shift[i] = -scale * mean_of_gradient - pull[i] * mean;
            s.mapv_inplace(|v| v * scale);
        }
        let mut by_normalised = product(&left.t(), &x);
        by_normalised -= &left.t().dot(&self.mean).insert_axis(Axis(1));
        (by_normalised, FactoredGradient { rows: None, left, right: self.composed, along_row: Some((shift, pull)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter_gradients::assert_parameter_gradients;
    use anchorrec_kernels::rows::{gather, scatter_add};
    use anchorrec_testkit::{assert_close, assert_gradient, random};
    use ndarray::array;

    fn gate(items: usize, inputs: usize, width: usize, layer_norm: bool, seed: u64) -> (Params<f64>, FeatureGate) {
        let rng = &mut random::generator(seed);
        let mut params = Params::new();
        let features = random::matrix(items, inputs, rng) + 0.7;
        let gate = FeatureGate::new(&mut params, "m", features, width, layer_norm, rng);
        if let Some((weight, bias)) = gate.norm {
            params[weight] = random::matrix(1, inputs, rng) + 1.0;
            params[bias] = random::matrix(1, inputs, rng);
        }
        (params, gate)
    }

    /// The plain version: LayerNorm, layer, layer, sigmoid, each written out.
    fn plain(params: &Params<f64>, gate: &FeatureGate) -> Array2<f64> {
        let mut x = params[gate.features].clone();
        if let Some((weight, bias)) = gate.norm {
            for mut row in x.rows_mut() {
                let mean = row.mean().unwrap();
                let variance = row.mapv(|v| (v - mean).powi(2)).mean().unwrap();
                row.mapv_inplace(|v| (v - mean) / (variance + LAYER_NORM_EPSILON).sqrt());
                row *= &params[weight].row(0);
                row += &params[bias].row(0);
            }
        }
        let middle = gate.transform.forward(params, x.view(), Rows::All);
        gate.gate.forward(params, middle.view(), Rows::All).mapv(|t| 1.0 / (1.0 + (-t).exp()))
    }

    const SIZES: [(usize, usize, usize); 3] = [(1, 2, 1), (9, 6, 4), (5, 11, 3)];

    #[test]
    fn the_composed_form_equals_the_layers_one_by_one() {
        for layer_norm in [false, true] {
            for (items, inputs, width) in SIZES {
                let (params, gate) = gate(items, inputs, width, layer_norm, 1);
                let embedding = random::matrix(items, width, &mut random::generator(9));
                let (gated, gates) = gate.forward(&params, Rows::All, &embedding);
                let want = plain(&params, &gate);
                assert_close("gates", gates.value.view(), want.view(), 1e-12);
                assert_close("gated", gated.view(), (want * &embedding).view(), 1e-12);
            }
        }
    }

    #[test]
    fn gradients_agree_with_differences_of_the_plain_version() {
        for layer_norm in [false, true] {
            for (items, inputs, width) in SIZES {
                let (params, gate) = gate(items, inputs, width, layer_norm, 2);
                let rng = &mut random::generator(3);
                let (upstream, embedding) = (random::matrix(items, width, rng), random::matrix(items, width, rng));
                let (_, gates) = gate.forward(&params, Rows::All, &embedding);
                let mut gradients = Gradients::zero(&params);
                let mut d_embedding = Array2::ones((items, width));
                gate.backward(
                    &params,
                    &mut gradients,
                    Rows::All,
                    &embedding,
                    gates,
                    upstream.clone(),
                    &mut d_embedding,
                );
                assert_gradient("E", (d_embedding - 1.0).view(), embedding.view(), |e| {
                    (plain(&params, &gate) * e * &upstream).sum()
                });
                assert_parameter_gradients(&params, &gradients, |params| {
                    (plain(params, &gate) * &embedding * &upstream).sum()
                });
            }
        }
    }

    #[test]
    fn some_rows_are_those_of_all_and_send_back_what_they_would() {
        for layer_norm in [false, true] {
            let (params, gate) = gate(9, 6, 4, layer_norm, 5);
            let rng = &mut random::generator(6);
            let embedding = random::matrix(9, 4, rng);
            let listed = [1, 2, 7];
            let (all, all_gates) = gate.forward(&params, Rows::All, &embedding);
            let (some, gates) = gate.forward(&params, Rows::Some(&listed), &embedding);
            assert_close("gated", some.view(), gather(&all, &listed).view(), 1e-14);

            let upstream = random::matrix(3, 4, rng);
            let mut everywhere = Array2::zeros((9, 4));
            scatter_add(&mut everywhere, &listed, upstream.view());
            let [mut from_some, mut from_all] = [0; 2].map(|_| Gradients::zero(&params));
            let [mut d_some, mut d_all] = [0; 2].map(|_| Array2::ones((9, 4)));
            let listed = Rows::Some(&listed);
            gate.backward(&params, &mut from_some, listed, &embedding, gates, upstream, &mut d_some);
            gate.backward(&params, &mut from_all, Rows::All, &embedding, all_gates, everywhere, &mut d_all);
            assert_close("E", d_some.view(), d_all.view(), 1e-14);
            for (id, parameter) in params.ids().zip(params.iter()) {
                let (some, all) = (from_some.to_dense(id, &params), from_all.to_dense(id, &params));
                assert_close(&parameter.name, some.view(), all.view(), 1e-13);
            }
        }
    }

    #[test]
    fn a_constant_row_survives_the_norm() {
        let mut params = Params::<f32>::new();
        let features = array![[3.0, 3.0], [0.0, 0.0]];
        let gate = FeatureGate::new(&mut params, "m", features, 2, true, &mut random::generator(4));
        let (gated, _) = gate.forward(&params, Rows::All, &Array2::ones((2, 2)));
        assert!(gated.iter().all(|g: &f32| g.is_finite()));
    }
}
