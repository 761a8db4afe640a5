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

use crate::columns::{self, ITEM};
use crate::error::{FormatError, file_error};
use crate::folder::extension;
use crate::parquet::{Table, row_problem};
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
            let (ids, rows) = read_parquet(path)?;
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

fn read_parquet(path: &Path) -> Result<(Vec<String>, Array2<f32>), FormatError> {
    let table = Table::open(path)?;
    let (leaves, names) = (table.leaves(), table.names());
    let known: Vec<&str> = ITEM.iter().copied().chain(Some("id")).collect();
    let place = columns::place(&names, &None, &known).map_err(|expected| file_error(path, expected, "several"))?;
    let place = place.ok_or_else(|| file_error(path, "a column of item ids (item_id, id, ...)", names.join(", ")))?;
    let lists: Vec<_> = leaves.iter().filter(|leaf| leaf.is_float() && leaf.lists > 0).collect();
    let columns = match lists[..] {
        [] => leaves.iter().filter(|leaf| leaf.is_float()).collect(),
        [list] => vec![list],
        _ => return Err(file_error(path, "one column of lists of floats", format!("{} of them", lists.len()))),
    };
    if columns.is_empty() {
        return Err(file_error(path, "a column of lists of floats, or columns of floats", names.join(", ")));
    }
    let (mut ids, mut numbers, mut width) = (Vec::new(), Vec::new(), None);
    for group in 0..table.groups() {
        let first = ids.len();
        for (row, id) in table.ids(group, &leaves[place])?.into_iter().enumerate() {
            ids.push(id.ok_or_else(|| row_problem(path, first + row, "an item id", "null".to_owned()))?);
        }
        let parts = columns.iter().map(|leaf| table.floats(group, leaf)).collect::<Result<Vec<_>, _>>()?;
        if let Some(part) = parts.iter().find(|part| part.len() != ids.len() - first) {
            let found = format!("{} ids and {} rows in row group {group}", ids.len() - first, part.len());
            return Err(file_error(path, "columns of one length", found));
        }
        for row in 0..ids.len() - first {
            let before = numbers.len();
            parts.iter().for_each(|part| numbers.extend_from_slice(&part[row]));
            let found = numbers.len() - before;
            if *width.get_or_insert(found) != found {
                let expected = format!("{} numbers as in the first row", width.unwrap_or(0));
                return Err(row_problem(path, first + row, &expected, found.to_string()));
            }
        }
    }
    let shape = (ids.len(), width.unwrap_or(0));
    if shape.0 == 0 || shape.1 == 0 {
        return Err(file_error(path, "rows of numbers", format!("the shape {shape:?}")));
    }
    let rows = Array2::from_shape_vec(shape, numbers).expect("every row has the width of the first");
    Ok((ids, rows))
}
