//! Settings as a file of ours holds them, read within bounds.
//!
//! A [`Value`] takes up to fifty times the bytes of its text. A damaged or hostile file may hold millions of values where
//! settings belong, so reading ends with an error after more of them than any configuration has.

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::cell::Cell;
use std::fmt;

/// The most values of a configuration: more than ten times what it has.
const MOST: usize = 4096;

/// Reads a table of settings; an error where it holds more than [`MOST`] values.
pub(crate) fn settings<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    Bounded(&Cell::new(MOST)).deserialize(deserializer)
}

/// One value, with how many more may come.
struct Bounded<'a>(&'a Cell<usize>);

impl Bounded<'_> {
    fn take<E: Error>(&self) -> Result<(), E> {
        let left = self.0.get().checked_sub(1);
        self.0.set(left.ok_or_else(|| E::custom(format_args!("expected settings, found more than {MOST} values")))?);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.take()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("settings")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Value, A::Error> {
        let mut read = Vec::new();
        while let Some(value) = values.next_element_seed(Bounded(self.0))? {
            read.push(value);
        }
        Ok(Value::Array(read))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut read = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            read.insert(key, entries.next_value_seed(Bounded(self.0))?);
        }
        Ok(Value::Object(read))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Value, serde_json::Error> {
        settings(&mut serde_json::Deserializer::from_str(text))
    }

    #[test]
    fn settings_are_read_as_they_are_and_no_more_of_them_than_there_can_be() {
        let text = r#"{"a":{"b":[1,-2,0.5,true,null,"x"]}}"#;
        assert_eq!(read(text).unwrap(), serde_json::from_str::<Value>(text).unwrap());
        let zeros = |n: usize| format!("[{}]", vec!["0"; n].join(","));
        assert!(read(&zeros(MOST - 1)).is_ok());
        assert!(read(&zeros(MOST)).unwrap_err().to_string().contains("more than 4096 values"));
    }
}
