//! The model: two tables of embeddings.

use super::Settings;
use anchorrec_encoders::{ParamId, Params, RowsOf, init};
use anchorrec_kernels::Real;
use anchorrec_recommender::SettingError;
use rand::Rng;

/// BPR-MF: embeddings of users and items.
#[derive(Clone, Debug)]
pub struct BprMf<F> {
    pub(super) settings: Settings,
    pub(super) params: Params<F>,
    /// The embeddings of users, `E_u`, `[U, D]`.
    pub(super) users: ParamId,
    /// The embeddings of items, `E_i`, `[I, D]`.
    pub(super) items: ParamId,
}

impl<F: Real> BprMf<F> {
    /// Makes a model with fresh weights.
    ///
    /// # Errors
    /// When a setting cannot work.
    pub fn new(settings: &Settings, users: usize, items: usize, rng: &mut impl Rng) -> Result<Self, SettingError> {
        settings.check()?;
        let (mut params, width) = (Params::new(), settings.embedding_dim);
        let users = params.add_table("user_embedding.weight", RowsOf::Users, init::xavier_uniform(users, width, rng));
        let items = params.add_table("item_embedding.weight", RowsOf::Items, init::xavier_uniform(items, width, rng));
        Ok(BprMf { settings: settings.clone(), params, users, items })
    }
}
