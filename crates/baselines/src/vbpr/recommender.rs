//! VBPR as a trainer sees it.

use super::{Vbpr, objective};
use anchorrec_encoders::Params;
use anchorrec_kernels::{Real, rows::Rows};
use anchorrec_recommender::{Batch, Embeddings, ItemSpace, Recommender, Step};

impl<F: Real> Recommender<F> for Vbpr<F> {
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
        Embeddings { users: self.params[self.users].clone(), items: self.item_rows(Rows::All) }
    }

    fn item_spaces(&self) -> Vec<ItemSpace<F>> {
        vec![
            ItemSpace { name: "final", positions: self.item_rows(Rows::All) },
            ItemSpace { name: "id", positions: self.params[self.items].clone() },
            ItemSpace { name: "content", positions: self.content_rows(Rows::All) },
        ]
    }
}
