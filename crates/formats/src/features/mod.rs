//! Item features by item id.
//!
//! | file | rows | their ids |
//! |---|---|---|
//! | `.npy` | `[n, width]` of `f16`, `f32` or `f64` | the [sidecar](is_sidecar) |
//! | `.npz` | the array `features`, or the only such matrix | the array `ids`, `item_ids`, ...; else the sidecar |
//! | `.safetensors` | the tensor `features`, or the only one with two dimensions: `[n, width]` of `F16`, `BF16`, `F32` or `F64` | `ids` in the header's `__metadata__`: a JSON list; else the sidecar |
//! | `.parquet` | a column of vectors, or numbered columns of numbers | the column of items (`item_id`, ...), or `id` |
//! | `.csv`, `.tsv`, `.txt`, packed or not | the same | the same; the first column without a header; else the sidecar |
//! | `.json`, `.jsonl`, `.ndjson`, packed or not | a key of vectors, or numbered keys; or an object of vectors | the key of items; or the keys of the object |
//! | RecBole's `.item` | a column of type `float_seq` | `item_id` |
//! | a folder | the parts of one table; or a file for each item: `.npy`, `.npz`, `.json`, `.txt` | the same; the files' names |
//!
//! The sidecar of `text_feat.npy` is `text_feat.ids.txt`, an id per line in the order of the rows, or `text_feat.ids.csv` with a column
//! of items; `.ids.json` and `.ids.npy` are read too.
//!
//! A column of texts instead of vectors is read where it is [asked](Asked) for: the input of a text encoder.

mod asked;
mod choose;
mod content;
mod faults;
mod file;
mod folder;
mod image_addresses;
mod json;
mod npz;
#[cfg(feature = "parquet")]
mod parquet;
mod parts;
mod rows;
mod said;
mod sidecar;
mod single;
mod tensors;
mod text;
mod texts;
mod values;

pub use asked::Asked;
pub use content::{Content, FeatureTable};
pub use file::{Found, is_array, look, way_from};
pub use image_addresses::has_image_addresses;
pub use sidecar::is_sidecar;
pub use texts::TextTable;

use crate::error::FormatError;
use crate::folder::extension;
use crate::open::unpacked;
use parts::Parts;
use std::path::{Path, PathBuf};

/// Returns whether a file's ending is one of those that hold features: numbers alone, or a table.
pub fn is_feature_file(path: &Path) -> bool {
    is_array(path)
        || ["parquet", "pq", "csv", "tsv", "json", "jsonl", "ndjson"].contains(&extension(unpacked(path)).as_str())
}

/// Returns whether a folder may hold features.
pub fn is_feature_folder(dir: &Path) -> bool {
    folder::may_hold(dir)
}

/// Says which files a folder holds, by their endings: `3 .jpg, 1 .txt`.
pub fn endings(dir: &Path) -> String {
    folder::endings(dir)
}

/// Reads a file or folder with the ids of its rows, and checks both.
///
/// # Errors
/// When it cannot be read, has no ids, breaks a rule, or could be meant in several ways.
pub fn read(asked: &Asked) -> Result<Content, FormatError> {
    if asked.path.is_dir() { folder::read(&asked.path, asked) } else { file::read(asked, &mut Parts::default()) }
}

/// Reads several tables, whose names differ in their numbers, as one.
///
/// # Errors
/// As [`read`].
pub fn read_parts(dir: &Path, files: &[PathBuf], asked: &Asked) -> Result<Content, FormatError> {
    folder::parts(dir, &files.iter().collect::<Vec<_>>(), asked, Vec::new())
}
