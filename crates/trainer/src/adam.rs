//! Adam (Kingma & Ba, ICLR 2015, arXiv 1412.6980), with bias correction and without weight decay.
//!
//! `m <- β₁ m + (1-β₁) g`, `v <- β₂ v + (1-β₂) g²`, `θ <- θ - (η / (1-β₁ᵗ)) · m / (√v / √(1-β₂ᵗ) + ε)`.
//!
//! A parameter that no path has ever led to is left alone. The gradient of a feature table comes in factors and is
//! multiplied out 65,536 elements at a time into a buffer that stays in the cache, where Adam uses it up: the
//! whole gradient never exists.

use anchorrec_encoders::{Gradient, Gradients, ParamId, Params};
use anchorrec_kernels::Real;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, s};
use pulp::Arch;
use rayon::prelude::*;

/// Elements of a feature table's gradient that are multiplied out at once, as whole rows: with `f32` a quarter of a
/// mebibyte, which stays in the cache between the product and Adam. Elements do not depend on it.
const TABLE_BLOCK: usize = 1 << 16;
/// But at least so many rows: a product of fewer spends its time packing.
const TABLE_ROWS: usize = 64;
/// Rows of a dense parameter updated by one task.
const DENSE_ROWS: usize = 512;

/// The optimiser: its constants and, for each parameter, its two moments.
#[derive(Clone, Debug)]
pub struct Adam<F> {
    /// `β₁`.
    pub beta1: f64,
    /// `β₂`.
    pub beta2: f64,
    /// `ε`.
    pub epsilon: f64,
    /// `t`, the number of updates made.
    pub steps: u64,
    /// `(m, v)` of each parameter in creation order, absent until its first gradient.
    pub moments: Vec<Option<Moments<F>>>,
}

/// The running averages of a parameter's gradient and of its square.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments<F> {
    /// `m`.
    pub first: Array2<F>,
    /// `v`.
    pub second: Array2<F>,
}

/// What one element's update needs beside its own four numbers.
#[derive(Clone, Copy)]
struct Rule<F> {
    beta1: F,
    rest1: F,
    beta2: F,
    rest2: F,
    step_size: F,
    root_correction: F,
    epsilon: F,
}

impl<F: Real> Adam<F> {
    /// Before the first update, with `β = (0.9, 0.999)` and `ε = 1e-8`.
    pub fn new(params: &Params<F>) -> Self {
        Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, steps: 0, moments: vec![None; params.len()] }
    }

    /// One update of all parameters with learning rate `rate`.
    ///
    /// # Panics
    /// When the gradients are of another model.
    pub fn update(&mut self, params: &mut Params<F>, gradients: &Gradients<F>, rate: f64) {
        assert_eq!(params.len(), self.moments.len(), "parameters and moments");
        self.steps += 1;
        let correction = |beta: f64| 1.0 - beta.powf(self.steps as f64);
        let rule = Rule {
            beta1: F::of(self.beta1),
            rest1: F::of(1.0 - self.beta1),
            beta2: F::of(self.beta2),
            rest2: F::of(1.0 - self.beta2),
            step_size: F::of(rate / correction(self.beta1)),
            root_correction: F::of(correction(self.beta2).sqrt()),
            epsilon: F::of(self.epsilon),
        };
        for (id, moments) in params.ids().zip(&mut self.moments) {
            update_parameter(params, id, moments, gradients.get(id), rule);
        }
    }
}

fn update_parameter<F: Real>(
    params: &mut Params<F>,
    id: ParamId,
    moments: &mut Option<Moments<F>>,
    gradient: &Gradient<F>,
    rule: Rule<F>,
) {
    if matches!(gradient, Gradient::Zero) {
        return;
    }
    let x = &mut params[id];
    let moments =
        moments.get_or_insert_with(|| Moments { first: Array2::zeros(x.dim()), second: Array2::zeros(x.dim()) });
    let width = x.ncols();
    let (rows, buffer_rows) = match gradient {
        Gradient::Factored(_) => {
            let rows = (TABLE_BLOCK / width.max(1)).max(TABLE_ROWS);
            (rows, rows)
        }
        _ => (DENSE_ROWS, 0),
    };
    x.axis_chunks_iter_mut(Axis(0), rows)
        .into_par_iter()
        .zip(moments.first.axis_chunks_iter_mut(Axis(0), rows).into_par_iter())
        .zip(moments.second.axis_chunks_iter_mut(Axis(0), rows).into_par_iter())
        .enumerate()
        .for_each_init(
            || Array2::zeros((buffer_rows, width)),
            |buffer, (chunk, ((x, m), v))| {
                let range = chunk * rows..chunk * rows + x.nrows();
                match gradient {
                    Gradient::Zero => unreachable!("returned above"),
                    Gradient::Dense(d) => rule.apply(x, m, v, d.slice(s![range, ..])),
                    Gradient::Factored(factored) => {
                        let mut block = buffer.slice_mut(s![..x.nrows(), ..]);
                        factored.write_rows(range, x.view(), block.view_mut());
                        rule.apply(x, m, v, block.view());
                    }
                }
            },
        );
}

