//! The model as a trainer sees it.

use super::{AlignRec, objective};
use anchorrec_encoders::Params;
use anchorrec_graph::spmm;
use anchorrec_kernels::Real;
use anchorrec_recommender::{Batch, Embeddings, ItemSpace, Recommender, Step};

impl<F: Real> Recommender<F> for AlignRec<F> {
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
        let (mut users, mut items) = self.id.all(&self.params, &self.graphs.user_item);
        if let Some(mm) = self.mm() {
            users += &spmm(&self.graphs.user_item.users_to_items, &mm);
            items += &mm;
        }
        Embeddings { users, items }
    }

    fn item_spaces(&self) -> Vec<ItemSpace<F>> {
        let (_, id) = self.id.all(&self.params, &self.graphs.user_item);
        let mm = self.mm();
        let last = mm.as_ref().map_or_else(|| id.clone(), |mm| &id + mm);
        let mut spaces = vec![ItemSpace { name: "final", positions: last }, ItemSpace { name: "id", positions: id }];
        spaces.extend(mm.map(|positions| ItemSpace { name: "mm", positions }));
        spaces
    }
}
