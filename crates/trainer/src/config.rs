//! The configuration of a run: declared once, defaulted once, checked once.
//!
//! [`RunConfig`] is what files and options say. Layers of settings (the defaults, a data set's tuned settings, a file,
//! `--set path=value`) are merged as tables; a key that does not exist is an error that names the nearest one that does.
//! [`RunConfig::check`] gives the [`CheckedConfig`] that alone can start a run.

use crate::features::FeatureSettings;
use anchorrec_data::error::one_line;
use anchorrec_recommender::setting::{self, SettingError};
use anchorrec_records::report::SELECTION_K;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Deref;
use thiserror::Error;
use toml::{Table, Value};

/// Everything that decides a run beside its data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RunConfig {
    /// Which model is trained.
    pub model: ModelKind,
    /// The training loop.
    pub train: TrainConfig,
    /// How models are judged.
    pub protocol: ProtocolConfig,
    /// Which features the model sees.
    pub features: FeatureSettings,
    /// Hyper-parameters of AnchorRec.
    pub anchorrec: anchorrec_align::Settings,
    /// Hyper-parameters of LightGCN.
    pub lightgcn: anchorrec_baselines::lightgcn::Settings,
    /// Hyper-parameters of AlignRec.
    pub alignrec: anchorrec_baselines::alignrec::Settings,
    /// Hyper-parameters of FREEDOM.
    pub freedom: anchorrec_baselines::freedom::Settings,
    /// Hyper-parameters of VBPR.
    pub vbpr: anchorrec_baselines::vbpr::Settings,
    /// Hyper-parameters of BM3.
    pub bm3: anchorrec_baselines::bm3::Settings,
}

/// The models that can be trained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModelKind {
    /// AnchorRec.
    #[default]
    AnchorRec,
    /// LightGCN.
    LightGcn,
    /// AlignRec.
    AlignRec,
    /// FREEDOM.
    Freedom,
    /// VBPR.
    Vbpr,
    /// BM3.
    Bm3,
}

impl ModelKind {
    /// All of them.
    pub const ALL: [ModelKind; 6] = [
        ModelKind::AnchorRec,
        ModelKind::AlignRec,
        ModelKind::Freedom,
        ModelKind::Bm3,
        ModelKind::Vbpr,
        ModelKind::LightGcn,
    ];

    /// All but this one, whose settings it does not read.
    pub fn others(self) -> impl Iterator<Item = ModelKind> {
        Self::ALL.into_iter().filter(move |&other| other != self)
    }

    /// Its name in configurations, folders and reports.
    pub const fn name(self) -> &'static str {
        match self {
            ModelKind::AnchorRec => "anchorrec",
            ModelKind::LightGcn => "lightgcn",
            ModelKind::AlignRec => "alignrec",
            ModelKind::Freedom => "freedom",
            ModelKind::Vbpr => "vbpr",
            ModelKind::Bm3 => "bm3",
        }
    }

    /// Its name as its authors write it.
    pub const fn title(self) -> &'static str {
        match self {
            ModelKind::AnchorRec => "AnchorRec",
            ModelKind::LightGcn => "LightGCN",
            ModelKind::AlignRec => "AlignRec",
            ModelKind::Freedom => "FREEDOM",
            ModelKind::Vbpr => "VBPR",
            ModelKind::Bm3 => "BM3",
        }
    }
}

impl fmt::Display for ModelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
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
    /// One run for each seed.
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

/// Bytes of the longest text that is parsed: what TOML becomes in memory is up to nine hundred times its length.
pub const LONGEST: usize = 1 << 14;

/// The most parts of a path that is set. The deepest setting has three.
const DEEPEST: usize = 16;

/// What can be wrong with a configuration.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A key that is no setting.
    #[error("{layer}: there is no setting `{key}`; did you mean `{nearest}`?")]
    UnknownKey {
        /// Where it was said.
        layer: String,
        /// The key.
        key: String,
        /// The valid key it looks most like.
        nearest: String,
    },
    /// `--set` without a value.
    #[error("`{found}`: expected path.to.key=value, such as `anchorrec.temperature=0.25`")]
    NotAnAssignment {
        /// What was found.
        found: String,
    },
    /// A file or value that does not parse.
    #[error("{layer}: {detail}")]
    Syntax {
        /// Where it was said.
        layer: String,
        /// What the parser says.
        detail: String,
    },
    /// A value that cannot work.
    #[error(transparent)]
    Value(#[from] SettingError),
}

/// A configuration under construction: the defaults with layers of settings over them.
#[derive(Clone, Debug)]
pub struct ConfigLayers {
    table: Table,
}

