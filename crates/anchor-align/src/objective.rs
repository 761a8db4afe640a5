//! The loss of a batch, forward and backward: the sum of the [`terms`].
//!
//! `L = BPR + w_ui UI + λ_reg REG + λ_aal (AAL_id + AAL_inputs) + λ_amp Σ_m c_m AMP_m + w_smooth SMO`, see [`Weights`].
//!
//! The backward half of the step reads as the forward half from bottom to top.

use crate::anchor_rows::AnchorRows;
use crate::batch_encodings::EncodingGradients;
use crate::terms::{self, list};
use crate::{AnchorRec, Modality, Weights};
use anchorrec_encoders::Gradients;
use anchorrec_kernels::{Real, rows};
use anchorrec_losses::Triples;
use anchorrec_recommender::{Batch, BatchRows, Step};
use ndarray::Array2;

impl<F: Real> AnchorRec<F> {
    /// Computes the objective and its gradient on one batch, with weights that need not be the settings' own: one term alone, or all
    /// but one.
    ///
    /// # Panics
    /// When the batch is empty or ragged, or holds an id that is not there.
    pub fn step_weighted(&self, batch: &Batch, weights: &Weights) -> Step<F> {
        step(self, batch, weights)
    }
}

fn step<F: Real>(model: &AnchorRec<F>, batch: &Batch, weights: &Weights) -> Step<F> {
    let rows = BatchRows::new(batch);
    let settings = &model.settings;
    let mut terms = Vec::new();
    let mut gradients = Gradients::zero(&model.params);

    // Forward: encoders, the anchor's rows, the final rows of this batch.
    let encodings = model.encode_batch(batch, &rows);
    let anchor = AnchorRows::new(model, &encodings, &rows);
    let decoded = anchor.as_ref().map(|anchor| &anchor.decoded.value);
    let (z_users, z_items) = model.final_rows(&encodings, decoded, batch, &rows);
    let z = Triples::gather(z_users, &z_items, &rows.positives, &rows.negatives);
    // What positives are aligned to: `p_mm`, or `H_mm` itself where nothing is projected.
    let p_mm = match &anchor {
        Some(anchor) => Some(rows::gather(&anchor.projected.value, &rows.positive_places)),
        None => encodings.positives(Modality::Mm, &rows),
    };
    let p_mm = p_mm.as_ref();

    let targets = model.targets(weights, &rows);

    // Terms, each with what it sends back.
    let bpr = list(&mut terms, terms::bpr(weights.bpr, &z));
    let ui = list(&mut terms, terms::ui(weights.ui, settings.ui_margin, &z));
    let reg = list(&mut terms, terms::reg(weights.reg, model.batch_size, &z));
    let align_id = terms::align_id(weights.align_id, model, &rows, &encodings, p_mm, &mut gradients);
    let align_id = list(&mut terms, align_id);
    let align_inputs =
        terms::align_inputs(weights.align_inputs, model, &rows, &encodings, p_mm, &targets, &mut gradients);
    let align_inputs = list(&mut terms, align_inputs);
    let amp = weights.amp.clone().filter_map(|modality, weight| {
        let target = targets.get(modality);
        list(&mut terms, terms::amp(weight, modality, model, &rows, &encodings, target))
    });
    let smooth = list(&mut terms, terms::smooth(weights.smooth, model, &encodings));

    // Backward: sums of what reaches the same rows, in the order of the terms.
    let mut d_z = z.zeros_like();
    if let Some(d) = bpr {
        add(&mut d_z, &d);
    }
    if let Some((d_positives, d_negatives)) = ui {
        d_z.positives += &d_positives; // sg z_u
        d_z.negatives += &d_negatives;
    }
    if let Some(d) = reg {
        add(&mut d_z, &d);
    }
    let mut d_z_items = Array2::zeros(z_items.dim());
    d_z.scatter_items(&mut d_z_items, &rows.positives, &rows.negatives);
    let (d_p_mm, d_ids) = align_id.map(|d| (d.anchor, d.ids)).unzip();
    let mut d_aligned = align_inputs.unwrap_or_default();

    // Backward: the anchor's rows, then the encoders.
    let d_anchor = match &anchor {
        Some(anchor) => {
            let d_decoded = d_z_items.mapv(|d| d * F::of(settings.decoder_weight));
            Some(anchor.backward(model, &rows, d_decoded, d_p_mm.as_ref(), &mut gradients))
        }
        None => {
            d_aligned.mm = d_p_mm;
            None
        }
    };
    let d_encodings = EncodingGradients {
        z_users: d_z.users,
        z_items: d_z_items,
        ids: d_ids,
        anchor: d_anchor,
        positives: amp.join(d_aligned, |shaped, aligned| shaped + aligned),
        all_mm: smooth,
    };
    encodings.backward(model, batch, &rows, d_encodings, &mut gradients);
    Step { terms, gradients }
}

fn add<F: Real>(sum: &mut Triples<Array2<F>>, d: &Triples<Array2<F>>) {
    for (sum, d) in sum.each_mut().into_iter().zip(d.each()) {
        *sum += d;
    }
}
