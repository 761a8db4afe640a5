//! The settings of a run as a tree of values, in the order in which they were written.
//!
//! A record outlives the version that wrote it, and it names no model. So its settings are values under paths, not the types that a trainer
//! of today checks.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::fmt;

/// All settings of a run.
///
/// ```
/// use anchorrec_records::{RecordedSettings, settings::RecordedValue};
///
/// let settings: RecordedSettings = serde_json::from_str(r#"{"train": {"epochs": 100, "decay": 0.96}}"#).unwrap();
/// assert_eq!(settings.get("train.epochs"), Some(&RecordedValue::Integer(100)));
/// assert_eq!(settings.get("train.patience"), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordedSettings(Vec<(String, RecordedValue)>);

/// A value, or a table of values.
#[derive(Clone, Debug, PartialEq)]
pub enum RecordedValue {
    /// A setting without a value.
    None,
    /// `true` or `false`.
    Switch(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a point.
    Float(f64),
    /// A word.
    Text(String),
    /// Several values.
    List(Vec<RecordedValue>),
    /// Settings under one name.
    Table(RecordedSettings),
}

impl RecordedSettings {
    /// Records a configuration.
    ///
    /// # Panics
    /// When `config` is not a table of settings: not a struct or a map with text keys.
    pub fn of(config: &impl Serialize) -> Self {
        let json = serde_json::to_string(config).expect("a configuration is JSON");
        serde_json::from_str(&json).expect("a configuration is a table of settings")
    }

    /// Returns the value under a path: `train.epochs`.
    pub fn get(&self, path: &str) -> Option<&RecordedValue> {
        let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
        let value = self.0.iter().find_map(|(key, value)| (key == name).then_some(value))?;
        match (rest, value) {
            (None, value) => Some(value),
            (Some(rest), RecordedValue::Table(table)) => table.get(rest),
            (Some(_), _) => None,
        }
    }

    /// Returns the word under a path, if there is one.
    pub fn text(&self, path: &str) -> Option<&str> {
        match self.get(path)? {
            RecordedValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the number under a path, whole or not, if there is one.
    pub fn number(&self, path: &str) -> Option<f64> {
        match self.get(path)? {
            RecordedValue::Integer(number) => Some(*number as f64),
            RecordedValue::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// Returns the whole number under a path, if there is one.
    pub fn integer(&self, path: &str) -> Option<i64> {
        match self.get(path)? {
            RecordedValue::Integer(number) => Some(*number),
            _ => None,
        }
    }
}

impl Serialize for RecordedSettings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl Serialize for RecordedValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            RecordedValue::None => serializer.serialize_unit(),
            RecordedValue::Switch(on) => serializer.serialize_bool(*on),
            RecordedValue::Integer(number) => serializer.serialize_i64(*number),
            RecordedValue::Float(number) => serializer.serialize_f64(*number),
            RecordedValue::Text(text) => serializer.serialize_str(text),
            RecordedValue::List(values) => values.serialize(serializer),
            RecordedValue::Table(table) => table.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for RecordedSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Table;
        impl<'de> Visitor<'de> for Table {
            type Value = RecordedSettings;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a table of settings")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                table(map)
            }
        }
        deserializer.deserialize_map(Table)
    }
}

impl<'de> Deserialize<'de> for RecordedValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = RecordedValue;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a setting")
            }

            fn visit_unit<E: Error>(self) -> Result<RecordedValue, E> {
                Ok(RecordedValue::None)
            }

            fn visit_bool<E: Error>(self, on: bool) -> Result<RecordedValue, E> {
                Ok(RecordedValue::Switch(on))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<RecordedValue, E> {
                Ok(RecordedValue::Integer(number))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<RecordedValue, E> {
                let too_large = |_| E::custom(format!("expected a whole number below 2^63, found {number}"));
                i64::try_from(number).map(RecordedValue::Integer).map_err(too_large)
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<RecordedValue, E> {
                Ok(RecordedValue::Float(number))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<RecordedValue, E> {
                Ok(RecordedValue::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<RecordedValue, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = seq.next_element()? {
                    values.push(value);
                }
                Ok(RecordedValue::List(values))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RecordedValue, A::Error> {
                table(map).map(RecordedValue::Table)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

fn table<'de, A: MapAccess<'de>>(mut map: A) -> Result<RecordedSettings, A::Error> {
    let mut entries = Vec::new();
    while let Some(entry) = map.next_entry()? {
        entries.push(entry);
    }
    Ok(RecordedSettings(entries))
}
