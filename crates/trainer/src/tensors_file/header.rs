//! The JSON header of a file of tensors.
//!
//! Why not the library's parser: it reads every value into a tree of its own first, dozens of times the length of the header, and keeps
//! every key of `__metadata__`. Here a value becomes what it is, and what nobody asks for is passed over.

use safetensors::tensor::TensorInfo;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use std::fmt;

/// What a header says, its tensors in the order of their data, which have neither gaps nor overlaps.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) about: String,
    pub(super) tensors: Vec<(String, TensorInfo)>,
    pub(super) data_bytes: u64,
}

/// The one key of `__metadata__` that is ours.
#[derive(Default, Deserialize)]
struct Said {
    #[serde(default)]
    anchorrec: String,
}

pub(super) fn parse(header: &[u8]) -> Result<Header, serde_json::Error> {
    serde_json::from_slice(header)
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Entries)
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Header;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object of tensors")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Header, M::Error> {
        let (mut said, mut tensors) = (None, Vec::new());
        while let Some(name) = map.next_key::<String>()? {
            if name != "__metadata__" {
                tensors.push((name, map.next_value::<TensorInfo>()?));
            } else if said.replace(map.next_value::<Said>()?).is_some() {
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
        Ok(Header { about: said.unwrap_or_default().anchorrec, tensors, data_bytes: end as u64 })
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
        let header = parse(text).unwrap();
        let names: Vec<&str> = header.tensors.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!((names, header.about.as_str(), header.data_bytes), (vec!["a", "b"], "me", 12));
    }

    #[test]
    fn gaps_overlaps_and_ends_before_beginnings_are_refused() {
        let of = |a: &str, b: &str| {
            let entry = |offsets| format!(r#"{{"dtype":"F32","shape":[1],"data_offsets":{offsets}}}"#);
            parse(format!(r#"{{"a":{},"b":{}}}"#, entry(a), entry(b)).as_bytes()).map(|header| header.data_bytes)
        };
        assert_eq!(of("[0,4]", "[4,8]").unwrap(), 8);
        for (a, b) in
            [("[0,4]", "[5,8]"), ("[0,4]", "[3,8]"), ("[1,4]", "[4,8]"), ("[0,4]", "[4,3]"), ("[0,4]", "[-4,8]")]
        {
            assert!(of(a, b).is_err(), "{a} {b}");
        }
        assert!(parse(br#"{"__metadata__":{},"__metadata__":{}}"#).is_err());
        assert!(parse(b"[]").is_err());
    }
}