impl Default for ConfigLayers {
    fn default() -> Self {
        Self::new()
    }
}

impl ConfigLayers {
    /// The defaults.
    pub fn new() -> Self {
        ConfigLayers { table: Table::try_from(RunConfig::default()).expect("the defaults are a table") }
    }

    /// Puts `over` on top; `layer` names it in errors.
    ///
    /// # Errors
    /// When a key is no setting.
    pub fn put(&mut self, layer: &str, over: &Table) -> Result<(), ConfigError> {
        let keys = self.keys();
        merge(&mut self.table, over, "").map_err(|key| ConfigError::UnknownKey {
            layer: layer.to_owned(),
            nearest: nearest(&key, &keys),
            key: one_line(&key),
        })
    }

    /// Puts a TOML file's text on top.
    ///
    /// # Errors
    /// When it does not parse or a key is no setting.
    pub fn put_toml(&mut self, layer: &str, text: &str) -> Result<(), ConfigError> {
        if text.len() > LONGEST {
            let detail = format!("expected at most {LONGEST} bytes, found more: is this the right file?");
            return Err(ConfigError::Syntax { layer: layer.to_owned(), detail });
        }
        let over: Table = text.parse().map_err(|e: toml::de::Error| syntax(layer, &e))?;
        self.put(layer, &over)
    }

    /// Puts one `path.to.key=value` on top; the value is TOML, a bare word is a string.
    ///
    /// # Errors
    /// When it is no assignment or the key is no setting.
    pub fn set(&mut self, assignment: &str) -> Result<(), ConfigError> {
        let not_an_assignment = || ConfigError::NotAnAssignment { found: one_line(assignment) };
        let (path, text) = assignment.split_once('=').ok_or_else(not_an_assignment)?;
        // A deep path would be a deep table, which is taken apart by recursion.
        if assignment.len() > LONGEST || path.split('.').count() > DEEPEST {
            return Err(not_an_assignment());
        }
        let value = match format!("v = {text}").parse::<Table>() {
            // With a line end in it, `text` can hold more assignments than its own.
            Ok(table) if table.len() != 1 => return Err(not_an_assignment()),
            Ok(mut table) => table.remove("v").ok_or_else(not_an_assignment)?,
            Err(_) => Value::String(text.to_owned()),
        };
        let mut parts = path.trim().rsplit('.');
        let last = parts.next().ok_or_else(not_an_assignment)?;
        let leaf = Table::from_iter([(last.to_owned(), value)]);
        let over = parts.fold(leaf, |inner, part| Table::from_iter([(part.to_owned(), Value::Table(inner))]));
        self.put("--set", &over)
    }

    /// Every valid path, sorted.
    pub fn keys(&self) -> Vec<String> {
        leaves(&self.table).into_iter().map(|(path, _)| path).collect()
    }

    /// The configuration that the layers make.
    ///
    /// # Errors
    /// When a value has the wrong type.
    pub fn finish(self) -> Result<RunConfig, ConfigError> {
        RunConfig::deserialize(Value::Table(self.table)).map_err(|e| syntax("configuration", &e))
    }
}

fn syntax(layer: &str, error: &toml::de::Error) -> ConfigError {
    ConfigError::Syntax { layer: layer.to_owned(), detail: one_line(&error.to_string()) }
}

/// Puts `over` into `base`; the error is the first path that `base` does not have.
fn merge(base: &mut Table, over: &Table, path: &str) -> Result<(), String> {
    for (key, value) in over {
        let here = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match (base.get_mut(key), value) {
            (None, _) => return Err(first_leaf(here, value)),
            (Some(Value::Table(base)), Value::Table(over)) => merge(base, over, &here)?,
            (Some(Value::Table(_)), _) => return Err(here),
            (Some(place), Value::Integer(whole)) if place.is_float() => *place = Value::Float(*whole as f64),
            (Some(place), value) => *place = value.clone(),
        }
    }
    Ok(())
}

/// The whole path that was meant, down to its value: a typing error can stand in any part of it.
fn first_leaf(path: String, value: &Value) -> String {
    match value.as_table().and_then(|table| table.iter().next()) {
        Some((key, inner)) => first_leaf(format!("{path}.{key}"), inner),
        None => path,
    }
}

/// Every value of a table that is no table itself, with the path to it.
pub fn leaves(table: &Table) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (key, value) in table {
        match value {
            Value::Table(inner) => {
                found.extend(leaves(inner).into_iter().map(|(path, value)| (format!("{key}.{path}"), value)));
            }
            value => found.push((key.clone(), value)),
        }
    }
    found
}

