//! The model as a trainer sees it.

use super::{Freedom, objective, pruning};
use anchorrec_encoders::{FeatureLayer, Params};
use anchorrec_kernels::{Real, rows::Rows};
use anchorrec_recommender::{Batch, Embeddings, ItemSpace, Recommender, Step, UserSums};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

impl<F: Real> Recommender<F> for Freedom<F> {
    fn params(&self) -> &Params<F> {
        &self.params
    }

    fn params_mut(&mut self) -> &mut Params<F> {
        &mut self.params
    }

    fn begin_epoch(&mut self, seed: u64) {
        if self.settings.dropout > 0.0 {
            let rng = &mut ChaCha8Rng::seed_from_u64(seed);
            self.train_on(&pruning::sample(&self.graphs.user_item, self.settings.dropout, rng));
        }
    }

    fn step(&self, batch: &Batch) -> Step<F> {
        objective::step(self, batch)
    }

    fn embeddings(&self) -> Embeddings<F> {
        self.embeddings_over(&self.graphs.user_item)
    }

    fn user_sums(&self) -> Option<UserSums<F>> {
        let graph = &self.graphs.user_item;
        let (own, items) = self.id.user_sums(&self.params, graph);
        Some(UserSums { own, weights: graph.users_to_items.clone(), items })
    }

    fn item_spaces(&self) -> Vec<ItemSpace<F>> {
        let (_, id) = self.id.all(&self.params, &self.graphs.user_item);
        let projected = |projection: Option<FeatureLayer>| Some(projection?.forward(&self.params, Rows::All));
        let spaces = [
            ("final", Some(self.embeddings().items)),
            ("id", Some(id)),
            ("content", self.content()),
            ("text", projected(self.text)),
            ("vision", projected(self.vision)),
        ];
        spaces.into_iter().filter_map(|(name, positions)| Some(ItemSpace { name, positions: positions? })).collect()
    }
}
