//! The model and its objective, forward and backward.

use super::{Settings, side_by_side};
use anchorrec_encoders::{Gradients, Linear, ParamId, Params, init};
use anchorrec_kernels::Real;
use anchorrec_kernels::rows::{self, Rows};
use anchorrec_losses::{Triples, bpr_of_triples, frobenius_norm};
use anchorrec_recommender::{Batch, Distinct, Embeddings, ItemSpace, Recommender, SettingError, Step, Term};
use ndarray::{Array2, Axis};
use rand::Rng;
use std::sync::Arc;

/// `γ` of `-ln(γ + σ(x))`: MMRec's guard against `ln 0`.
const FLOOR: f64 = 1e-10;

/// VBPR: embeddings of users and items, and a layer from raw features to content.
#[derive(Clone, Debug)]
pub struct Vbpr<F> {
    settings: Settings,
    params: Params<F>,
    /// The user embeddings `E_u`, `[U, 2D]`.
    users: ParamId,
    /// The item embeddings `E_i`, `[I, D]`.
    items: ParamId,
    /// The layer of the features, `W` `[D, F]`, `b`.
    content: Linear,
    /// `X`, `[I, F]`, not trained.
    features: Arc<Array2<F>>,
}

impl<F: Real> Vbpr<F> {
    /// A model with fresh weights; `features` `[I, F]` are the raw features of all modalities, [`side_by_side`].
    ///
    /// # Errors
    /// When a setting cannot work, or there are no features: without them this is no VBPR.
    pub fn new(
        settings: &Settings,
        users: usize,
        features: Arc<Array2<F>>,
        rng: &mut impl Rng,
    ) -> Result<Self, SettingError> {
        settings.check()?;
        let ((items, inputs), width) = (features.dim(), settings.embedding_dim);
        if inputs == 0 {
            let expected = "a model that needs no features (the data set has neither text nor vision)";
            return Err(SettingError { key: "model".to_owned(), expected, found: "vbpr".to_owned() });
        }
        let mut params = Params::new();
        Ok(Vbpr {
            settings: settings.clone(),
            users: params.add("user_embedding.weight", init::xavier_uniform(users, 2 * width, rng)),
            items: params.add("item_embedding.weight", init::xavier_uniform(items, width, rng)),
            content: Linear::new(&mut params, "content", inputs, width, rng),
            params,
            features,
        })
    }

    /// `X Wᵀ + b` of `items`, `[n, D]`.
    fn content_rows(&self, items: Rows) -> Array2<F> {
        self.content.forward(&self.params, self.features.view(), items)
    }

    /// `z` of `items`, `[n, 2D]`.
    fn item_rows(&self, items: Rows) -> Array2<F> {
        let content = self.content_rows(items);
        side_by_side(content.nrows(), &[items.of(self.params[self.items].view()).view(), content.view()])
    }
}

impl<F: Real> Recommender<F> for Vbpr<F> {
    fn params(&self) -> &Params<F> {
        &self.params
    }

    fn params_mut(&mut self) -> &mut Params<F> {
        &mut self.params
    }

    fn step(&self, batch: &Batch) -> Step<F> {
        batch.check();
        let Batch { users, positives, negatives, .. } = *batch;

        // Forward: each distinct item of the batch once, then the rows of the triples.
        let items = Distinct::<F>::new(&[positives, negatives].concat());
        let (positives, negatives) = items.places.split_at(positives.len());
        let z_items = self.item_rows(Rows::Some(&items.ids));
        let z = Triples::gather(rows::gather(&self.params[self.users], users), &z_items, positives, negatives);
        let ranking = bpr_of_triples(z.view(), F::of(FLOOR));

        // Backward of BPR, then L2 on the same rows.
        let mut d_z = z.zeros_like();
        ranking.backward(F::one(), d_z.view_mut());
        let divisor = F::of(users.len() as f64);
        let mut norms = F::zero();
        for (z, d_z) in z.each().into_iter().zip(d_z.each_mut()) {
            let loss = frobenius_norm(z.view(), divisor);
            norms += loss.value;
            *d_z += &loss.backward(F::of(self.settings.reg));
        }

        // Backward of the rows: `[E_i | X Wᵀ + b]` falls apart again. sg: the features are not trained.
        let mut d_z_items = Array2::zeros(z_items.dim());
        d_z.scatter_items(&mut d_z_items, positives, negatives);
        let (d_id, d_content) = d_z_items.view().split_at(Axis(1), self.settings.embedding_dim);
        let mut d_e_users = Array2::zeros(self.params[self.users].dim());
        rows::scatter_add(&mut d_e_users, users, d_z.users.view());
        let mut d_e_items = Array2::zeros(self.params[self.items].dim());
        rows::add_rows(&mut d_e_items, Rows::Some(&items.ids), d_id);
        let mut gradients = Gradients::zero(&self.params);
        gradients.add(self.users, d_e_users);
        gradients.add(self.items, d_e_items);
        let d_content = d_content.as_standard_layout();
        self.content.backward_weights(&mut gradients, self.features.view(), Rows::Some(&items.ids), d_content.view());
        let terms = vec![
            Term::new("bpr", "ranking: positives above negatives", ranking.value, 1.0),
            Term::new("reg", "norms of the batch's final embeddings", norms, self.settings.reg),
        ];
        Step { terms, gradients }
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