/// The valid key most like `key`: as a whole path, or as the last part of one (`temprature` for `anchorrec.temperature`).
fn nearest(key: &str, keys: &[String]) -> String {
    let likeness = |valid: &String| {
        let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
        strsim::jaro_winkler(key, valid).max(0.95 * strsim::jaro_winkler(&last(key), &last(valid)))
    };
    keys.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b))).cloned().unwrap_or_default()
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
    /// Every check there is.
    ///
    /// # Errors
    /// The first value that cannot work.
    pub fn check(self) -> Result<CheckedConfig, SettingError> {
        let wrong = |key: &str, expected, found: String| {
            Err(SettingError { key: key.to_owned(), expected, found: one_line(&found) })
        };
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
        self.anchorrec.check()?;
        self.lightgcn.check()?;
        self.alignrec.check()?;
        self.freedom.check()?;
        self.vbpr.check()?;
        self.bm3.check()?;
        Ok(CheckedConfig(self))
    }

    /// Returns the configuration with everything at its default that the model does not read: the settings of other models, and the seeds of other runs.
    pub fn read_by_model(&self) -> RunConfig {
        let mut read = Table::try_from(self).expect("settings are a table");
        for other in self.model.others() {
            read.remove(other.name());
        }
        let mut read = RunConfig::deserialize(Value::Table(read)).expect("settings that were written can be read");
        read.train.seeds = TrainConfig::default().seeds;
        read
    }

    /// `η · decay^(epoch / decay_epochs)`, epochs from 0.
    pub fn learning_rate(&self, epoch: usize) -> f64 {
        self.train.learning_rate * self.train.decay.powf(epoch as f64 / self.train.decay_epochs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(assignment: &str) -> Result<RunConfig, ConfigError> {
        let mut layers = ConfigLayers::new();
        layers.set(assignment)?;
        layers.finish()
    }

    #[test]
    fn a_path_sets_its_value() {
        assert_eq!(set("anchorrec.temperature=0.05").unwrap().anchorrec.temperature, 0.05);
        assert_eq!(set("anchorrec.weights.amp = 1").unwrap().anchorrec.weights.amp, 1.0);
        assert_eq!(set("train.seeds=[1, 2]").unwrap().train.seeds, [1, 2]);
        assert_eq!(set("anchorrec.targets=frozen").unwrap().anchorrec.targets, anchorrec_align::Targets::Frozen);
        for model in ModelKind::ALL {
            assert_eq!(set(&format!("model={model}")).unwrap().model, model);
        }
    }

    #[test]
    fn an_unknown_key_names_the_nearest_valid_one() {
        for (wrong, right) in [
            ("anchorrec.temprature=1", "anchorrec.temperature"),
            ("temperature=1", "anchorrec.temperature"),
            ("train.epoch=1", "train.epochs"),
            ("anchorec.weights.align=1", "anchorrec.weights.align"),
            ("lightgcn.layer=2", "lightgcn.layers"),
        ] {
            let message = set(wrong).unwrap_err().to_string();
            assert!(message.contains(&format!("did you mean `{right}`?")), "{wrong}: {message}");
        }
    }

    #[test]
    fn values_that_cannot_work_are_named() {
        for (assignment, key) in [
            ("anchorrec.temperature=0", "anchorrec.temperature"),
            ("train.batch_size=0", "train.batch_size"),
            ("vbpr.reg=-1", "vbpr.reg"),
            ("bm3.dropout=1", "bm3.dropout"),
            ("train.seeds=[1, 1]", "train.seeds"),
            ("train.learning_rate=nan", "train.learning_rate"),
            ("protocol.at=[5, 10]", "protocol.at"),
            ("protocol.at=[20, 5]", "protocol.at"),
        ] {
            let error = set(assignment).unwrap().check().unwrap_err();
            assert_eq!(error.key, key, "{assignment}");
        }
        for wrong_type in ["train.epochs=many", "train.epochs=-1", "train.epochs=1.5", "model=bert"] {
            assert!(set(wrong_type).is_err(), "{wrong_type}");
        }
        assert!(matches!(set("train.epochs"), Err(ConfigError::NotAnAssignment { .. })));
        assert!(matches!(set("train=5"), Err(ConfigError::UnknownKey { .. })));
    }

    #[test]
    fn the_learning_rate_follows_the_published_schedule() {
        let config = RunConfig::default();
        assert_eq!(config.learning_rate(0), 0.001);
        assert_eq!(config.learning_rate(50), 0.001 * 0.96);
        // Second epoch of the official run's log: 0.00099918389.
        assert!((config.learning_rate(1) - 0.00099918389).abs() < 1e-11);
    }
}
