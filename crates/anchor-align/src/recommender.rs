//! AnchorRec as a trainer sees it.

use crate::{AnchorRec, Weights};
use anchorrec_encoders::{Mlp, Params};
use anchorrec_kernels::Real;
use anchorrec_kernels::rows::Rows;
use anchorrec_recommender::{Batch, Embeddings, ItemSpace, Ranks, Recommender, Step, UserSums};
use ndarray::Array2;

impl<F: Real> Recommender<F> for AnchorRec<F> {
    fn params(&self) -> &Params<F> {
        &self.params
    }

    fn params_mut(&mut self) -> &mut Params<F> {
        &mut self.params
    }

    fn deal_out(&mut self, ranks: &Ranks) {
        self.params.deal_out(ranks);
        if let Some(raw) = &mut self.raw {
            raw.change(|table| table.deal_out(ranks));
        }
    }

    fn step(&self, batch: &Batch) -> Step<F> {
        self.step_weighted(batch, &Weights::new(&self.settings))
    }

    fn embeddings(&self) -> Embeddings<F> {
        self.final_embeddings()
    }

    fn user_sums(&self) -> Option<UserSums<F>> {
        Some(self.final_sums())
    }

    /// `final`, `id`, `mm`, `text`, `vision`; of the projection space the two that the alignment brings together, `p_id` and `p_mm`.
    fn item_spaces(&self) -> Vec<ItemSpace<F>> {
        let encodings = self.encode();
        let projected = self.heads.anchor.zip(encodings.modalities.mm.as_ref()).map(|(heads, mm)| {
            let project = |head: Mlp, h: &Array2<F>| head.forward(&self.params, h.view(), Rows::All).value;
            [("p_id", project(heads.id, &encodings.id_items)), ("p_mm", project(heads.mm, &mm.value))]
        });
        let encoded = encodings.modalities.map(|modality, encoded| (modality.name(), encoded.value));
        let mut spaces = vec![("final", self.final_embeddings().items), ("id", encodings.id_items)];
        spaces.extend([encoded.mm, encoded.text, encoded.vision].into_iter().flatten());
        spaces.extend(projected.into_iter().flatten());
        spaces.into_iter().map(|(name, positions)| ItemSpace { name, positions }).collect()
    }
}
