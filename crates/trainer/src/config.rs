//! The configuration of a run: declared once, defaulted once, checked once.
//!
//! [`RunConfig`] is what files and options say. Layers of settings (the defaults, a data set's tuned settings, a file,
//! `--set path=value`) are merged as tables ([`config_layers`](crate::config_layers)); a key that does not exist is an error that names the nearest one that does.
//! [`RunConfig::check`] gives the [`CheckedConfig`] that alone can start a run.
//!
//! Settings of models are tables that the models read themselves; this crate knows none of them by name.

use crate::features::FeatureSettings;
use anchorrec_data::error::one_line;
use anchorrec_recommender::setting::{self, SettingError};
use anchorrec_recommender::{Model, ModelList};
use anchorrec_records::report::SELECTION_K;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use std::ops::Deref;
use toml::{Table, Value};

/// Everything that determines a run, except its data.
#[derive(Clone, Debug, PartialEq)]
pub struct RunConfig {
    /// The model to train.
    pub model: &'static dyn Model,
    /// The training loop.
    pub train: TrainConfig,
    /// The evaluation protocol.
    pub protocol: ProtocolConfig,
    /// Which features the model sees.
    pub features: FeatureSettings,
    /// The list that the model is from.
    pub(crate) models: ModelList,
    /// The settings of every model of the list, under its name, complete.
    pub(crate) settings: Table,
}

/// The training loop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainConfig {
    /// The most epochs a run trains.
    pub epochs: usize,
    /// Evaluations without a better validation Recall@20 after which a run stops; 0 never stops early.
    pub patience: usize,
    /// Epochs between evaluations.
    pub evaluate_every: usize,
    /// Positives per batch; the last batch of an epoch may be shorter.
    pub batch_size: usize,
    /// `η`, Adam's learning rate in the first epoch.
    pub learning_rate: f64,
    /// The learning rate of epoch `e` (from 0) is `η · decay^(e / decay_epochs)`.
    pub decay: f64,
    /// Epochs in which the learning rate falls by the factor `decay`.
    pub decay_epochs: f64,
    /// The random seeds; each gives one run.
    pub seeds: Vec<u64>,
}

/// How models are judged: full ranking over all items, training positives masked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProtocolConfig {
    /// The `K` of Recall@K and NDCG@K, ascending.
    pub at: Vec<usize>,
    /// Whether a user's validation positives are masked when ranking for test. Published code does not.
    pub mask_validation_at_test: bool,
}

impl Default for TrainConfig {
    fn default() -> Self {
        TrainConfig {
            epochs: 100,
            patience: 20,
            evaluate_every: 1,
            batch_size: 2048,
            learning_rate: 0.001,
            decay: 0.96,
            decay_epochs: 50.0,
            seeds: vec![999],
        }
    }
}

impl Default for ProtocolConfig {
    fn default() -> Self {
        ProtocolConfig { at: vec![5, 10, 20, 50], mask_validation_at_test: false }
    }
}

/// A configuration that passed [`RunConfig::check`].
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedConfig(RunConfig);

impl Deref for CheckedConfig {
    type Target = RunConfig;

    fn deref(&self) -> &RunConfig {
        &self.0
    }
}

impl RunConfig {
    /// Returns the defaults, with the list's default model.
    pub fn defaults(models: ModelList) -> Self {
        RunConfig {
            model: models.default_model(),
            train: TrainConfig::default(),
            protocol: ProtocolConfig::default(),
            features: FeatureSettings::default(),
            settings: models.iter().map(|model| (model.name().to_owned(), Value::Table(model.defaults()))).collect(),
            models,
        }
    }

    /// Returns the list that the model is from.
    pub fn models(&self) -> ModelList {
        self.models
    }

    /// Returns the settings of a model of the list.
    ///
    /// # Panics
    /// When the model is not of the list.
    pub fn of(&self, model: &dyn Model) -> &Table {
        let name = model.name();
        self.settings
            .get(name)
            .and_then(Value::as_table)
            .unwrap_or_else(|| panic!("{name} is not in the list of models"))
    }

