//! The loss of a batch, forward and backward.
//!
//! | term | formula | gradient reaches |
//! |---|---|---|
//! | `ui` | `C(h_u, h_i)` | `P`, `h_u` |
//! | `iu` | `C(h_i, h_u)` | `P`, `h_i` |
//! | `reg` | `(‖H_u‖_F + ‖H_i‖_F) / I` over all users and items | `h_u`, `h_i` |
//! | `align_m` | `C(t_m, h_i)` | `P`, `t_m` |
//! | `mask_m` | `C(t_m, t_m)` | `P`, `t_m` |
//!
//! The targets are computed before the terms and are numbers to them: a stop-gradient that a test can see, since it can hold the
//! targets still while it moves the weights.

use super::{Bm3, Encoded, Masks};
use anchorrec_encoders::Gradients;
use anchorrec_kernels::Real;
use anchorrec_kernels::rows::{self, Rows};
use anchorrec_losses::{cosine_distance, frobenius_norm};
use anchorrec_recommender::{Distinct, Step, Term};
use ndarray::Array2;

/// What the predictions of a batch are compared with, a row for each distinct user or item.
#[derive(Clone, Debug)]
pub struct Targets<F> {
    /// Targets of users, `h̄_u`, `[n_u, D]`.
    pub users: Array2<F>,
    /// Targets of items, `h̄_i`, `[n_i, D]`.
    pub items: Array2<F>,
    /// `t̄_m`, `[n_i, D]` each.
    pub modalities: Vec<Array2<F>>,
}

impl<F: Real> Encoded<F> {
    /// `x̄ = x ⊙ mask` of the batch's rows.
    ///
    /// # Panics
    /// When the masks are of another batch.
    pub fn targets(&self, masks: &Masks<F>) -> Targets<F> {
        assert_eq!(self.modalities.len(), masks.modalities.len(), "modalities and their masks");
        let masked = |(t, mask): (&Array2<F>, &Array2<F>)| t * mask;
        Targets {
            users: rows::gather(&self.h_users, &self.users.ids) * &masks.users,
            items: rows::gather(&self.h_items, &self.items.ids) * &masks.items,
            modalities: self.modalities.iter().zip(&masks.modalities).map(masked).collect(),
        }
    }
}

/// Rows that predict: `x`, `P(x)` and the gradient of `P(x)` so far, a row for each distinct user or item.
struct Predicting<'a, F> {
    of: &'a Distinct<F>,
    x: Array2<F>,
    prediction: Array2<F>,
    d_prediction: Array2<F>,
}

impl<F: Real> Bm3<F> {
    /// Computes the objective and its gradient for given targets; `encoded` is what this model makes of the batch.
    pub fn step_towards(&self, encoded: &Encoded<F>, targets: &Targets<F>) -> Step<F> {
        let Encoded { h_users, h_items, users, items, modalities } = encoded;
        let mut gradients = Gradients::zero(&self.params);

        // Forward: what the batch's rows predict.
        let predicting = |of, x: Array2<F>| {
            let prediction = self.predict(&x);
            Predicting { of, d_prediction: Array2::zeros(prediction.dim()), x, prediction }
        };
        let mut from_users = predicting(users, rows::gather(h_users, &users.ids));
        let mut from_items = predicting(items, rows::gather(h_items, &items.ids));
        let mut from_modalities: Vec<_> = modalities.iter().map(|t| predicting(items, t.clone())).collect();

        // Losses, each with what it sends back. sg: nothing is sent to a target.
        let align = |(name, about), weight, from: &mut Predicting<F>, (of, target): (&Distinct<F>, &Array2<F>)| {
            let (rows, target) = (rows::gather(&from.prediction, &from.of.places), rows::gather(target, &of.places));
            let loss = cosine_distance(rows.view(), target.view());
            rows::scatter_add(&mut from.d_prediction, &from.of.places, loss.backward_a(F::of(weight)).view());
            Term::new(name, about, loss.value, weight)
        };
        let (reg, divisor) = (self.settings.reg, F::of(h_items.nrows() as f64));
        let (of_users, of_items) = (frobenius_norm(h_users.view(), divisor), frobenius_norm(h_items.view(), divisor));
        let mut terms = vec![
            align(("ui", "users predict their items"), 1.0, &mut from_users, (items, &targets.items)),
            align(("iu", "items predict their users"), 1.0, &mut from_items, (users, &targets.users)),
            Term::new("reg", "norms of all embeddings", of_users.value + of_items.value, reg),
        ];
        let weight = self.settings.align;
        for ((modality, from), target) in self.modalities.iter().zip(&mut from_modalities).zip(&targets.modalities) {
            terms.push(align(modality.align, weight, from, (items, &targets.items)));
            terms.push(align(modality.mask, weight, from, (items, target)));
        }

        // Backward: the predictor, then the features and the embeddings.
        let mut through_predictor = |from: Predicting<F>| {
            self.predictor.backward_weights(&mut gradients, from.x.view(), Rows::All, from.d_prediction.view());
            self.predictor.backward_input(&self.params, from.d_prediction.view())
        };
        let (d_users, d_items) = (through_predictor(from_users), through_predictor(from_items));
        let d_modalities: Vec<_> = from_modalities.into_iter().map(through_predictor).collect();
        for (modality, d) in self.modalities.iter().zip(d_modalities) {
            modality.layer.backward(&self.params, &mut gradients, Rows::Some(&items.ids), d);
        }
        let (mut d_h_users, mut d_h_items) = (of_users.backward(F::of(reg)), of_items.backward(F::of(reg)));
        rows::add_rows(&mut d_h_users, Rows::Some(&users.ids), d_users.view());
        rows::add_rows(&mut d_h_items, Rows::Some(&items.ids), d_items.view());
        let (d_e_users, mut d_e_items) = self.id.all_backward(&self.graph, &d_h_users, &d_h_items);
        d_e_items += &d_h_items;
        gradients.add(self.id.users, d_e_users);
        gradients.add(self.id.items, d_e_items);
        Step { terms, gradients }
    }
}
