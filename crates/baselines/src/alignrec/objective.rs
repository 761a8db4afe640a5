//! The loss of a batch, forward and backward.
//!
//! | term | formula | gradient reaches |
//! |---|---|---|
//! | `bpr` | `mean softplus(-(z_u·z_i - z_u·z_j))` | `z_u, z_i, z_j` |
//! | `ui` | `mean (1 - cos(z_u, z_i))` over the positives | both |
//! | `reg` | `½ (Σ‖z_u‖² + Σ‖z_i‖² + Σ‖z_j‖²) / B_cfg` | `z_u, z_i, z_j` |
//! | `align_users` | `InfoNCE(H_mm,u, H_id,u)` over the batch's users | both |
//! | `align_items` | `InfoNCE(H_mm,i, H_id,i)` over the batch's positives | both |
//! | `sim` | `‖H_mm H_mmᵀ - cos(F_mm)‖_F / B` over the positives, `F_mm` the raw features | `H_mm` |
//!
//! Users and items are computed once each, repeats are multiplicities: InfoNCE takes them as weights, and in SIM a row that stands `c` times
//! is one row times `√c`. `H_mm` alone is computed for all items: a batch of 2,048 users reaches nearly every one.
//!
//! The backward half of the step reads as the forward half from bottom to top.

use super::AlignRec;
use super::model::Content;
use anchorrec_encoders::Gradients;
use anchorrec_encoders::modality_encoder::Encoded;
use anchorrec_graph::spmm::add_transposed_rows;
use anchorrec_graph::{Reach, spmm_rows};
use anchorrec_kernels::Real;
use anchorrec_kernels::rows::{self, Rows};
use anchorrec_losses::gram_distance::{Target, gram_distance_to_rows};
use anchorrec_losses::{Triples, bpr_of_triples, cosine_distance, half_squared_norm, info_nce};
use anchorrec_recommender::{Batch, BatchRows, Distinct, Step, Term};
use ndarray::Array2;

/// The rows of the batch's distinct users and of its distinct items, or their gradients.
#[derive(Clone)]
struct Sides<F> {
    users: Array2<F>,
    items: Array2<F>,
}

impl<F: Real> Sides<F> {
    fn zeros_like(other: &Sides<F>) -> Self {
        Sides { users: Array2::zeros(other.users.dim()), items: Array2::zeros(other.items.dim()) }
    }

    fn plus(&self, other: &Sides<F>) -> Self {
        Sides { users: &self.users + &other.users, items: &self.items + &other.items }
    }
}

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
        let (d_id, mut d_mm) = align_terms(model, &users, &rows, &id, &content.rows, &mut terms);
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
    let z_rows = Triples::gather(rows::gather(&z.users, &users.places), &z.items, &rows.positives, &rows.negatives);
    let mut d = z_rows.zeros_like();

    let loss = bpr_of_triples(z_rows.view(), F::zero());
    terms.push(Term::new("bpr", "ranking: positives above negatives", loss.value, 1.0));
    loss.backward(F::one(), d.view_mut());
    if weights.ui > 0.0 {
        let loss = cosine_distance(z_rows.users.view(), z_rows.positives.view());
        terms.push(Term::new("ui", "users near their items, in cosine", loss.value, weights.ui));
        let (d_users, d_positives) = loss.backward(F::of(weights.ui));
        d.users += &d_users;
        d.positives += &d_positives;
    }
    if weights.reg > 0.0 {
        let divisor = F::of(model.batch_size as f64);
        let mut value = F::zero();
        for (z, d) in z_rows.each().into_iter().zip(d.each_mut()) {
            let loss = half_squared_norm(z.view(), divisor);
            value += loss.value;
            *d += &loss.backward(F::of(weights.reg));
        }
        terms.push(Term::new("reg", "squared norms of the final embeddings", value, weights.reg));
    }

    let mut d_z = Sides::zeros_like(z);
    rows::scatter_add(&mut d_z.users, &users.places, d.users.view());
    d.scatter_items(&mut d_z.items, &rows.positives, &rows.negatives);
    d_z
}

/// Content and ID of users and of positives. Returns `dH_id` and `dH_mm`.
fn align_terms<F: Real>(
    model: &AlignRec<F>,
    users: &Distinct<F>,
    rows: &BatchRows<F>,
    id: &Sides<F>,
    mm: &Sides<F>,
    terms: &mut Vec<Term>,
) -> (Sides<F>, Sides<F>) {
    let (mut d_id, mut d_mm) = (Sides::zeros_like(id), Sides::zeros_like(mm));
    let (weight, tau) = (model.settings.weights.align, F::of(model.settings.temperature));
    if weight > 0.0 {
        let loss = info_nce(mm.users.view(), id.users.view(), tau, users.multiplicity.view());
        terms.push(Term::new("align_users", "content against ID embedding, users", loss.value, weight));
        (d_mm.users, d_id.users) = loss.backward(F::of(weight));

        let positives = Rows::Some(&rows.positive_places);
        let [mm_positives, id_positives] = [mm, id].map(|side| rows::gather(&side.items, &rows.positive_places));
        let loss = info_nce(mm_positives.view(), id_positives.view(), tau, rows.multiplicity.view());
        terms.push(Term::new("align_items", "content against ID embedding, items", loss.value, weight));
        let (d_mm_positives, d_id_positives) = loss.backward(F::of(weight));
        rows::add_rows(&mut d_mm.items, positives, d_mm_positives.view());
        rows::add_rows(&mut d_id.items, positives, d_id_positives.view());
    }
    (d_id, d_mm)
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
        let raw = &content.content.raw;
        let factors = rows::unit_factors(raw, &rows.positive_items, root.view());
        let target = Target { table: raw.view(), rows: &rows.positive_items, factors };
        let loss = gram_distance_to_rows(h.view(), &target);
        terms.push(Term::new("sim", "similarities of the fused features kept", loss.value / batch, weight));
        let mut d_h = loss.backward(F::of(weight) / batch);
        rows::scale(&mut d_h, root.view());
        rows::add_rows(&mut d_mm.items, Rows::Some(&rows.positive_places), d_h.view());
    }
}