impl<F: Real> Rule<F> {
    fn apply(self, mut x: ArrayViewMut2<F>, mut m: ArrayViewMut2<F>, mut v: ArrayViewMut2<F>, g: ArrayView2<F>) {
        let whole_rows = "whole rows of a row-major matrix";
        let (x, m) = (x.as_slice_mut().expect(whole_rows), m.as_slice_mut().expect(whole_rows));
        let (v, g) = (v.as_slice_mut().expect(whole_rows), g.to_slice().expect(whole_rows));
        Arch::new().dispatch(
            #[inline(always)]
            || {
                for (((x, m), v), &g) in x.iter_mut().zip(m).zip(v).zip(g) {
                    *m = self.beta1 * *m + self.rest1 * g;
                    *v = self.beta2 * *v + self.rest2 * g * g;
                    *x -= self.step_size * *m / (v.sqrt() / self.root_correction + self.epsilon);
                }
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_encoders::FactoredGradient;
    use anchorrec_testkit::{assert_close, assert_close_scalar, random};
    use ndarray::array;

    #[test]
    fn two_steps_solved_by_hand() {
        let mut params = Params::new();
        let id = params.add("w", array![[1.0f64]]);
        let untouched = params.add("u", array![[7.0]]);
        let mut adam = Adam::new(&params);
        let step = |adam: &mut Adam<f64>, params: &mut Params<f64>, g: f64| {
            let mut gradients = Gradients::zero(params);
            gradients.add(id, array![[g]]);
            adam.update(params, &gradients, 0.1);
        };
        step(&mut adam, &mut params, 2.0);
        // Bias correction makes the first step the sign of the gradient: m̂ = 2, v̂ = 4.
        assert_close_scalar("first", params[id][[0, 0]], 1.0 - 0.1 * 2.0 / (2.0 + 1e-8), 1e-14);
        let after_first = params[id][[0, 0]];
        step(&mut adam, &mut params, -1.0);
        let m_hat = (0.9 * 0.1 * 2.0 - 0.1) / (1.0 - 0.9f64.powi(2));
        let v_hat = (0.999 * 0.001 * 4.0 + 0.001 * 1.0) / (1.0 - 0.999f64.powi(2));
        assert_close_scalar("second", params[id][[0, 0]], after_first - 0.1 * m_hat / (v_hat.sqrt() + 1e-8), 1e-12);
        assert_eq!(params[untouched][[0, 0]], 7.0);
    }

    #[test]
    fn a_factored_gradient_moves_the_table_like_the_same_gradient_written_out() {
        let rng = &mut random::generator(1);
        let (rows, width) = (2 * TABLE_ROWS + 5, TABLE_BLOCK / TABLE_ROWS);
        let factored = FactoredGradient {
            left: random::matrix(rows, 3, rng),
            right: random::matrix(3, width, rng),
            along_row: Some((
                random::matrix(1, rows, rng).row(0).to_owned(),
                random::matrix(1, rows, rng).row(0).to_owned(),
            )),
        };
        let mut params = Params::new();
        let id = params.add("x", random::matrix(rows, width, rng));
        let mut in_factors = Gradients::zero(&params);
        in_factors.set_factored(id, factored);
        let mut written_out = Gradients::zero(&params);
        written_out.add(id, in_factors.to_dense(id, &params));
        let moved = |gradients: &Gradients<f64>| {
            let mut params = params.clone();
            Adam::new(&params).update(&mut params, gradients, 0.01);
            params[id].clone()
        };
        assert_close("table", moved(&in_factors).view(), moved(&written_out).view(), 1e-12);
    }
}
