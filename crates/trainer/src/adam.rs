//! Adam (Kingma & Ba, ICLR 2015, arXiv 1412.6980), with bias correction and without weight decay.
//!
//! `m <- β₁ m + (1-β₁) g`, `v <- β₂ v + (1-β₂) g²`, `θ <- θ - (η / (1-β₁ᵗ)) · m / (√v / √(1-β₂ᵗ) + ε)`.
//!
//! A parameter without a gradient is skipped: its value, its moments and its own count of updates `t` stay as they are (torch from 2.0 on; before, a
//! momentum of zeros went on). A gradient whose elements are all 0 is one. The arithmetic itself is
//! [`AdamRule`]; of a table that is dealt out to several ranks, each moves its own rows and holds their moments. The gradient of a feature table comes in factors and is used up as it is multiplied out.

use anchorrec_encoders::{Gradient, Gradients, Params};
use anchorrec_kernels::Real;
use anchorrec_kernels::adam::AdamRule;
use ndarray::{Array2, s};

/// The optimiser: its constants and, for each parameter, its two moments and how often it was moved.
#[derive(Clone, Debug)]
pub struct Adam<F> {
    /// Decay of the first moment, `β₁`.
    pub beta1: f64,
    /// Decay of the second moment, `β₂`.
    pub beta2: f64,
    /// What is added to the root of the second moment, `ε`.
    pub epsilon: f64,
    /// The number of updates made; a parameter may have missed some.
    pub steps: u64,
    /// `(m, v, t)` of each parameter in creation order, absent until its first gradient.
    pub moments: Vec<Option<Moments<F>>>,
}

/// The running averages of a parameter's gradient and of its square, and how many gradients they are of.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments<F> {
    /// The first moment `m`.
    pub first: Array2<F>,
    /// The second moment `v`.
    pub second: Array2<F>,
    /// The number `t` of updates that this parameter took part in.
    pub updates: u64,
}

impl<F: Real> Moments<F> {
    /// Before the first update of a parameter of this shape.
    fn new(shape: (usize, usize)) -> Self {
        Moments { first: Array2::zeros(shape), second: Array2::zeros(shape), updates: 0 }
    }
}

impl<F: Real> Adam<F> {
    /// Makes an optimiser before its first update, with `β = (0.9, 0.999)` and `ε = 1e-8`.
    pub fn new(params: &Params<F>) -> Self {
        Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, steps: 0, moments: vec![None; params.len()] }
    }

    /// Keeps the moments of those rows that are held here, where a table was dealt out.
    pub(crate) fn deal_out(&mut self, params: &Params<F>) {
        for (parameter, moments) in params.iter().zip(&mut self.moments) {
            let (Some(share), Some(Moments { first, second, .. })) = (&parameter.share, moments) else { continue };
            for moment in [first, second] {
                *moment = moment.slice(s![share.own(), ..]).to_owned();
            }
        }
    }

    /// Updates all parameters that have a gradient, with learning rate `rate`.
    ///
    /// # Panics
    /// When the gradients are of another model.
    pub fn update(&mut self, params: &mut Params<F>, gradients: &Gradients<F>, rate: f64) {
        assert_eq!(params.len(), self.moments.len(), "parameters and moments");
        self.steps += 1;
        let (beta1, beta2, epsilon) = (self.beta1, self.beta2, self.epsilon);
        for ((id, parameter), moments) in params.ids().zip(params.iter_mut()).zip(&mut self.moments) {
            let gradient = gradients.get(id);
            if matches!(gradient, Gradient::Zero) {
                continue;
            }
            let x = &mut parameter.value;
            let moments = moments.get_or_insert_with(|| Moments::new(x.dim()));
            moments.updates += 1;
            let correction = |beta: f64| 1.0 - beta.powf(moments.updates as f64);
            let (step_size, root_scale) = (rate / correction(beta1), correction(beta2).sqrt().recip());
            let rule = AdamRule { beta1, beta2, step_size, root_scale, epsilon };
            match gradient {
                Gradient::Zero => unreachable!("skipped above"),
                Gradient::Factored(factored) => rule.table([x, &mut moments.first, &mut moments.second], factored),
                Gradient::Dense(d) => rule.dense([x, &mut moments.first, &mut moments.second], d),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_encoders::FactoredGradient;
    use anchorrec_testkit::{assert_close_scalar, random};
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
    fn a_parameter_without_a_gradient_is_skipped_and_counts_for_itself() {
        let mut params = Params::new();
        let [always, seldom] = ["always", "seldom"].map(|name| params.add(name, array![[1.0f64]]));
        let mut adam = Adam::new(&params);
        let mut updates = |which: &[_]| {
            let mut gradients = Gradients::zero(&params);
            which.iter().for_each(|&id| gradients.add(id, array![[2.0]]));
            adam.update(&mut params, &gradients, 0.1);
            params[seldom][[0, 0]]
        };
        let first = updates(&[always, seldom]);
        assert_eq!(updates(&[always]), first, "no gradient moves nothing, momentum included");
        // A second gradient like the first one: m̂ = 2 and v̂ = 4 again with t = 2; t = 3 would give m̂ = 0.38 / 0.271.
        assert_close_scalar("second", updates(&[seldom]), first - 0.1 * 2.0 / (2.0 + 1e-8), 1e-14);
        let counts = adam.moments.iter().map(|moments| moments.as_ref().map(|m| m.updates));
        assert_eq!((adam.steps, counts.collect::<Vec<_>>()), (3, vec![Some(2), Some(2)]));
    }

    #[test]
    fn a_factored_gradient_moves_the_table_like_the_same_gradient_written_out() {
        // 160 columns take the fused kernel, 150 the plain one.
        for width in [160, 150] {
            let rng = &mut random::generator(1);
            let (items, listed) = (1000, (0..1000).filter(|i| i % 3 > 0).collect::<Vec<u32>>());
            let left = random::matrix(listed.len(), 32, rng).mapv(|v| v as f32);
            let right = random::matrix(32, width, rng).mapv(|v| v as f32);
            let mut params = Params::new();
            let id = params.add("x", random::matrix(items, width, rng).mapv(|v| v as f32));
            let factored = FactoredGradient { rows: Some(listed), left, right, along_row: None };
            let mut in_factors = Gradients::zero(&params);
            in_factors.set_factored(id, factored);
            let mut written_out = Gradients::zero(&params);
            written_out.add(id, in_factors.to_dense(id, &params));
            let moved = |gradients: &Gradients<f32>| {
                let (mut params, mut adam) = (params.clone(), Adam::new(&params));
                (0..3).for_each(|_| adam.update(&mut params, gradients, 0.01));
                params[id].mapv(f64::from)
            };
            // A sum of 32 products in two orders of rounding: an element near zero may be off by a few parts in a million,
            // and Adam moves it by the learning rate whatever its size.
            let (got, want) = (moved(&in_factors), moved(&written_out));
            let worst = got.iter().zip(&want).map(|(g, w): (&f64, &f64)| (g - w).abs()).fold(0.0, f64::max);
            assert!(worst < 1e-4, "{width} columns: {worst}");
        }
    }
}
