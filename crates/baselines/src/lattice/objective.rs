//! The loss of a batch, forward and backward.
//!
//! | term | formula | gradient reaches |
//! |---|---|---|
//! | `bpr` | `mean softplus(-(z_u·z_i - z_u·z_j))` | `z_u, z_i, z_j` |
//! | `reg` | `½ (Σ‖z_u‖² + Σ‖z_i‖² + Σ‖z_j‖²) / B_cfg`, repeats kept | `z_u, z_i, z_j` |
//!
//! `z_i = C_i + h_i/‖h_i‖` with `h = G^n E_i`. On the first batch of an epoch the gradient of `h` also goes through `G`
//! ([`learned`](super::learned)); on the others `G` is detached.
//!
//! Every item of the batch is computed once; of `E_i` before the item graph, only the rows that those depend on are read.
//!
//! The backward half of the step reads as the forward half from bottom to top.

use super::model::SHORTEST;
use super::{Lattice, LearnedGraph};
use anchorrec_encoders::{Gradients, Rows};
use anchorrec_kernels::Real;
use anchorrec_kernels::rows;
use anchorrec_losses::{Triples, UnitRows, bpr_of_triples, half_squared_norm};
use anchorrec_recommender::{Batch, BatchRows, Step, Term};
use ndarray::Array2;
use std::sync::Arc;

pub(super) fn step<F: Real>(model: &Lattice<F>, batch: &Batch) -> Step<F> {
    let rows = BatchRows::<F>::new(batch);
    let (params, settings, user_item) = (&model.params, &model.settings, &model.graphs.user_item);
    let (e_users, e_items) = (&params[model.users], &params[model.items]);
    let mut gradients = Gradients::zero(params);

    // Forward: the rows of the batch, items once each.
    let learned = graph_of(model, batch.index);
    let (z_users, mut z_items) =
        user_item.layer_mean_rows(e_users, e_items, settings.id_layers, batch.users, &rows.items);
    let content = learned.as_ref().map(|learned| {
        let reach = learned.graph().reach(&rows.items, settings.item_layers);
        let h = reach.propagate(reach.sources().of(e_items.view()).into_owned());
        (learned, reach, UnitRows::floored(h.view(), F::of(SHORTEST)))
    });
    if let Some((.., unit)) = &content {
        z_items += &unit.rows;
    }
    let z = Triples::gather(z_users, &z_items, &rows.positives, &rows.negatives);

    // Losses, each with what it sends back.
    let ranking = bpr_of_triples(z.view(), F::zero());
    let mut d_z = z.zeros_like();
    ranking.backward(F::one(), d_z.view_mut());
    let mut terms = vec![Term::new("bpr", "ranking: positives above negatives", ranking.value, 1.0)];
    if settings.reg > 0.0 {
        let mut decay = F::zero();
        for (z, d_z) in z.each().into_iter().zip(d_z.each_mut()) {
            let loss = half_squared_norm(z.view(), F::of(model.batch_size as f64));
            decay += loss.value;
            *d_z += &loss.backward(F::of(settings.reg));
        }
        terms.push(Term::new("reg", "weight decay on the batch's final embeddings", decay, settings.reg));
    }

    // Backward: the items' rows, the item graph, on the first batch what it was made of, and the interaction graph.
    let mut d_z_items = Array2::zeros(z_items.dim());
    d_z.scatter_items(&mut d_z_items, &rows.positives, &rows.negatives);
    let (d_e_users, mut d_e_items) =
        user_item.layer_mean_rows_backward((batch.users, &d_z.users), (&rows.items, &d_z_items), settings.id_layers);
    if let Some((learned, reach, unit)) = content {
        let d_h = unit.backward(d_z_items);
        if batch.index == 0 {
            let mut all = Array2::zeros(e_items.dim());
            rows::add_rows(&mut all, Rows::Some(&rows.items), d_h.view());
            add_learned(model, learned, all, &mut gradients);
        }
        // sg: on all other batches nothing reaches what the graph was made of.
        rows::add_rows(&mut d_e_items, reach.sources(), reach.propagate_backward(d_h).view());
    }
    gradients.add(model.users, d_e_users);
    gradients.add(model.items, d_e_items);
    Step { terms, gradients }
}

/// The first batch of an epoch makes the graph of the weights as they are, the others take what the epoch keeps.
fn graph_of<F: Real>(model: &Lattice<F>, index: usize) -> Option<Arc<LearnedGraph<F>>> {
    if index == 0 {
        return model.learn();
    }
    let kept = model.kept_graph();
    assert!(kept.is_some() || model.modalities.is_empty(), "batch {index} of an epoch that was not begun");
    kept
}

/// Adds the gradients of features, layers and modality weights for that of `h`, `[I, D]`.
fn add_learned<F: Real>(model: &Lattice<F>, learned: &LearnedGraph<F>, d_h: Array2<F>, gradients: &mut Gradients<F>) {
    let params = &model.params;
    let sent = learned.backward(model.settings.item_layers, &params[model.items], d_h);
    for (modality, d_x) in model.modalities.iter().zip(sent.projected) {
        modality.layer.backward(params, gradients, Rows::All, d_x);
    }
    if let Some(weights) = model.weights {
        let (shares, d_shares) = (learned.shares(), &sent.shares);
        let mean: f64 = shares.iter().zip(d_shares).map(|(w, d)| w * d).sum();
        let d_weights = shares.iter().zip(d_shares).map(|(w, d)| F::of(w * (d - mean)));
        gradients.add(weights, Array2::from_shape_vec((1, 2), d_weights.collect()).expect("two modalities"));
    }
}
