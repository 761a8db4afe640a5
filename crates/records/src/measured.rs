//! What was not measured is `null` in files, and nothing in memory: an empty map, a choice of no epoch.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Writes `null` instead of nothing.
pub(crate) fn serialize<T: Default + PartialEq + Serialize, S: Serializer>(
    value: &T,
    to: S,
) -> Result<S::Ok, S::Error> {
    if *value == T::default() { to.serialize_none() } else { value.serialize(to) }
}

/// Reads `null` as nothing.
pub(crate) fn deserialize<'de, T: Default + Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}
