//! Features from a `.npz` file: numpy's arrays in a ZIP archive.
//!
//! The array that was named, `features`, or the only one of floating point with two dimensions; its ids are the array `ids`, `item_ids`,
//! `item_id`, ..., or the only one of texts or whole numbers in one dimension; without one they are in a file beside it.
//!
//! **Bounds.** An array that unpacks to more than 64 MiB and 1,200 times its packed length is refused, which deflating cannot reach.

use super::content::Matrix;
use super::said::floating;
use super::sidecar;
use crate::columns::ITEM;
use crate::error::{FormatError, file_error, io_error};
use crate::extension;
use crate::open;
use anchorrec_data::{DataError, NpyArray};
use anchorrec_files::few;
use anchorrec_files::shown::one_line;
use ndarray::Array2;
use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use zip::ZipArchive;
use zip::result::ZipError;

/// What is known of an array before its elements are read.
struct Entry {
    place: usize,
    name: String,
    dtype: String,
    shape: Vec<u64>,
    is_float: bool,
    is_ids: bool,
}

/// An archive whose arrays are known and not read.
struct Arrays {
    archive: ZipArchive<BufReader<File>>,
    entries: Vec<Entry>,
    /// Why one of them is unknown.
    refused: Option<DataError>,
}

impl Arrays {
    fn of(path: &Path) -> Result<Self, FormatError> {
        let file = File::open(path).map_err(io_error(path, "read"))?;
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| wrong(path, &error))?;
        let mut entries = Vec::new();
        let mut refused = None;
        for place in 0..archive.len() {
            let entry = archive.by_index(place).map_err(|error| wrong(path, &error))?;
            let inner = entry.name().map_err(|error| wrong(path, &error))?.into_owned();
            if extension(Path::new(&inner)) != "npy" {
                continue;
            }
            let name = inner[..inner.len() - 4].to_owned();
            let (packed, size) = (entry.compressed_size(), entry.size());
            if size > open::most(packed) {
                return Err(file_error(
                    path,
                    format!("the array {name:?} to be honest"),
                    format!("{packed} bytes that unpack to {size}"),
                ));
            }
            match NpyArray::open(&within(path, &inner), entry, size) {
                Ok(array) => entries.push(Entry {
                    place,
                    name,
                    dtype: array.dtype().to_owned(),
                    shape: array.shape().to_vec(),
                    is_float: array.is_float(),
                    is_ids: array.is_ids(),
                }),
                // Objects beside a matrix of numbers are nobody's business.
                Err(error) => refused = Some(error),
            }
        }
        Ok(Arrays { archive, entries, refused })
    }

    /// Opens an array.
    fn open(&mut self, path: &Path, place: usize) -> Result<NpyArray<Cursor<Vec<u8>>>, FormatError> {
        let entry = self.archive.by_index(place).map_err(|error| wrong(path, &error))?;
        let (size, inner) = (entry.size(), within(path, &entry.name().map_err(|error| wrong(path, &error))?));
        let mut bytes = Vec::new();
        entry.take(size).read_to_end(&mut bytes).map_err(io_error(path, "unpack"))?;
        Ok(NpyArray::open(&inner, Cursor::new(bytes), size)?)
    }
}

/// The numbers of the only array of floating point, and its shape.
pub(super) fn single(path: &Path) -> Result<(Vec<f32>, Vec<u64>), FormatError> {
    let mut arrays = Arrays::of(path)?;
    let floats: Vec<usize> = (0..arrays.entries.len()).filter(|&at| arrays.entries[at].is_float).collect();
    let [at] = floats[..] else {
        let found = format!("{} of them", floats.len());
        return Err(match arrays.refused {
            Some(error) if floats.is_empty() => error.into(),
            _ => file_error(path, "one array of f16, f32 or f64", found),
        });
    };
    let (place, shape) = (arrays.entries[at].place, arrays.entries[at].shape.clone());
    Ok((arrays.open(path, place)?.floats()?, shape))
}

