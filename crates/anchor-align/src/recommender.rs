//! AnchorRec as a trainer sees it.

use crate::{AnchorRec, Weights};
use anchorrec_encoders::{Batch, Embeddings, Params, Recommender, Step};
use anchorrec_kernels::Real;

impl<F: Real> Recommender<F> for AnchorRec<F> {
    fn params(&self) -> &Params<F> {
        &self.params
    }

    fn params_mut(&mut self) -> &mut Params<F> {
        &mut self.params
    }

    fn step(&self, batch: &Batch) -> Step<F> {
        self.step_weighted(batch, &Weights::new(&self.settings))
    }

    fn embeddings(&self) -> Embeddings<F> {
        self.final_embeddings()
    }
}
