//! The loss of a batch, forward and backward.
//!
//! | term | formula | gradient reaches |
//! |---|---|---|
//! | `bpr` | `mean softplus(-(z_u·z_i - z_u·z_j))` | `z_u, z_i, z_j` |
//! | `reg` | `½ (Σ‖z_u‖² + Σ‖z_i‖² + Σ‖z_j‖²) / B` over the batch, repeats kept | `z_u, z_i, z_j` |
//!
//! MMRec has other forms ([`Objective::Mmrec`]): `-mean ln(1e-10 + σ(z_u·z_i - z_u·z_j))` and `(‖Z_u‖_F + ‖Z_i‖_F + ‖Z_j‖_F) / B`.
//!
//! The backward half of the step reads as the forward half from bottom to top.

use super::{BprMf, Objective, Settings};
use anchorrec_encoders::Gradients;
use anchorrec_kernels::Real;
use anchorrec_kernels::rows;
use anchorrec_losses::{Triples, bpr_of_triples, frobenius_norm, half_squared_norm};
use anchorrec_recommender::{Batch, Step, Term};
use ndarray::Array2;

/// `γ` of `-ln(γ + σ(x))`: MMRec's guard against `ln 0`.
const FLOOR: f64 = 1e-10;

pub(super) fn step<F: Real>(model: &BprMf<F>, batch: &Batch) -> Step<F> {
    batch.check();
    let Batch { users, positives, negatives, .. } = *batch;
    let (params, Settings { reg, objective, .. }) = (&model.params, &model.settings);

    // Forward: the rows of the triples.
    let z = Triples::gather(rows::gather(&params[model.users], users), &params[model.items], positives, negatives);
    let (divisor, weight) = (F::of(users.len() as f64), F::of(*reg));
    let floor = match objective {
        Objective::Paper => F::zero(),
        Objective::Mmrec => F::of(FLOOR),
    };
    let ranking = bpr_of_triples(z.view(), floor);
    // Each with its gradient, which is its rows times a factor.
    let norms = z.each().map(|z| match objective {
        Objective::Paper => {
            let norm = half_squared_norm(z.view(), divisor);
            (norm.value, norm.backward(weight))
        }
        Objective::Mmrec => {
            let norm = frobenius_norm(z.view(), divisor);
            (norm.value, norm.backward(weight))
        }
    });

    // Backward: the rows, then the tables.
    let mut d = z.zeros_like();
    ranking.backward(F::one(), d.view_mut());
    for (d, (_, d_norm)) in d.each_mut().into_iter().zip(&norms) {
        *d += d_norm;
    }
    let mut d_users = Array2::zeros(params[model.users].dim());
    rows::scatter_add(&mut d_users, users, d.users.view());
    let mut d_items = Array2::zeros(params[model.items].dim());
    d.scatter_items(&mut d_items, positives, negatives);
    let mut gradients = Gradients::zero(params);
    gradients.add(model.users, d_users);
    gradients.add(model.items, d_items);

    let norms = norms.iter().fold(F::zero(), |sum, (norm, _)| sum + *norm);
    let terms = vec![
        Term::new("bpr", "ranking: positives above negatives", ranking.value, 1.0),
        Term::new("reg", "norms of the batch's embeddings", norms, *reg),
    ];
    Step { terms, gradients }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_close_scalar, assert_gradient, random};

    const BATCH: Batch =
        Batch { users: &[0, 2, 0, 3], positives: &[1, 4, 1, 0], negatives: &[2, 1, 3, 4], seed: 0, index: 0 };

    fn model(objective: Objective) -> BprMf<f64> {
        let settings = Settings { embedding_dim: 3, reg: 0.2, objective };
        BprMf::new(&settings, 4, 5, &mut random::generator(1)).expect("settings")
    }

    #[test]
    fn the_terms_are_their_formulas() {
        let model = model(Objective::Paper);
        let [users, items] = [model.users, model.items].map(|id| model.params[id].clone());
        let (mut bpr, mut reg) = (0.0, 0.0);
        for ((&u, &i), &j) in BATCH.users.iter().zip(BATCH.positives).zip(BATCH.negatives) {
            let [u, i, j] = [users.row(u as usize), items.row(i as usize), items.row(j as usize)];
            bpr += (1.0 + (-(u.dot(&i) - u.dot(&j))).exp()).ln() / 4.0;
            reg += (u.dot(&u) + i.dot(&i) + j.dot(&j)) / 2.0 / 4.0;
        }
        let terms = step(&model, &BATCH).terms;
        // Sums of a few dozen numbers in another order.
        assert_close_scalar("bpr", terms[0].value, bpr, 1e-14);
        assert_close_scalar("reg", terms[1].value, reg, 1e-14);
    }

    #[test]
    fn gradients_are_what_differences_see() {
        for model in [Objective::Paper, Objective::Mmrec].map(model) {
            let gradients = step(&model, &BATCH).gradients;
            for id in model.params.ids() {
                let parameter = model.params.parameter(id);
                let analytic = gradients.to_dense(id, &model.params);
                assert_gradient(&parameter.name, analytic.view(), parameter.value.view(), |v| {
                    let mut moved = model.clone();
                    moved.params[id] = v.to_owned();
                    step(&moved, &BATCH).total()
                });
            }
        }
    }
}
