//! LightGCN as a trainer sees it.

use super::{LightGcn, objective};
use anchorrec_encoders::Params;
use anchorrec_kernels::Real;
use anchorrec_recommender::{Batch, Embeddings, Recommender, Step, UserSums};

impl<F: Real> Recommender<F> for LightGcn<F> {
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
        let (users, items) = self.id.all(&self.params, &self.graph);
        Embeddings { users, items }
    }

    fn user_sums(&self) -> Option<UserSums<F>> {
        let (own, items) = self.id.user_sums(&self.params, &self.graph);
        Some(UserSums { own, weights: self.graph.users_to_items.clone(), items })
    }
}
