//! One file of features, read by its ending.

use super::asked::Asked;
use super::choose::{self, Column};
use super::content::{Content, Matrix};
use super::faults::Faults;
#[cfg(feature = "parquet")]
use super::parquet;
use super::parts::Parts;
use super::rows::{Rows, Vector};
use super::{json, npz, sidecar, tensors, text};
use crate::error::{FormatError, file_error};
use crate::folder::{extension, kind};
use crate::open::unpacked;
use anchorrec_data::error::NpyProblem;
use anchorrec_data::{DataError, read_npy_f32};
use ndarray::Array2;
use std::path::Path;

/// What a file looks like that was not asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Columns of vectors, or what numbered columns are called: `emb_*`.
    pub vectors: Vec<String>,
    /// Columns of texts.
    pub texts: Vec<String>,
}

/// Returns whether a file's ending is one of those that hold arrays of numbers.
pub fn is_array(path: &Path) -> bool {
    ["npy", "npz", "safetensors"].contains(&extension(path).as_str())
}

/// Returns whether a file's ending is that of a format of arrays which is not read, and how its arrays are saved as one that is.
pub fn way_from(path: &Path) -> Option<&'static str> {
    match extension(path).as_str() {
        "pt" | "pth" => Some("numpy.save(\"text_feat.npy\", torch.load(FILE).float().cpu().numpy())"),
        "pkl" | "pickle" | "joblib" => Some("numpy.save, since unpickling can run code"),
        "h5" | "hdf5" => Some("numpy.save of the data set that h5py opens"),
        "mat" => Some("numpy.save of what scipy.io.loadmat gives"),
        "feather" | "arrow" | "ipc" | "orc" => Some("Parquet"),
        "bin" | "dat" | "lmdb" | "mdb" | "tfrecord" | "zarr" | "rds" | "msgpack" => Some("numpy.save of its matrix"),
        "xls" | "xlsx" | "ods" => Some("CSV"),
        "zip" | "tar" | "tgz" | "7z" | "rar" | "bz2" | "xz" => Some("unpacking it"),
        "gz" | "zst" if is_array(unpacked(path)) => Some("unpacking it"),
        _ => None,
    }
}

/// Looks at the columns of a table, without its rows.
///
/// # Errors
/// When the file cannot be read.
pub fn look(path: &Path) -> Result<Found, FormatError> {
    let (vectors, texts) = choose::kinds(&columns_of(path)?);
    Ok(Found { vectors, texts })
}

fn columns_of(path: &Path) -> Result<Vec<Column>, FormatError> {
    match kind(path).as_str() {
        #[cfg(feature = "parquet")]
        "parquet" | "pq" => parquet::look(path),
        #[cfg(not(feature = "parquet"))]
        "parquet" | "pq" => Err(crate::parquet::not_built(path)),
        "json" | "jsonl" | "ndjson" => json::look(path),
        _ => text::look(path),
    }
}

/// Reads a file with the ids of its rows, and checks both; `parts` are those of the same table that were read before.
///
/// # Errors
/// When it cannot be read, has no ids, breaks a rule, could be meant in several ways, or has other columns than the parts before.
pub(super) fn read(asked: &Asked, parts: &mut Parts) -> Result<Content, FormatError> {
    let path = asked.path.as_path();
    if std::fs::metadata(path).is_ok_and(|about| about.is_file() && about.len() == 0) {
        return Err(file_error(path, "features", "an empty file"));
    }
    let column = asked.column.as_deref();
    let Matrix { ids, rows } = match kind(path).as_str() {
        "npy" => {
            if let Some(column) = column {
                return Err(file_error(path, "no name of a column", format!("{column:?}: an .npy file is one matrix")));
            }
            Matrix { ids: None, rows: read_npy(path)? }
        }
        "npz" => npz::read(path, column)?,
        "safetensors" => tensors::read(path, column)?,
        #[cfg(feature = "parquet")]
        "parquet" | "pq" => return parquet::read(path, asked, parts),
        #[cfg(not(feature = "parquet"))]
        "parquet" | "pq" => return Err(crate::parquet::not_built(path)),
        "csv" | "tsv" | "txt" | "item" => return text::read(path, asked, parts),
        "json" | "jsonl" | "ndjson" => return json::read(path, asked, parts),
        _ => {
            let found = way_from(path)
                .map_or("another ending".to_owned(), |way| format!("another ending: convert it by {way}"));
            return Err(file_error(
                path,
                "features as .npy, .npz, .safetensors, .parquet, .csv, .tsv, .jsonl, or a folder of them",
                found,
            ));
        }
    };
    let (ids, notes) = match ids {
        Some(ids) => ids,
        None => sidecar::read(path)?,
    };
    if ids.len() != rows.nrows() {
        let more = if ids.len() == rows.nrows() + 1 { " (is the first line a header?)" } else { "" };
        return Err(file_error(path, format!("{} ids, one per row", rows.nrows()), format!("{} ids{more}", ids.len())));
    }
    let mut all = Rows::new(path, false, "its row".to_owned());
    all.notes = notes;
    for (row, (id, numbers)) in ids.iter().zip(rows.rows()).enumerate() {
        all.push(row as u64, Some(id), Vector::Numbers(numbers.as_slice().expect("rows are contiguous")), None);
    }
    all.finish().map(Content::Vectors)
}

/// The reader knows rows only; a row that is not finite gets its item's name here.
fn read_npy(path: &Path) -> Result<Array2<f32>, FormatError> {
    read_npy_f32(path).map_err(|error| {
        if let DataError::Npy { problem: NpyProblem::NotFinite { first, bad, .. }, .. } = &error
            && let Ok((ids, _)) = sidecar::read(path)
        {
            let mut faults = Faults::default();
            for at in 0..*bad {
                let row = first.get(at).copied();
                let id = row.and_then(|row| ids.get(row)).map_or("", String::as_str);
                let place = crate::Place::Row(row.unwrap_or(0) as u64);
                faults.add(place, || {
                    format!(
                        "NaN, infinity or a number beyond 32-bit range for item {}",
                        anchorrec_files::Excerpt::of(id)
                    )
                });
            }
            let checked = faults.check(path, "finite numbers", "replace them, or leave those rows out");
            return checked.err().unwrap_or_else(|| error.into());
        }
        error.into()
    })
}
