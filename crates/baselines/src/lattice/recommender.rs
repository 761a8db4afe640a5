//! The model as a trainer sees it.

use super::{Lattice, objective};
use anchorrec_encoders::Params;
use anchorrec_kernels::Real;
use anchorrec_recommender::{Batch, Embeddings, ItemSpace, Recommender, Step};

impl<F: Real> Recommender<F> for Lattice<F> {
    fn params(&self) -> &Params<F> {
        &self.params
    }

    fn params_mut(&mut self) -> &mut Params<F> {
        &mut self.params
    }

    fn begin_epoch(&mut self, _: u64) {
        self.begin();
    }

    fn resume_epoch(&mut self, _: u64) {
        self.resume();
    }

    fn step(&self, batch: &Batch) -> Step<F> {
        objective::step(self, batch)
    }

    fn embeddings(&self) -> Embeddings<F> {
        self.embeddings_over(self.learn().as_deref())
    }

    fn item_spaces(&self) -> Vec<ItemSpace<F>> {
        let (_, id) = self.collaborative();
        let content = self.learn().map(|learned| self.content(&learned));
        let last = content.as_ref().map_or_else(|| id.clone(), |content| &id + content);
        let mut spaces = vec![ItemSpace { name: "final", positions: last }, ItemSpace { name: "id", positions: id }];
        spaces.extend(content.map(|positions| ItemSpace { name: "content", positions }));
        spaces
    }
}