/// The rows, and their ids if the archive has them.
pub(super) fn read(path: &Path, name: Option<&str>) -> Result<Matrix, FormatError> {
    let mut arrays = Arrays::of(path)?;
    let mut refused = arrays.refused.take();
    let entries = &arrays.entries;
    let features = features(path, entries, name, &mut refused)?;
    let (rows, cols) = match features.shape[..] {
        [rows, cols] => (rows as usize, cols as usize),
        _ => {
            let found = format!("the shape {:?}", features.shape);
            return Err(file_error(path, format!("two dimensions of the array {:?}", features.name), found));
        }
    };
    let ids = ids(entries, features).map(|entry| (entry.place, entry.is_float));
    let place = features.place;
    let numbers = arrays.open(path, place)?.floats()?;
    let matrix = Array2::from_shape_vec((rows, cols), numbers)
        .map_err(|error| file_error(path, format!("{rows} x {cols} numbers"), error.to_string()))?;
    let Some((place, from_floats)) = ids else {
        // Ids that are objects, and none beside the archive.
        return match refused.filter(|_| !sidecar::is_there(path)) {
            Some(error) => Err(error.into()),
            None => Ok(Matrix { ids: None, rows: matrix }),
        };
    };
    let (ids, mut notes) = sidecar::checked(path, arrays.open(path, place)?.ids()?)?;
    notes.extend(from_floats.then(|| floating(path)));
    Ok(Matrix { ids: Some((ids, notes)), rows: matrix })
}

/// An entry as errors name it. Its name comes from the archive, so that a line end or a root in it is one of anybody's choice.
fn within(path: &Path, name: &str) -> PathBuf {
    path.join(one_line(name.trim_start_matches('/')))
}

fn wrong(path: &Path, error: &ZipError) -> FormatError {
    file_error(path, "a .npz file (numpy.savez)", one_line(&error.to_string()))
}

/// The array of features.
fn features<'a>(
    path: &Path,
    entries: &'a [Entry],
    name: Option<&str>,
    refused: &mut Option<DataError>,
) -> Result<&'a Entry, FormatError> {
    let all = || {
        let all: Vec<String> =
            entries.iter().map(|entry| format!("{} ({} {:?})", entry.name, entry.dtype, entry.shape)).collect();
        format!("the arrays {}", few(&all, all.len()))
    };
    if let Some(name) = name {
        let found = entries.iter().find(|entry| entry.name == name);
        return found.ok_or_else(|| file_error(path, format!("the array {name:?}"), all()));
    }
    let matrices: Vec<&Entry> = entries.iter().filter(|entry| entry.is_float && entry.shape.len() == 2).collect();
    match (entries.iter().find(|entry| entry.name == "features"), &matrices[..]) {
        (Some(entry), _) => Ok(entry),
        (None, [entry]) => Ok(entry),
        (None, matrices) => {
            if let (true, Some(error)) = (matrices.is_empty(), refused.take()) {
                return Err(error.into());
            }
            let names: Vec<String> =
                matrices.iter().map(|entry| format!("{}:{}", path.display(), entry.name)).collect();
            let choose = if names.is_empty() {
                String::new()
            } else {
                format!("; choose by --text, --image or --mm, such as {}", few(&names, names.len()))
            };
            Err(file_error(path, format!("one array of f16, f32 or f64 with two dimensions{choose}"), all()))
        }
    }
}

/// The array of ids.
fn ids<'a>(entries: &'a [Entry], features: &Entry) -> Option<&'a Entry> {
    let fits = |entry: &&Entry| entry.shape.len() == 1 && entry.shape.first() == features.shape.first();
    let plain = |name: &str| name.to_lowercase().replace(['_', '-'], "");
    let known = |entry: &&Entry| {
        let name = plain(&entry.name);
        let name = name.strip_suffix('s').unwrap_or(&name);
        ITEM.contains(&name) || name == "id"
    };
    let candidates: Vec<&Entry> = entries.iter().filter(fits).collect();
    let listed: Vec<&&Entry> = candidates.iter().filter(|entry| entry.is_ids).collect();
    match (candidates.iter().find(|entry| known(entry)), &listed[..]) {
        (Some(entry), _) => Some(entry),
        (None, [entry]) => Some(entry),
        _ => None,
    }
}
