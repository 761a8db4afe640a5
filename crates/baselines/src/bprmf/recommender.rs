//! BPR-MF as a trainer sees it.

use super::{BprMf, objective};
use anchorrec_encoders::Params;
use anchorrec_kernels::Real;
use anchorrec_recommender::{Batch, Embeddings, Recommender, Step};

impl<F: Real> Recommender<F> for BprMf<F> {
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
        Embeddings { users: self.params[self.users].clone(), items: self.params[self.items].clone() }
    }
}
