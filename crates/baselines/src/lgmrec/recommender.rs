//! The model as a trainer sees it.

use super::{Draws, LgmRec};
use anchorrec_encoders::Params;
use anchorrec_kernels::Real;
use anchorrec_recommender::{Batch, Embeddings, ItemSpace, Recommender, Step};

impl<F: Real> Recommender<F> for LgmRec<F> {
    fn params(&self) -> &Params<F> {
        &self.params
    }

    fn params_mut(&mut self) -> &mut Params<F> {
        &mut self.params
    }

    fn step(&self, batch: &Batch) -> Step<F> {
        let draws = Draws::of_step(&self.settings, self.modalities.len(), self.nodes(), batch.seed);
        self.step_with(batch, &draws)
    }

    fn embeddings(&self) -> Embeddings<F> {
        self.embeddings_with(&Draws::of_evaluation(&self.settings, self.modalities.len(), self.nodes()))
    }

    fn item_spaces(&self) -> Vec<ItemSpace<F>> {
        let encodings = self.encode(&Draws::of_evaluation(&self.settings, self.modalities.len(), self.nodes()));
        let mut spaces = vec![
            ItemSpace { name: "final", positions: self.embeddings().items },
            ItemSpace { name: "id", positions: encodings.id.items },
        ];
        for ((name, _), encoded) in self.graphs.features.iter().zip(encodings.modalities) {
            spaces.push(ItemSpace { name, positions: encoded.local.value.items });
        }
        spaces
    }
}
