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

use crate::{AnchorRec, Modalities, Modality};
use anchorrec_encoders::modality_encoder::Encoded;
use anchorrec_graph::{Reach, spmm_rows};
use anchorrec_kernels::{Real, rows};
use anchorrec_recommender::{Batch, BatchRows};
use ndarray::{Array2, Zip};

/// The encodings of a batch.
#[derive(Debug)]
pub(crate) struct BatchEncodings<'a, F> {
    /// `H_id` of the batch's users, `[B, D]`.
    pub id_users: Array2<F>,
    /// `H_id` of `rows.items`.
    pub id_items: Array2<F>,
    /// Which rows of `H_m` were computed, and from which rows of `X_m`.
    pub reach: Modalities<Reach<'a, F>>,
    /// Those rows of `H_m`.
    pub modalities: Modalities<Encoded<F>>,
    /// `H_c = H_mm + H_text` of all items; absent when both are.
    pub content: Option<Array2<F>>,
}

impl Modality {
    /// Whether the modality is part of the score.
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

    /// `z` of the batch's users, `[B, D]`.
    pub(crate) fn final_user_rows(&self, encodings: &BatchEncodings<F>, users: &[u32]) -> Array2<F> {
        let mut z = encodings.id_users.clone();
        if let Some(content) = &encodings.content {
            z += &spmm_rows(&self.graphs.user_item.users_to_items, users, content);
        }
        z
    }

    /// `z` of the batch's `items` without the decoded anchor, `[items.len(), D]`.
    pub(crate) fn undecoded_item_rows(&self, encodings: &BatchEncodings<F>, items: &[u32]) -> Array2<F> {
        let mut z = encodings.id_items.clone();
        if let Some(content) = &encodings.content {
            z += &rows::gather(content, items);
        }
        z
    }
}

impl<F: Real> BatchEncodings<'_, F> {
    /// `H_m` of the distinct positives, `[n, D]`.
    pub fn positives(&self, modality: Modality, rows: &BatchRows<F>) -> Option<Array2<F>> {
        let encoded = self.modalities.get(modality)?;
        let all = modality.is_scored();
        Some(if all { rows::gather(&encoded.value, &rows.positive_items) } else { encoded.value.clone() })
    }
}

/// `H_mm + H_text`, or the one that is there.
pub(crate) fn content<F: Real>(modalities: &Modalities<Encoded<F>>) -> Option<Array2<F>> {
    match (&modalities.mm, &modalities.text) {
        (Some(mm), Some(text)) => Some(Zip::from(&mm.value).and(&text.value).par_map_collect(|&a, &b| a + b)),
        (one, other) => one.as_ref().or(other.as_ref()).map(|only| only.value.clone()),
    }
}
