//! A file of a run, read.

use serde::de::DeserializeOwned;
use std::path::Path;

/// Returns what a file holds; nothing where it is not there or is something else.
pub fn json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()
}
