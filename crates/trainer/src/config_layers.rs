//! Layers of settings, merged as tables: the defaults, a data set's tuned settings, a file, `path=value`.

use crate::config::{ProtocolConfig, RunConfig, TrainConfig};
use crate::features::FeatureSettings;
use anchorrec_data::error::one_line;
use anchorrec_recommender::{ModelList, SettingError};
use serde::Deserialize;
use thiserror::Error;
use toml::{Table, Value};

/// Bytes of the longest text that is parsed: what TOML becomes in memory is up to nine hundred times its length.
pub const LONGEST: usize = 1 << 14;

/// The most parts of a path that is set. The deepest setting has three.
const DEEPEST: usize = 16;

/// What can be wrong with a configuration.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A key that is no setting.
    #[error("{layer}: there is no setting `{key}`; did you mean `{nearest}`?")]
    UnknownKey {
        /// The layer that says so.
        layer: String,
        /// The key.
        key: String,
        /// The valid key it looks most like.
        nearest: String,
    },
    /// `--set` without a value.
    #[error("`{found}`: expected path.to.key=value, such as `train.epochs=20`")]
    NotAnAssignment {
        /// What was found.
        found: String,
    },
    /// A file or value that does not parse.
    #[error("{layer}: {detail}")]
    Syntax {
        /// The layer that says so.
        layer: String,
        /// What the parser says.
        detail: String,
    },
    /// A model that is not in the list.
    #[error("setting `model` = {found}: expected one of {known}")]
    UnknownModel {
        /// What was found.
        found: String,
        /// The names that there are.
        known: String,
    },
    /// A value that cannot work.
    #[error(transparent)]
    Value(#[from] SettingError),
}

/// A configuration under construction: the defaults with layers of settings over them.
#[derive(Clone, Debug)]
pub struct ConfigLayers {
    models: ModelList,
    table: Table,
}

/// Reads the text of a settings file.
///
/// # Errors
/// When it is too long or not TOML.
pub(crate) fn parse(layer: &str, text: &str) -> Result<Table, ConfigError> {
    if text.len() > LONGEST {
        let detail = format!("expected at most {LONGEST} bytes, found more: is this the right file?");
        return Err(ConfigError::Syntax { layer: layer.to_owned(), detail });
    }
    text.parse().map_err(|e: toml::de::Error| syntax(layer, &e))
}

