//! The model as a trainer sees it.

use super::{Smore, objective};
use anchorrec_encoders::Params;
use anchorrec_kernels::Real;
use anchorrec_recommender::{Batch, Embeddings, ItemSpace, Recommender, Step};

impl<F: Real> Recommender<F> for Smore<F> {
    fn params(&self) -> &Params<F> {
        &self.params
    }

    fn params_mut(&mut self) -> &mut Params<F> {
        &mut self.params
    }

    fn step(&self, batch: &Batch) -> Step<F> {
        objective::step(self, batch)
    }

    fn embeddings(&self) -> Embeddings<F> {
        self.all()
    }

    fn item_spaces(&self) -> Vec<ItemSpace<F>> {
        let (_, id) = self.id.all(&self.params, &self.graphs.user_item);
        let [vision, text, fusion] = self.content().propagated;
        let named = [("final", self.all().items), ("id", id), ("vision", vision), ("text", text), ("fusion", fusion)];
        named.into_iter().map(|(name, positions)| ItemSpace { name, positions }).collect()
    }
}
