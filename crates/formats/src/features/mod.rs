//! Item features by item id.
//!
//! | file | rows | their ids |
//! |---|---|---|
//! | `.npy` | `[n, width]` of `f16`, `f32` or `f64` | the sidecar |
//! | `.safetensors` | the tensor `features`, or the only one with two dimensions: `[n, width]` of `F16`, `BF16`, `F32` or `F64` | `ids` in the header's `__metadata__`: a JSON list of strings; else the sidecar |
//! | `.parquet` | one column of lists of floats; without one, all columns of floats | the column of items (`item_id`, ...), or `id` |
//!
//! The sidecar of `text_feat.npy` is `text_feat.ids.txt`, an id per line in the order of the rows, or `text_feat.ids.csv` with a column
//! of items.

mod sidecar;
mod tensors;

use crate::error::{FormatError, file_error, row_problem};
use crate::folder::extension;
use crate::parquet;
use anchorrec_data::error::NpyProblem;
use anchorrec_data::{DataError, read_npy_f32};
use anchorrec_files::Excerpt;
use ndarray::Array2;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The rows of a file, with an item id for each.
#[derive(Clone, Debug)]
pub struct FeatureTable {
    /// The file.
    pub path: PathBuf,
    /// An item id for each row.
    pub ids: Vec<String>,
    /// `[n, width]`, all finite.
    pub rows: Array2<f32>,
}

/// Whether a file's ending is one of those that hold features.
pub fn is_feature_file(path: &Path) -> bool {
    ["npy", "safetensors", "parquet", "pq"].contains(&extension(path).as_str())
}

/// Reads one file and its ids, and checks both.
///
/// # Errors
/// When the file cannot be read, has no ids, or breaks a rule.
pub fn read(path: &Path) -> Result<FeatureTable, FormatError> {
    let (ids, rows) = match extension(path).as_str() {
        "npy" => (None, read_npy(path)?),
        "safetensors" => tensors::read(path)?,
        "parquet" | "pq" => {
            let (ids, rows) = parquet::features(path)?;
            (Some(ids), rows)
        }
        _ => return Err(file_error(path, "features as .npy, .safetensors or .parquet", "another ending")),
    };
    let ids = match ids {
        Some(ids) => ids,
        None => sidecar::read(path)?,
    };
    if ids.len() != rows.nrows() {
        return Err(file_error(path, format!("{} ids, one per row", rows.nrows()), format!("{} ids", ids.len())));
    }
    let mut seen = HashMap::new();
    for (row, id) in ids.iter().enumerate() {
        if let Some(first) = seen.insert(id.as_str(), row) {
            let found = format!("the one of row {first} again: {}", Excerpt::of(id));
            return Err(row_problem(path, row, "another item in each row", found));
        }
    }
    if let Some(row) = rows.rows().into_iter().position(|row| !row.iter().all(|x| x.is_finite())) {
        return Err(not_finite(path, row, &ids[row]));
    }
    Ok(FeatureTable { path: path.to_owned(), ids, rows })
}

/// The reader knows rows only; a row that is not finite gets its item's name here.
fn read_npy(path: &Path) -> Result<Array2<f32>, FormatError> {
    read_npy_f32(path).map_err(|error| {
        if let DataError::Npy { problem: NpyProblem::NotFinite { first, .. }, .. } = &error
            && let Some(&row) = first.first()
            && let Ok(ids) = sidecar::read(path)
            && let Some(id) = ids.get(row)
        {
            return not_finite(path, row, id);
        }
        error.into()
    })
}

fn not_finite(path: &Path, row: usize, id: &str) -> FormatError {
    row_problem(path, row, "finite numbers", format!("NaN, infinity or null for item {}", Excerpt::of(id)))
}
