//! What the encoders compute for one batch: the rows that its losses look at.
//!
//! | encoding | who looks at it | rows |
//! |---|---|---|
//! | `H_id` | the final rows, `P_id` | the batch's users and items |
//! | `H_mm` | SMO: every edge | all items |
//! | `H_text` | the content `H_c` of every item that a user of the batch has | all items |
//! | `H_vision` | AMP alone: vision is not part of the score | the batch's distinct positives |
//!
//! The text of 96 % of the items of Amazon Sports is within reach of a batch of 2,048: naming the rest would not pay.
//!
//! The final rows are `z_u = H_id,u + R̂ H_c` and `z_i = H_id,i + H_c + ρ Dec(p_mm)` with `H_c = H_mm + H_text`.

use crate::content::{content, sum};
use crate::{AnchorRec, Modalities, Modality};
use anchorrec_encoders::Gradients;
use anchorrec_encoders::modality_encoder::Encoded;
use anchorrec_graph::spmm::add_transposed_rows;
use anchorrec_graph::{Reach, spmm_rows};
use anchorrec_kernels::Real;
use anchorrec_kernels::rows::{self, Rows};
use anchorrec_recommender::{Batch, BatchRows};
use ndarray::Array2;

/// The encodings of a batch.
#[derive(Debug)]
pub(crate) struct BatchEncodings<'a, F> {
    /// `H_id` of the batch's users, `[B, D]`.
    pub id_users: Array2<F>,
    /// `H_id` of `rows.items`.
    pub id_items: Array2<F>,
    /// Which rows of `H_m` were computed, and from which rows of `X_m`.
    pub reach: Modalities<Reach<'a, F>>,
    /// The encodings of the batch's items by modality: rows of `H_m`.
    pub modalities: Modalities<Encoded<F>>,
    /// `H_c = H_mm + H_text` of all items; absent when both are.
    pub content: Option<Array2<F>>,
}

impl Modality {
    /// Returns whether the modality is part of the score.
    pub fn is_scored(self) -> bool {
        self != Modality::Vision
    }
}

impl<F: Real> AnchorRec<F> {
    pub(crate) fn encode_batch(&self, batch: &Batch, rows: &BatchRows<F>) -> BatchEncodings<'_, F> {
        let (id_users, id_items) = self.id.rows(&self.params, &self.graphs.user_item, batch.users, &rows.items);
        let reach = self.graphs.items.as_ref().map(|modality, graph| {
            let layers = self.settings.item_layers;
            if modality.is_scored() { graph.whole(layers) } else { graph.reach(&rows.positive_items, layers) }
        });
        let modalities = self.modalities.as_ref().map(|modality, encoder| {
            encoder.forward(&self.params, reach.get(modality).expect("a graph for every modality"))
        });
        let content = content(&modalities);
        BatchEncodings { id_users, id_items, reach, modalities, content }
    }

    /// `z` of the batch's users `[B, D]` and of `rows.items`; `decoded` is `Dec(p_mm)` of these items.
    pub(crate) fn final_rows(
        &self,
        encodings: &BatchEncodings<F>,
        decoded: Option<&Array2<F>>,
        batch: &Batch,
        rows: &BatchRows<F>,
    ) -> (Array2<F>, Array2<F>) {
        let (mut z_users, mut z_items) = (encodings.id_users.clone(), encodings.id_items.clone());
        if let Some(content) = &encodings.content {
            z_users += &spmm_rows(&self.graphs.user_item.users_to_items, batch.users, content);
            z_items += &rows::gather(content, &rows.items);
        }
        if let Some(decoded) = decoded {
            z_items.scaled_add(F::of(self.settings.decoder_weight), decoded);
        }
        (z_users, z_items)
    }
}

/// What the terms send back to the encodings of a batch; what is absent got nothing.
pub(crate) struct EncodingGradients<F> {
    /// `dz` of the batch's users, `[B, D]`.
    pub z_users: Array2<F>,
    /// `dz` of `rows.items`.
    pub z_items: Array2<F>,
    /// `dH_id` of the distinct positives, `[n, D]`.
    pub ids: Option<Array2<F>>,
    /// `dH_mm` of `rows.items`, through the anchor's heads.
    pub anchor: Option<Array2<F>>,
    /// `dH_m` of the distinct positives, `[n, D]`.
    pub positives: Modalities<Array2<F>>,
    /// `dH_mm` of all items, `[I, D]`.
    pub all_mm: Option<Array2<F>>,
}

impl<F: Real> BatchEncodings<'_, F> {
    /// `H_m` of the distinct positives, `[n, D]`.
    pub fn positives(&self, modality: Modality, rows: &BatchRows<F>) -> Option<Array2<F>> {
        let encoded = self.modalities.get(modality)?;
        let all = modality.is_scored();
        Some(if all { rows::gather(&encoded.value, &rows.positive_items) } else { encoded.value.clone() })
    }

    /// Takes the final rows and the encoders backward: adds the gradients of all their weights.
    pub fn backward(
        self,
        model: &AnchorRec<F>,
        batch: &Batch,
        rows: &BatchRows<F>,
        d: EncodingGradients<F>,
        gradients: &mut Gradients<F>,
    ) {
        let (params, graph) = (&model.params, &model.graphs.user_item);
        let d_content = self.content.as_ref().map(|content| {
            let mut d_content = Array2::zeros(content.dim());
            rows::scatter_add(&mut d_content, &rows.items, d.z_items.view());
            add_transposed_rows(&mut d_content, &graph.users_to_items, batch.users, d.z_users.view());
            d_content
        });
        let mut d_embedding = Array2::zeros(params[model.id.items].dim());
        let (mut d_positives, mut encoded) = (d.positives, self.modalities);
        for modality in Modality::ALL {
            let (Some(encoder), Some(reach), Some(encoded)) =
                (model.modalities.get(modality), self.reach.get(modality), encoded.take(modality))
            else {
                continue;
            };
            let mut d_h = match (modality, &d_content, &d.all_mm) {
                (Modality::Mm, Some(content), Some(all)) => sum(content, all),
                (Modality::Mm | Modality::Text, Some(content), _) => content.clone(),
                _ => Array2::zeros(encoded.value.dim()),
            };
            match d_positives.take(modality) {
                Some(some) if modality.is_scored() => {
                    rows::add_rows(&mut d_h, Rows::Some(&rows.positive_items), some.view());
                }
                Some(all) => d_h = all,
                None => {}
            }
            if let (Modality::Mm, Some(d_anchor)) = (modality, &d.anchor) {
                rows::add_rows(&mut d_h, Rows::Some(&rows.items), d_anchor.view());
            }
            encoder.backward(params, gradients, reach, encoded, d_h, &mut d_embedding);
        }
        let mut d_id_items = d.z_items;
        if let Some(d_ids) = &d.ids {
            rows::add_rows(&mut d_id_items, Rows::Some(&rows.positive_places), d_ids.view());
        }
        let (d_e_users, d_e_items) =
            model.id.rows_backward(graph, (batch.users, &d.z_users), (&rows.items, &d_id_items));
        d_embedding += &d_e_items;
        gradients.add(model.id.users, d_e_users);
        gradients.add(model.id.items, d_embedding);
    }
}
