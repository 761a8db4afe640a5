//! The JSON header of a file of tensors.
//!
//! Why not the library's parser: it reads every value into a tree of its own first, dozens of times the length of the header, and keeps
//! every key of `__metadata__`. Here a value becomes what it is, and what is not asked for is skipped.

use safetensors::tensor::TensorInfo;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use std::fmt;

/// What a header says, its tensors in the order of their data, which have neither gaps nor overlaps.
#[derive(Debug)]
pub(super) struct Header {
    /// What `__metadata__` says under the key that was asked for.
    pub(super) said: Option<String>,
    pub(super) tensors: Vec<(String, TensorInfo)>,
    pub(super) data_bytes: u64,
}

/// Reads a header, and of its `__metadata__` the value of `key`.
pub(super) fn parse(header: &[u8], key: &str) -> Result<Header, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_slice(header);
    let parsed = json.deserialize_map(Entries { key })?;
    json.end()?;
    Ok(parsed)
}

/// A table of texts, of which one is kept.
struct Said<'a> {
    key: &'a str,
}

impl<'de> DeserializeSeed<'de> for Said<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Option<String>, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Said<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object of texts")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Option<String>, M::Error> {
        let mut said = None;
        while let Some(key) = map.next_key::<String>()? {
            if key != self.key {
                map.next_value::<IgnoredAny>()?;
            } else if said.replace(map.next_value::<String>()?).is_some() {
                return Err(M::Error::custom("a key of `__metadata__` stands twice"));
            }
        }
        Ok(said)
    }
}

struct Entries<'a> {
    key: &'a str,
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = Header;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object of tensors")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Header, M::Error> {
        let (mut said, mut tensors) = (None, Vec::new());
        while let Some(name) = map.next_key::<String>()? {
            if name != "__metadata__" {
                tensors.push((name, map.next_value::<TensorInfo>()?));
            } else if said.replace(map.next_value_seed(Said { key: self.key })?).is_some() {
                return Err(M::Error::duplicate_field("__metadata__"));
            }
        }
        tensors.sort_by_key(|(_, info)| info.data_offsets);
        let mut end = 0;
        for (name, info) in &tensors {
            let (from, to) = info.data_offsets;
            if from != end || to < from {
                let name: String = name.chars().take(40).collect();
                return Err(M::Error::custom(format_args!("the data of `{name}` are {from}..{to}, after {end}")));
            }
            end = to;
        }
        Ok(Header { said: said.flatten(), tensors, data_bytes: end as u64 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_come_in_the_order_of_their_data() {
        let text =
            br#"{"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"__metadata__":{"x":"y","anchorrec":"me"},
            "a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
        let header = parse(text, "anchorrec").unwrap();
        let names: Vec<&str> = header.tensors.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!((names, header.said.as_deref(), header.data_bytes), (vec!["a", "b"], Some("me"), 12));
    }

    #[test]
    fn gaps_overlaps_and_ends_before_beginnings_are_refused() {
        let of = |a: &str, b: &str| {
            let entry = |offsets| format!(r#"{{"dtype":"F32","shape":[1],"data_offsets":{offsets}}}"#);
            parse(format!(r#"{{"a":{},"b":{}}}"#, entry(a), entry(b)).as_bytes(), "x").map(|header| header.data_bytes)
        };
        assert_eq!(of("[0,4]", "[4,8]").unwrap(), 8);
        for (a, b) in
            [("[0,4]", "[5,8]"), ("[0,4]", "[3,8]"), ("[1,4]", "[4,8]"), ("[0,4]", "[4,3]"), ("[0,4]", "[-4,8]")]
        {
            assert!(of(a, b).is_err(), "{a} {b}");
        }
        for bad in [
            r#"{"__metadata__":{},"__metadata__":{}}"#,
            r#"{"__metadata__":{"x":"1","x":"2"}}"#,
            r#"{"__metadata__":{"x":1}}"#,
            r#"{} {}"#,
            "[]",
        ] {
            assert!(parse(bad.as_bytes(), "x").is_err(), "{bad}");
        }
    }
}
