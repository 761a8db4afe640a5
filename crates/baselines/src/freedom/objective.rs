//! The loss of a batch, forward and backward.
//!
//! | term | formula | gradient reaches |
//! |---|---|---|
//! | `bpr` | `mean softplus(-(z_u·z_i - z_u·z_j))` | `z_u, z_i, z_j` |
//! | `bpr_text` | the same with `t = Lin_text(X_text)` instead of `z` for items | `z_u`, `X_text` and its layer |
//! | `bpr_vision` | the same with `Lin_vision(X_vision)` | `z_u`, `X_vision` and its layer |
//!
//! The bias of a layer is the same for both items of a pair and cancels: its gradient is zero, up to rounding.
//!
//! Every item of the batch is computed once, whether it is there as a positive, a negative or several times; of the feature tables, and of
//! `E_i` before the item graph, only the rows that those depend on are read.
//!
//! The backward half of the step reads as the forward half from bottom to top.

use super::Freedom;
use anchorrec_encoders::Gradients;
use anchorrec_kernels::Real;
use anchorrec_kernels::rows::{self, Rows};
use anchorrec_losses::{Triples, bpr_of_triples};
use anchorrec_recommender::{Batch, BatchRows, Step, Term};
use ndarray::Array2;

pub(super) fn step<F: Real>(model: &Freedom<F>, batch: &Batch) -> Step<F> {
    let rows = BatchRows::<F>::new(batch);
    let (params, settings) = (&model.params, &model.settings);
    let mut gradients = Gradients::zero(params);

    // Forward: the rows of the batch, items once each.
    let (z_users, mut z_items) = model.id.rows(params, &model.training, batch.users, &rows.items);
    let reach = model.graphs.items.as_ref().map(|graph| graph.reach(&rows.items, settings.item_layers));
    if let Some(reach) = &reach {
        let embedding = reach.sources().of(params[model.id.items].view()).into_owned();
        z_items += &reach.propagate(embedding);
    }

    // Losses, each with what it sends back; a projection's goes straight to its weights.
    let mut d_users = Array2::zeros(z_users.dim());
    let (value, d_items) = rank(&rows, &z_users, &z_items, F::one(), &mut d_users);
    let mut terms = vec![Term::new("bpr", "ranking: positives above negatives", value, 1.0)];
    for (name, about, projection) in [
        ("bpr_text", "ranking by projected text features", model.text),
        ("bpr_vision", "ranking by projected image features", model.vision),
    ] {
        let Some(projection) = projection.filter(|_| settings.reg > 0.0) else { continue };
        let listed = Rows::Some(&rows.items);
        let projected = projection.forward(params, listed);
        let (value, d) = rank(&rows, &z_users, &projected, F::of(settings.reg), &mut d_users);
        terms.push(Term::new(name, about, value, settings.reg));
        projection.backward(params, &mut gradients, listed, d);
    }

    // Backward: the item graph, then the interaction graph.
    let (d_e_users, mut d_e_items) =
        model.id.rows_backward(&model.training, (batch.users, &d_users), (&rows.items, &d_items));
    if let Some(reach) = &reach {
        rows::add_rows(&mut d_e_items, reach.sources(), reach.propagate_backward(d_items).view());
    }
    gradients.add(model.id.users, d_e_users);
    gradients.add(model.id.items, d_e_items);
    Step { terms, gradients }
}

/// BPR of the batch's users with rows `x` of its items, and `dx`, times `weight`; adds `dz_u`.
fn rank<F: Real>(
    rows: &BatchRows<F>,
    z_users: &Array2<F>,
    x: &Array2<F>,
    weight: F,
    d_users: &mut Array2<F>,
) -> (F, Array2<F>) {
    let (pos, neg) = (rows::gather(x, &rows.positives), rows::gather(x, &rows.negatives));
    let z = Triples { users: z_users.view(), positives: pos.view(), negatives: neg.view() };
    let loss = bpr_of_triples(z, F::zero());
    let (mut d_pos, mut d_neg) = (Array2::zeros(pos.dim()), Array2::zeros(neg.dim()));
    loss.backward(
        weight,
        Triples { users: d_users.view_mut(), positives: d_pos.view_mut(), negatives: d_neg.view_mut() },
    );
    let mut d_x = Array2::zeros(x.dim());
    rows::scatter_add(&mut d_x, &rows.positives, d_pos.view());
    rows::scatter_add(&mut d_x, &rows.negatives, d_neg.view());
    (loss.value, d_x)
}
