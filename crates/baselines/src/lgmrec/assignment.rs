//! To which hyperedges a node belongs: `H = softmax((l + g)/τ) ⊙ mask` for logits `l` `[n, K]`, Gumbel noise `g` and inverted dropout.
//!
//! The softmax is over the hyperedges and stays soft. Rows that dropout thinned do not sum to 1. Backward, with `p` the softmax and `dp = dH ⊙ mask`:
//! `dl = p ⊙ (dp - Σ_k p_k dp_k) / τ`.

use super::Settings;
use crate::draws;
use anchorrec_encoders::activation::{softmax, softmax_backward};
use anchorrec_kernels::Real;
use ndarray::Array2;

/// What is drawn for some nodes in one forward pass, `[n, K]` each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draw<F> {
    /// The noise `g`; absent where there is none.
    pub gumbel: Option<Array2<F>>,
    /// What dropout multiplies by; absent where nothing is dropped.
    pub mask: Option<Array2<F>>,
}

/// What one forward pass draws.
#[derive(Clone, Debug, PartialEq)]
pub struct Draws<F> {
    /// For each modality that is there, image before text: of all items and of all users.
    pub modalities: Vec<[Draw<F>; 2]>,
}

impl<F: Real> Draws<F> {
    /// Draws for a step, keyed by its seed: noise and dropout.
    pub(super) fn of_step(settings: &Settings, modalities: usize, nodes: [usize; 2], seed: u64) -> Self {
        let draw = |table: u64, nodes: usize| Draw {
            gumbel: Some(draws::gumbel((nodes, settings.hyperedges), (seed, 2 * table))),
            mask: draws::dropout((nodes, settings.hyperedges), settings.dropout, (seed, 2 * table + 1)),
        };
        let of_modality = |m| [draw(2 * m, nodes[0]), draw(2 * m + 1, nodes[1])];
        Draws { modalities: (0..modalities as u64).map(of_modality).collect() }
    }

    /// Draws for evaluation: noise if it is wanted, always the same; nothing is dropped.
    pub(super) fn of_evaluation(settings: &Settings, modalities: usize, nodes: [usize; 2]) -> Self {
        /// The key of all evaluations.
        const EVALUATION: u64 = u64::MAX;
        let whole = Settings { dropout: 0.0, ..settings.clone() };
        if settings.gumbel_at_evaluation {
            return Self::of_step(&whole, modalities, nodes, EVALUATION);
        }
        Draws { modalities: (0..modalities).map(|_| Default::default()).collect() }
    }
}

/// Memberships of nodes in hyperedges, `[n, K]`.
#[derive(Clone, Debug)]
pub struct Assignment<F> {
    /// `softmax((l + g)/τ)`.
    pub soft: Array2<F>,
    /// `H`; absent where it is the same.
    masked: Option<Array2<F>>,
}

impl<F: Real> Assignment<F> {
    /// Computes the memberships of nodes with these logits.
    ///
    /// # Panics
    /// When what was drawn has another shape.
    pub fn new(logits: &Array2<F>, draw: &Draw<F>, temperature: F) -> Self {
        let mut sharpened = logits.clone();
        if let Some(gumbel) = &draw.gumbel {
            sharpened += gumbel;
        }
        sharpened.par_mapv_inplace(|x| x / temperature);
        let soft = softmax(sharpened);
        let masked = draw.mask.as_ref().map(|mask| &soft * mask);
        Assignment { soft, masked }
    }

    /// Returns `H`.
    pub fn value(&self) -> &Array2<F> {
        self.masked.as_ref().unwrap_or(&self.soft)
    }

    /// Turns `dH` into the gradient of the logits; `draw` as in the forward pass.
    pub(super) fn backward(&self, mut d: Array2<F>, draw: &Draw<F>, temperature: F) -> Array2<F> {
        if let Some(mask) = &draw.mask {
            d *= mask;
        }
        let mut d_logits = softmax_backward(&self.soft, d);
        d_logits.par_mapv_inplace(|d| d / temperature);
        d_logits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_gradient, random};

    #[test]
    fn gradients_agree_with_differences() {
        let rng = &mut random::generator(1);
        let (logits, upstream) = (random::matrix(7, 3, rng), random::matrix(7, 3, rng));
        let settings = Settings { hyperedges: 3, dropout: 0.4, ..Settings::default() };
        let drawn = Draws::of_step(&settings, 1, [7, 7], 5);
        for draw in [&drawn.modalities[0][0], &Draw::default()] {
            let d = Assignment::new(&logits, draw, 0.7).backward(upstream.clone(), draw, 0.7);
            assert_gradient("logits", d.view(), logits.view(), |logits| {
                (Assignment::new(&logits.to_owned(), draw, 0.7).value() * &upstream).sum()
            });
        }
    }

    #[test]
    fn noise_and_temperature_stand_where_the_formula_has_them() {
        // Far from saturated: every wrong place of `g` or `τ` moves these by more than a tenth.
        let logits = ndarray::array![[0.5f64, -0.25, 0.0], [0.1, 0.2, 0.3]];
        let gumbel = ndarray::array![[1.5, -0.5, 0.25], [-1.0, 2.0, 0.75]];
        let mask = ndarray::array![[2.0, 0.0, 2.0], [0.0, 2.0, 2.0]];
        let draw = Draw { gumbel: Some(gumbel.clone()), mask: Some(mask.clone()) };
        let assignment = Assignment::new(&logits, &draw, 1.6);
        for row in 0..2 {
            let e: Vec<f64> = (0..3).map(|k| ((logits[[row, k]] + gumbel[[row, k]]) / 1.6).exp()).collect();
            for k in 0..3 {
                let soft = e[k] / e.iter().sum::<f64>();
                assert!((assignment.soft[[row, k]] - soft).abs() < 1e-15 && soft > 0.05 && soft < 0.8, "{soft}");
                assert!((assignment.value()[[row, k]] - soft * mask[[row, k]]).abs() < 1e-15);
            }
        }
    }

    #[test]
    fn tables_of_a_step_differ_and_evaluation_is_always_the_same() {
        let settings = Settings::default();
        let step = |seed| Draws::<f32>::of_step(&settings, 2, [5, 5], seed).modalities;
        let of_step = step(1);
        let tables: Vec<&Array2<f32>> =
            of_step.iter().flatten().flat_map(|draw| [draw.gumbel.as_ref(), draw.mask.as_ref()]).flatten().collect();
        assert_eq!(tables.len(), 8);
        assert!((0..8).all(|a| (0..a).all(|b| tables[a] != tables[b])));
        assert_ne!(step(2), of_step);
        let evaluation = |gumbel_at_evaluation| {
            Draws::<f32>::of_evaluation(&Settings { gumbel_at_evaluation, ..Settings::default() }, 2, [5, 5]).modalities
        };
        assert_eq!(evaluation(true), evaluation(true));
        assert!(evaluation(true).iter().flatten().all(|draw| draw.gumbel.is_some() && draw.mask.is_none()));
        assert!(evaluation(false).iter().flatten().all(|draw| *draw == Draw::default()));
    }
}
