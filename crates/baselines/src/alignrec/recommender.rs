//! The model as a trainer sees it.

use super::{AlignRec, Encodings, objective};
use anchorrec_encoders::Params;
use anchorrec_kernels::Real;
use anchorrec_recommender::{Batch, Embeddings, ItemSpace, Ranks, Recommender, Step};

impl<F: Real> Recommender<F> for AlignRec<F> {
    fn params(&self) -> &Params<F> {
        &self.params
    }

    fn params_mut(&mut self) -> &mut Params<F> {
        &mut self.params
    }

    fn deal_out(&mut self, ranks: &Ranks) {
        self.params.deal_out(ranks);
        if let Some(raw) = self.content.as_mut().and_then(|content| content.raw.as_mut()) {
            raw.deal_out(ranks);
        }
    }

    fn step(&self, batch: &Batch) -> Step<F> {
        objective::step(self, batch)
    }

    fn embeddings(&self) -> Embeddings<F> {
        self.encode().sum()
    }

    fn item_spaces(&self) -> Vec<ItemSpace<F>> {
        let Encodings { id, mm } = self.encode();
        let (id, mm) = (id.items, mm.map(|mm| mm.items));
        let last = mm.as_ref().map_or_else(|| id.clone(), |mm| &id + mm);
        let mut spaces = vec![ItemSpace { name: "final", positions: last }, ItemSpace { name: "id", positions: id }];
        spaces.extend(mm.map(|positions| ItemSpace { name: "mm", positions }));
        spaces
    }
}
