//! The model: embeddings, and a layer from raw features to content.

use super::{Settings, side_by_side};
use anchorrec_encoders::{Linear, ParamId, Params, RowsOf, init};
use anchorrec_kernels::Real;
use anchorrec_kernels::rows::Rows;
use anchorrec_recommender::SettingError;
use ndarray::Array2;
use rand::Rng;
use std::sync::Arc;

/// VBPR: embeddings of users and items, and a layer from raw features to content.
#[derive(Clone, Debug)]
pub struct Vbpr<F> {
    pub(super) settings: Settings,
    pub(super) params: Params<F>,
    /// The user embeddings `E_u`, `[U, 2D]`.
    pub(super) users: ParamId,
    /// The item embeddings `E_i`, `[I, D]`.
    pub(super) items: ParamId,
    /// The layer of the features, `W` `[D, F]`, `b`.
    pub(super) content: Linear,
    /// `X`, `[I, F]`, not trained.
    pub(super) features: Arc<Array2<F>>,
}

impl<F: Real> Vbpr<F> {
    /// Makes a model with fresh weights; `features` `[I, F]` are the raw features of all modalities, [`side_by_side`].
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
            return Err(SettingError::new("model", expected, "vbpr"));
        }
        let mut params = Params::new();
        Ok(Vbpr {
            settings: settings.clone(),
            users: params.add_table(
                "user_embedding.weight",
                RowsOf::Users,
                init::xavier_uniform(users, 2 * width, rng),
            ),
            items: params.add_table("item_embedding.weight", RowsOf::Items, init::xavier_uniform(items, width, rng)),
            content: Linear::new(&mut params, "content", inputs, width, rng),
            params,
            features,
        })
    }

    /// Computes the content `X Wᵀ + b` of `items`, `[n, D]`.
    pub(super) fn content_rows(&self, items: Rows) -> Array2<F> {
        self.content.forward(&self.params, self.features.view(), items)
    }

    /// Computes `z` of `items`, `[n, 2D]`.
    pub(super) fn item_rows(&self, items: Rows) -> Array2<F> {
        let content = self.content_rows(items);
        side_by_side(content.nrows(), &[items.of(self.params[self.items].view()).view(), content.view()])
    }
}