    /// Makes every check that there is.
    ///
    /// # Errors
    /// The first value that cannot work.
    pub fn check(self) -> Result<CheckedConfig, SettingError> {
        let wrong = |key: &str, expected, found: String| Err(SettingError::new(key, expected, one_line(&found)));
        let (train, at) = (&self.train, &self.protocol.at);
        setting::at_least_one("train.epochs", train.epochs)?;
        setting::at_least_one("train.evaluate_every", train.evaluate_every)?;
        setting::at_least_one("train.batch_size", train.batch_size)?;
        setting::positive("train.learning_rate", train.learning_rate)?;
        setting::positive("train.decay", train.decay)?;
        setting::positive("train.decay_epochs", train.decay_epochs)?;
        let mut distinct = train.seeds.clone();
        distinct.sort_unstable();
        distinct.dedup();
        if train.seeds.is_empty() || distinct.len() != train.seeds.len() {
            return wrong("train.seeds", "one or more seeds, each once", format!("{:?}", train.seeds));
        }
        // TOML and JSON readers elsewhere hold 53 or 63 bits; the report must give back the very seed.
        if distinct.last().is_some_and(|&seed| seed >= 1 << 53) {
            return wrong("train.seeds", "seeds below 2^53", format!("{:?}", train.seeds));
        }
        if !at.is_sorted_by(|a, b| a < b) || !at.contains(&SELECTION_K) || at[0] == 0 {
            return wrong(
                "protocol.at",
                "ascending numbers from 1, 20 among them (it selects the epoch)",
                format!("{at:?}"),
            );
        }
        self.models.iter().try_for_each(|model| model.check(self.of(model)))?;
        Ok(CheckedConfig(self))
    }

    /// Returns everything that the model reads, as a table: not the settings of other models, and the seeds of other runs at their default.
    pub fn read_by_model(&self) -> Table {
        let mut read = Table::try_from(self).expect("settings are a table");
        for other in self.models.others(self.model) {
            read.remove(other.name());
        }
        let seeds = Value::try_from(TrainConfig::default().seeds).expect("seeds are a list");
        read["train"].as_table_mut().expect("settings of the loop").insert("seeds".to_owned(), seeds);
        read
    }

    /// `η · decay^(epoch / decay_epochs)`, epochs from 0.
    pub fn learning_rate(&self, epoch: usize) -> f64 {
        self.train.learning_rate * self.train.decay.powf(epoch as f64 / self.train.decay_epochs)
    }
}

impl Serialize for RunConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("model", self.model)?;
        map.serialize_entry("train", &self.train)?;
        map.serialize_entry("protocol", &self.protocol)?;
        map.serialize_entry("features", &self.features)?;
        for model in self.models.iter() {
            map.serialize_entry(model.name(), self.of(model))?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config_layers::{ConfigError, ConfigLayers};
    use anchorrec_models::MODELS;

    fn set(assignment: &str) -> Result<RunConfig, ConfigError> {
        let mut layers = ConfigLayers::new(MODELS);
        layers.set(assignment)?;
        layers.finish()
    }

    #[test]
    fn values_that_cannot_work_are_named() {
        for (assignment, key) in [
            ("train.batch_size=0", "train.batch_size"),
            ("train.seeds=[1, 1]", "train.seeds"),
            ("train.learning_rate=nan", "train.learning_rate"),
            ("protocol.at=[5, 10]", "protocol.at"),
            ("protocol.at=[20, 5]", "protocol.at"),
        ] {
            let error = set(assignment).unwrap().check().unwrap_err();
            assert_eq!(error.key, key, "{assignment}");
        }
        for model in MODELS.iter() {
            let key = format!("{model}.embedding_dim");
            assert_eq!(set(&format!("{key}=0")).unwrap().check().unwrap_err().key, key);
        }
    }

    #[test]
    fn a_configuration_is_written_with_every_default_of_every_model() {
        let config = RunConfig::defaults(MODELS);
        let json = serde_json::to_value(&config).unwrap();
        let keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys.len(), 4 + MODELS.names().len(), "{keys:?}");
        for model in MODELS.iter() {
            assert_eq!(json[model.name()], serde_json::to_value(model.defaults()).unwrap());
        }
        let table = Table::try_from(&config).unwrap();
        let mut layers = ConfigLayers::new(MODELS);
        layers.put("itself", &table).unwrap();
        assert_eq!(layers.finish().unwrap(), config);
    }

    #[test]
    fn the_learning_rate_follows_the_published_schedule() {
        let config = RunConfig::defaults(MODELS);
        assert_eq!(config.learning_rate(0), 0.001);
        assert_eq!(config.learning_rate(50), 0.001 * 0.96);
        // Second epoch of the official run's log: 0.00099918389.
        assert!((config.learning_rate(1) - 0.00099918389).abs() < 1e-11);
    }
}