impl ConfigLayers {
    /// Starts with the defaults of the loop and of every model of a list.
    pub fn new(models: ModelList) -> Self {
        let table = Table::try_from(RunConfig::defaults(models)).expect("the defaults are a table");
        ConfigLayers { models, table }
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
        self.put(layer, &parse(layer, text)?)
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

    /// Returns every valid path, sorted.
    pub fn keys(&self) -> Vec<String> {
        leaves(&self.table).into_iter().map(|(path, _)| path).collect()
    }

    /// Makes the configuration of the layers.
    ///
    /// # Errors
    /// When a value has the wrong type.
    pub fn finish(mut self) -> Result<RunConfig, ConfigError> {
        let wrong = |e: &toml::de::Error| syntax("configuration", e);
        let mut settings = Table::new();
        for model in self.models.iter() {
            let said = self.table.remove(model.name()).expect("a table of every model");
            let said = said.as_table().expect("a table never becomes a value");
            settings.insert(model.name().to_owned(), Value::Table(model.read(said).map_err(|e| wrong(&e))?));
        }
        let Shared { model, train, protocol, features } =
            Shared::deserialize(Value::Table(self.table)).map_err(|e| wrong(&e))?;
        let model = self.models.find(&model).ok_or_else(|| ConfigError::UnknownModel {
            found: one_line(&model),
            known: self.models.names().join(", "),
        })?;
        Ok(RunConfig { model, train, protocol, features, models: self.models, settings })
    }
}

/// What is not a model's own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shared {
    model: String,
    train: TrainConfig,
    protocol: ProtocolConfig,
    features: FeatureSettings,
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

/// The whole path that was meant, down to its value: a typing error can be in any part of it.
fn first_leaf(path: String, value: &Value) -> String {
    match value.as_table().and_then(|table| table.iter().next()) {
        Some((key, inner)) => first_leaf(format!("{path}.{key}"), inner),
        None => path,
    }
}

/// Lists every value of a table that is no table itself, with the path to it.
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

/// Finds the valid key most like `key`: as a whole path, or as the last part of one (`temprature` for `anchorrec.temperature`).
pub fn nearest(key: &str, keys: &[String]) -> String {
    let likeness = |valid: &String| {
        let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
        strsim::jaro_winkler(key, valid).max(0.95 * strsim::jaro_winkler(&last(key), &last(valid)))
    };
    keys.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b))).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_models::MODELS;

    fn set(assignment: &str) -> Result<RunConfig, ConfigError> {
        let mut layers = ConfigLayers::new(MODELS);
        layers.set(assignment)?;
        layers.finish()
    }

    #[test]
    fn a_path_sets_its_value() {
        assert_eq!(set("train.seeds=[1, 2]").unwrap().train.seeds, [1, 2]);
        for model in MODELS.iter() {
            assert_eq!(set(&format!("model={model}")).unwrap().model, model);
            let width = set(&format!("{model}.embedding_dim = 7")).unwrap().of(model)["embedding_dim"].as_integer();
            assert_eq!(width, Some(7));
        }
    }

    #[test]
    fn every_setting_of_every_model_is_read_back() {
        for key in ConfigLayers::new(MODELS).keys() {
            let mut layers = ConfigLayers::new(MODELS);
            let before = Table::try_from(layers.clone().finish().unwrap()).unwrap();
            let (_, value) = leaves(&before).into_iter().find(|(path, _)| *path == key).unwrap();
            layers.set(&format!("{key}={value}")).unwrap();
            assert_eq!(Table::try_from(layers.finish().unwrap()).unwrap(), before, "{key}");
        }
    }

    #[test]
    fn an_unknown_key_names_the_nearest_valid_one() {
        let refused = |wrong: &str, right: &str| {
            let message = set(wrong).unwrap_err().to_string();
            assert!(message.contains(&format!("did you mean `{right}`?")), "{wrong}: {message}");
        };
        refused("train.epoch=1", "train.epochs");
        for model in MODELS.iter() {
            refused(&format!("{model}.embeding_dim=1"), &format!("{model}.embedding_dim"));
        }
        // The last part alone is enough, where only one model has it.
        let keys = ConfigLayers::new(MODELS).keys();
        let last = |path: &str| path.rsplit('.').next().unwrap().to_owned();
        for key in
            keys.iter().filter(|key| last(key).len() > 8 && keys.iter().filter(|k| last(k) == last(key)).count() == 1)
        {
            refused(&format!("{}=1", last(key)), key);
        }
    }

    #[test]
    fn what_is_no_value_of_a_setting_is_refused() {
        let first = MODELS.default_model();
        for wrong_type in ["train.epochs=many", "train.epochs=-1", "train.epochs=1.5", "model=bert"] {
            assert!(set(wrong_type).is_err(), "{wrong_type}");
        }
        let message = set(&format!("{first}.embedding_dim=wide")).unwrap_err().to_string();
        assert!(message.contains(&format!("{first}.embedding_dim")), "the whole path: {message}");
        let message = set("model=bert").unwrap_err().to_string();
        assert!(message.contains(&MODELS.names().join(", ")), "{message}");
        assert!(matches!(set("train.epochs"), Err(ConfigError::NotAnAssignment { .. })));
        assert!(matches!(set("train=5"), Err(ConfigError::UnknownKey { .. })));
        assert!(matches!(set(&format!("{first}=5")), Err(ConfigError::UnknownKey { .. })));
    }
}
