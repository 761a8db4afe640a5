//! The loss of a batch, forward and backward.
//!
//! | term | formula | gradient reaches |
//! |---|---|---|
//! | `bpr` | `-mean ln(1e-10 + σ(z_u·z_i - z_u·z_j))` | `z_u, z_i, z_j` |
//! | `reg` | `(‖Z_u‖_F + ‖Z_i‖_F + ‖Z_j‖_F) / B` over the final rows of the batch, repeats kept, un-squared | `z_u, z_i, z_j` |
//!
//! Every item of the batch is computed once, whether it is there as a positive, a negative or several times.
//!
//! The backward half of the step reads as the forward half from bottom to top.

use super::Vbpr;
use anchorrec_encoders::Gradients;
use anchorrec_kernels::Real;
use anchorrec_kernels::rows::{self, Rows};
use anchorrec_losses::{Triples, bpr_of_triples, frobenius_norm};
use anchorrec_recommender::{Batch, Distinct, Step, Term};
use ndarray::{Array2, Axis};

/// `γ` of `-ln(γ + σ(x))`: MMRec's guard against `ln 0`.
const FLOOR: f64 = 1e-10;

pub(super) fn step<F: Real>(model: &Vbpr<F>, batch: &Batch) -> Step<F> {
    batch.check();
    let Batch { users, positives, negatives, .. } = *batch;
    let (params, reg) = (&model.params, model.settings.reg);

    // Forward: each distinct item of the batch once, then the rows of the triples.
    let items = Distinct::<F>::new(&[positives, negatives].concat());
    let (positives, negatives) = items.places.split_at(positives.len());
    let z_items = model.item_rows(Rows::Some(&items.ids));
    let z = Triples::gather(rows::gather(&params[model.users], users), &z_items, positives, negatives);
    let ranking = bpr_of_triples(z.view(), F::of(FLOOR));

    // Backward of BPR, then L2 on the same rows.
    let mut d_z = z.zeros_like();
    ranking.backward(F::one(), d_z.view_mut());
    let divisor = F::of(users.len() as f64);
    let mut norms = F::zero();
    for (z, d_z) in z.each().into_iter().zip(d_z.each_mut()) {
        let loss = frobenius_norm(z.view(), divisor);
        norms += loss.value;
        *d_z += &loss.backward(F::of(reg));
    }

    // Backward of the rows: `[E_i | X Wᵀ + b]` falls apart again. sg: the features are not trained.
    let mut d_z_items = Array2::zeros(z_items.dim());
    d_z.scatter_items(&mut d_z_items, positives, negatives);
    let (d_id, d_content) = d_z_items.view().split_at(Axis(1), model.settings.embedding_dim);
    let mut d_e_users = Array2::zeros(params[model.users].dim());
    rows::scatter_add(&mut d_e_users, users, d_z.users.view());
    let mut d_e_items = Array2::zeros(params[model.items].dim());
    rows::add_rows(&mut d_e_items, Rows::Some(&items.ids), d_id);
    let mut gradients = Gradients::zero(params);
    gradients.add(model.users, d_e_users);
    gradients.add(model.items, d_e_items);
    let d_content = d_content.as_standard_layout();
    model.content.backward_weights(&mut gradients, model.features.view(), Rows::Some(&items.ids), d_content.view());
    let terms = vec![
        Term::new("bpr", "ranking: positives above negatives", ranking.value, 1.0),
        Term::new("reg", "norms of the batch's final embeddings", norms, reg),
    ];
    Step { terms, gradients }
}
