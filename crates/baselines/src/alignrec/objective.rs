//! The loss of a batch, forward and backward.
//!
//! | term | formula | gradient reaches |
//! |---|---|---|
//! | `bpr` | `mean softplus(-(z_u·z_i - z_u·z_j))` | `z_u, z_i, z_j` |
//! | `ui` | `mean (1 - cos(z_u, z_i))` over the positives | both |
//! | `reg` | `½ (Σ‖z_u‖² + Σ‖z_i‖² + Σ‖z_j‖²) / B_cfg` | `z_u, z_i, z_j` |
//! | `align_users` | `InfoNCE(H_mm,u, H_id,u)` over the batch's users | both |
//! | `align_items` | `InfoNCE(H_mm,i, H_id,i)` over the batch's positives | both |
//! | `sim` | `‖H_mm H_mmᵀ - cos(sg F_mm)‖_F / B` over the positives, `F_mm` the features of [`Targets`](super::Targets) | `H_mm` |
//!
//! Users and items are computed once each, repeats are multiplicities: InfoNCE takes them as weights, and in SIM a row that occurs `c` times
//! is one row times `√c`. `H_mm` alone is computed for all items: a batch of 2,048 users reaches nearly every one.
//!
//! The backward half of the step reads as the forward half from bottom to top.

use super::AlignRec;
use super::model::Content;
use crate::sides::{self, Sides};
use anchorrec_encoders::Gradients;
use anchorrec_encoders::modality_encoder::Encoded;
use anchorrec_graph::spmm::add_transposed_rows;
use anchorrec_graph::{Reach, spmm_rows};
use anchorrec_kernels::Real;
use anchorrec_kernels::rows::{self, Rows};
use anchorrec_losses::cosine_distance;
use anchorrec_losses::gram_distance::{Target, gram_distance_to_rows};
use anchorrec_recommender::{Batch, BatchRows, Distinct, Step, Term};
use ndarray::Array2;

/// What the fused features give in a batch.
struct EncodedContent<'a, F> {
    content: &'a Content<F>,
    reach: Reach<'a, F>,
    /// `H_mm` of all items.
    encoded: Encoded<F>,
    /// `H_mm` of the batch.
    rows: Sides<F>,
}

pub(super) fn step<F: Real>(model: &AlignRec<F>, batch: &Batch) -> Step<F> {
    let rows = BatchRows::new(batch);
    let users = Distinct::new(batch.users);
    let (params, graphs) = (&model.params, &*model.graphs);
    let mut terms = Vec::new();
    let mut gradients = Gradients::zero(params);

    // Forward: encoders, then the rows of this batch.
    let (id_users, id_items) = model.id.rows(params, &graphs.user_item, &users.ids, &rows.items);
    let id = Sides { users: id_users, items: id_items };
    let content = encode_content(model, &users, &rows);
    let z = content.as_ref().map_or_else(|| id.clone(), |content| id.plus(&content.rows));

    // Losses, each with what it sends back.
    let d_z = ranking_terms(model, &users, &rows, &z, &mut terms);
    let aligned = content.as_ref().map(|content| {
        let weighted = (model.settings.weights.align, model.settings.temperature);
        let (mut d_mm, d_id) = sides::align(weighted, &content.rows, &id, &users, &rows, &mut terms);
        sim_term(model, content, &rows, &mut d_mm, &mut terms);
        (d_id, d_mm)
    });

    // Backward: `z` to both summands, then the encoders.
    let mut d_embedding = Array2::zeros(params[model.id.items].dim());
    let d_id = match (content, aligned) {
        (Some(EncodedContent { content, reach, encoded, .. }), Some((d_id, d_mm))) => {
            let d_mm = d_z.plus(&d_mm);
            let mut d = Array2::zeros(encoded.value.dim());
            rows::add_rows(&mut d, Rows::Some(&rows.items), d_mm.items.view());
            add_transposed_rows(&mut d, &graphs.user_item.users_to_items, &users.ids, d_mm.users.view());
            content.encoder.backward(params, &mut gradients, &reach, encoded, d, &mut d_embedding);
            d_z.plus(&d_id)
        }
        _ => d_z,
    };
    let (d_e_users, d_e_items) =
        model.id.rows_backward(&graphs.user_item, (&users.ids, &d_id.users), (&rows.items, &d_id.items));
    d_embedding += &d_e_items;
    gradients.add(model.id.users, d_e_users);
    gradients.add(model.id.items, d_embedding);
    Step { terms, gradients }
}

fn encode_content<'a, F: Real>(
    model: &'a AlignRec<F>,
    users: &Distinct<F>,
    rows: &BatchRows<F>,
) -> Option<EncodedContent<'a, F>> {
    let (content, graph) = model.content.as_ref().zip(model.graphs.mm.as_ref())?;
    let reach = graph.whole(content.encoder.layers);
    let encoded = content.encoder.forward(&model.params, &reach);
    let rows = Sides {
        users: spmm_rows(&model.graphs.user_item.users_to_items, &users.ids, &encoded.value),
        items: rows::gather(&encoded.value, &rows.items),
    };
    Some(EncodedContent { content, reach, encoded, rows })
}

/// BPR, UI and REG: from the final rows to `dz`.
fn ranking_terms<F: Real>(
    model: &AlignRec<F>,
    users: &Distinct<F>,
    rows: &BatchRows<F>,
    z: &Sides<F>,
    terms: &mut Vec<Term>,
) -> Sides<F> {
    let weights = &model.settings.weights;
    let z_rows = z.triples(users, rows);
    let mut d = z_rows.zeros_like();
    sides::rank(&z_rows, &mut d, terms);
    if weights.ui > 0.0 {
        let loss = cosine_distance(z_rows.users.view(), z_rows.positives.view());
        terms.push(Term::new("ui", "users near their items, in cosine", loss.value, weights.ui));
        let (d_users, d_positives) = loss.backward(F::of(weights.ui));
        d.users += &d_users;
        d.positives += &d_positives;
    }
    sides::regularise(weights.reg, model.batch_size, &z_rows, &mut d, terms);
    Sides::of_triples(z, &d, users, rows)
}

/// SIM: adds to `dH_mm` of the positives.
fn sim_term<F: Real>(
    model: &AlignRec<F>,
    content: &EncodedContent<F>,
    rows: &BatchRows<F>,
    d_mm: &mut Sides<F>,
    terms: &mut Vec<Term>,
) {
    let weight = model.settings.weights.sim;
    if weight > 0.0 {
        let batch = F::of(rows.positives.len() as f64);
        let root = rows.multiplicity.mapv(|c| c.sqrt());
        let mut h = rows::gather(&content.rows.items, &rows.positive_places);
        rows::scale(&mut h, root.view());
        let positives = model.target_table(content.content).pick(&rows.positive_items);
        let factors = rows::unit_factors(&positives.table, &positives.rows, root.view());
        let target = Target { table: positives.table.view(), rows: &positives.rows, factors };
        let loss = gram_distance_to_rows(h.view(), &target);
        terms.push(Term::new("sim", "similarities of the fused features kept", loss.value / batch, weight));
        let mut d_h = loss.backward(F::of(weight) / batch); // sg F_mm
        rows::scale(&mut d_h, root.view());
        rows::add_rows(&mut d_mm.items, Rows::Some(&rows.positive_places), d_h.view());
    }
}
