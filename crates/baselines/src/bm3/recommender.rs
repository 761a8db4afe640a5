//! The model as a trainer sees it.

use super::model::Modality;
use super::{Bm3, Masks};
use anchorrec_encoders::Params;
use anchorrec_kernels::{Real, rows::Rows};
use anchorrec_recommender::{Batch, Embeddings, ItemSpace, Recommender, Step};

impl<F: Real> Recommender<F> for Bm3<F> {
    fn params(&self) -> &Params<F> {
        &self.params
    }

    fn params_mut(&mut self) -> &mut Params<F> {
        &mut self.params
    }

    fn step(&self, batch: &Batch) -> Step<F> {
        let encoded = self.encode(batch);
        let masks = Masks::draw(&encoded, self.settings.dropout, batch.seed);
        self.step_towards(&encoded, &encoded.targets(&masks))
    }

    fn embeddings(&self) -> Embeddings<F> {
        let (h_users, h_items) = self.all();
        Embeddings { users: self.predict(&h_users), items: self.predict(&h_items) }
    }

    fn item_spaces(&self) -> Vec<ItemSpace<F>> {
        let (_, h_items) = self.all();
        let mut spaces = vec![
            ItemSpace { name: "final", positions: self.predict(&h_items) },
            ItemSpace { name: "id", positions: h_items },
        ];
        for Modality { name, layer, .. } in &self.modalities {
            spaces.push(ItemSpace { name, positions: layer.forward(&self.params, Rows::All) });
        }
        spaces
    }
}
