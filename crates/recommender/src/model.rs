//! What a trainer, a search, a command and a page must know of a model before one is built.
//!
//! A model's folder implements [`ModelSpec`]. All other code sees [`Model`], its form without types, which a list can hold: settings are
//! tables, a built model is a [`Recommender`]. Every [`ModelSpec`] is a [`Model`]; nothing has to be written for that.

use crate::{Card, ModelSpec, Present, Recommender, SettingError, Size, TrainingSet, Work};
use anchorrec_kernels::Real;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use toml::Table;

/// A model as seen from outside its own folder: an entry of a [`ModelList`](crate::ModelList).
///
/// ```
#[doc = include_str!("example.txt")]
/// # use anchorrec_recommender::{FeatureTables, Model};
/// # use rand::SeedableRng;
/// // `Pull` implements `ModelSpec`, and is a `Model` by that.
/// let model: &dyn Model = &Pull;
/// let settings = model.read(&toml::Table::new())?;
/// assert_eq!(settings, model.defaults());
/// model.check(&settings)?;
///
/// // Two users, three items, no features.
/// let features = FeatureTables { mm: None, text: None, vision: None };
/// let set = TrainingSet { users: 2, items: 3, pairs: &[(0, 1), (1, 2)], features };
/// let built = model.prepare(&settings, &set).fresh(&set, 512, &mut ChaCha8Rng::seed_from_u64(999))?;
/// assert_eq!(built.embeddings().items.nrows(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Model<F: Real = f32>: Send + Sync {
    /// Returns the model's name, title, paper, search ranges and variants.
    fn card(&self) -> &'static Card;

    /// Returns the model's settings at their defaults.
    fn defaults(&self) -> Table;

    /// Reads a table of settings strictly and gives it back with a default for every setting that is not in it.
    ///
    /// # Errors
    /// When a key is no setting or a value has the wrong type; the message names the path from the model's name on.
    fn read(&self, settings: &Table) -> Result<Table, toml::de::Error>;

    /// Checks that a model can be made of these settings.
    ///
    /// # Errors
    /// The first value that cannot work.
    ///
    /// # Panics
    /// When [`read`](Self::read) refuses the table.
    fn check(&self, settings: &Table) -> Result<(), SettingError>;

    /// Says in one sentence what the model is not, for want of features.
    fn lacking(&self, present: Present) -> Option<&'static str>;

    /// Returns whether no model can be built with these features, not even without a part; [`lacking`](Self::lacking) says why.
    fn refuses(&self, present: Present) -> bool;

    /// Counts what a training step must at least move and compute, part after part; nothing where that is not known.
    ///
    /// # Panics
    /// When [`read`](Self::read) refuses the table.
    fn least_step(&self, settings: &Table, size: &Size) -> Vec<Work>;

    /// Prepares what the models of all seeds of a job share.
    ///
    /// # Panics
    /// When [`read`](Self::read) refuses the table.
    fn prepare(&self, settings: &Table, set: &TrainingSet<F>) -> Box<dyn Prepared<F>>;

    /// Returns the same model in `f64`: what tests of its gradients ask for. Training does without it, and without the time to compile it.
    #[cfg(feature = "exact")]
    fn exact(&self) -> &dyn Model<f64>;

    /// Returns the model's name in configurations, folders and reports.
    fn name(&self) -> &'static str {
        self.card().name
    }

    /// Returns the model's name as its authors write it.
    fn title(&self) -> &'static str {
        self.card().title
    }
}

/// A model's settings and what the models of all seeds share: [`Model::prepare`] makes it, models are built from it.
pub trait Prepared<F: Real>: Send + Sync {
    /// Builds a model with fresh weights, drawn from `rng`.
    ///
    /// # Errors
    /// When a setting cannot work on this data.
    fn fresh(
        &self,
        set: &TrainingSet<F>,
        batch_size: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Box<dyn Recommender<F>>, SettingError>;
}

struct Ready<S: ModelSpec, F: Real> {
    settings: S::Settings,
    shared: S::Shared<F>,
}

impl<S: ModelSpec, F: Real> Prepared<F> for Ready<S, F> {
    fn fresh(
        &self,
        set: &TrainingSet<F>,
        batch_size: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Box<dyn Recommender<F>>, SettingError> {
        S::build(&self.settings, &self.shared, set, batch_size, rng)
    }
}

impl<S: ModelSpec, F: Real> Model<F> for S {
    fn card(&self) -> &'static Card {
        const { &S::CARD }
    }

    fn defaults(&self) -> Table {
        table(&S::Settings::default())
    }

    fn read(&self, settings: &Table) -> Result<Table, toml::de::Error> {
        Ok(table(&typed::<S>(settings)?))
    }

    fn check(&self, settings: &Table) -> Result<(), SettingError> {
        S::check(&known::<S>(settings))
    }

    fn lacking(&self, present: Present) -> Option<&'static str> {
        S::lacking(present)
    }

    fn refuses(&self, present: Present) -> bool {
        S::refuses(present)
    }

    fn least_step(&self, settings: &Table, size: &Size) -> Vec<Work> {
        S::least_step(&known::<S>(settings), size)
    }

    #[cfg(feature = "exact")]
    fn exact(&self) -> &dyn Model<f64> {
        self
    }

    fn prepare(&self, settings: &Table, set: &TrainingSet<F>) -> Box<dyn Prepared<F>> {
        let settings = known::<S>(settings);
        let shared = S::share(&settings, set);
        Box::new(Ready::<S, F> { settings, shared })
    }
}

fn table(settings: &impl Serialize) -> Table {
    Table::try_from(settings).expect("settings are a table")
}

/// The table is under the model's name while it is read, so that an error names the whole path.
fn typed<S: ModelSpec>(settings: &Table) -> Result<S::Settings, toml::de::Error> {
    let whole = Table::from_iter([(S::CARD.name.to_owned(), toml::Value::Table(settings.clone()))]);
    let mut read: BTreeMap<String, S::Settings> = whole.try_into()?;
    Ok(read.remove(S::CARD.name).expect("the key that was put in"))
}

fn known<S: ModelSpec>(settings: &Table) -> S::Settings {
    typed::<S>(settings).unwrap_or_else(|error| panic!("settings of {} that were not read: {error}", S::CARD.name))
}

impl<F: Real> fmt::Debug for dyn Model<F> + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl<F: Real> fmt::Display for dyn Model<F> + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Two entries of a list are the same model when they have the same name.
impl<F: Real> PartialEq for dyn Model<F> + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl<F: Real> Eq for dyn Model<F> + '_ {}

impl Serialize for dyn Model + '_ {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
