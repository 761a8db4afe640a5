//! The model as a trainer sees it.

use super::{DaMrs, objective};
use anchorrec_encoders::Params;
use anchorrec_kernels::Real;
use anchorrec_recommender::{Batch, Embeddings, ItemSpace, Recommender, Step};

impl<F: Real> Recommender<F> for DaMrs<F> {
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
        self.final_embeddings()
    }

    fn item_spaces(&self) -> Vec<ItemSpace<F>> {
        let names: &[&str] = match self.graphs.items.len() {
            3 => &["vision", "text", "behaviour"],
            2 => &["content", "behaviour"],
            _ => &["behaviour"],
        };
        let (_, id) = self.collaborative();
        let last = self.final_embeddings().items;
        let mut spaces = vec![ItemSpace { name: "final", positions: last }, ItemSpace { name: "id", positions: id }];
        spaces.extend(names.iter().zip(self.by_graph()).map(|(&name, positions)| ItemSpace { name, positions }));
        spaces
    }
}
