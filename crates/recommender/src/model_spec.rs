//! A model as its own folder declares it: typed settings, one builder that is generic over the float.

use crate::{Card, Present, Recommender, SettingError, Size, TrainingSet, Work};
use anchorrec_kernels::Real;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A model as its own folder declares it.
///
/// ```
/// use anchorrec_encoders::{ParamId, Params, init};
/// use anchorrec_kernels::Real;
/// use anchorrec_recommender::{Batch, Card, Embeddings, ModelSpec, Range, Recommender, SettingError, Step, TrainingSet, setting};
/// use rand_chacha::ChaCha8Rng;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// #[serde(deny_unknown_fields, default)]
/// struct Settings {
///     embedding_dim: usize,
/// }
///
/// impl Default for Settings {
///     fn default() -> Self {
///         Settings { embedding_dim: 64 }
///     }
/// }
///
/// struct Spec;
///
/// impl ModelSpec for Spec {
///     type Settings = Settings;
///     type Shared<F: Real> = ();
///
///     const CARD: Card = Card {
///         ranges: &[Range::new("pull.embedding_dim", &["64", "32"])],
///         ..Card::new("pull", "Pull", "users pulled to their items", "nobody: \"An example\", 2026")
///     };
///
///     fn check(settings: &Settings) -> Result<(), SettingError> {
///         setting::at_least_one("pull.embedding_dim", settings.embedding_dim)
///     }
///
///     fn share<F: Real>(_: &Settings, _: &TrainingSet<F>) {}
///
///     fn build<F: Real>(
///         settings: &Settings,
///         (): &(),
///         set: &TrainingSet<F>,
///         _: usize,
///         rng: &mut ChaCha8Rng,
///     ) -> Result<Box<dyn Recommender<F>>, SettingError> {
///         let (mut params, width) = (Params::new(), settings.embedding_dim);
///         let users = params.add("users.weight", init::xavier_uniform(set.users, width, rng));
///         let items = params.add("items.weight", init::xavier_uniform(set.items, width, rng));
///         Ok(Box::new(Pull { params, users, items }))
///     }
/// }
///
/// struct Pull<F> {
///     params: Params<F>,
///     users: ParamId,
///     items: ParamId,
/// }
/// # impl<F: Real> Recommender<F> for Pull<F> {
/// #     fn params(&self) -> &Params<F> { &self.params }
/// #     fn params_mut(&mut self) -> &mut Params<F> { &mut self.params }
/// #     fn step(&self, _: &Batch) -> Step<F> { unimplemented!() }
/// #     fn embeddings(&self) -> Embeddings<F> { unimplemented!() }
/// # }
/// // `impl<F: Real> Recommender<F> for Pull<F>`: the README of this crate has one.
/// assert!(Spec::check(&Settings { embedding_dim: 0 }).is_err());
/// ```
pub trait ModelSpec: Send + Sync + 'static {
    /// The hyper-parameters, each declared, defaulted and documented once.
    type Settings: Serialize + DeserializeOwned + Default + Send + Sync;

    /// What the models of all seeds of a job share: graphs, prepared features. `()` where there is nothing.
    type Shared<F: Real>: Send + Sync;

    /// What the model says of itself: name, title, paper, search ranges and variants.
    const CARD: Card;

    /// Checks that a model can be made of these settings.
    ///
    /// # Errors
    /// The first value that cannot work.
    fn check(settings: &Self::Settings) -> Result<(), SettingError>;

    /// Says in one sentence what the model is not, for want of features; nothing where it has all that it needs.
    fn lacking(_present: Present) -> Option<&'static str> {
        None
    }

    /// Returns whether no model can be built with these features, not even without a part; [`lacking`](Self::lacking) says why.
    fn refuses(_present: Present) -> bool {
        false
    }

    /// Counts what a training step must at least move and compute, part after part; nothing where that is not known.
    fn least_step(_settings: &Self::Settings, _size: &Size) -> Vec<Work> {
        Vec::new()
    }

    /// Prepares what all models of a job share, once.
    fn share<F: Real>(settings: &Self::Settings, set: &TrainingSet<F>) -> Self::Shared<F>;

    /// Builds a model with fresh weights, drawn from `rng`; `batch_size` is the number of triples that a full batch has.
    ///
    /// # Errors
    /// When a setting cannot work on this data.
    fn build<F: Real>(
        settings: &Self::Settings,
        shared: &Self::Shared<F>,
        set: &TrainingSet<F>,
        batch_size: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Box<dyn Recommender<F>>, SettingError>;
}
