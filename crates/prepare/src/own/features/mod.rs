//! Item features by item id.
//!
//! | file | rows | their ids |
//! |---|---|---|
//! | `.npy` | `[n, width]` of `f16`, `f32` or `f64` | the sidecar |
//! | `.safetensors` | the tensor `features`, or the only one with two dimensions: `[n, width]` of `F16`, `BF16`, `F32` or `F64` | `ids` in the header's `__metadata__`: a JSON list of strings; else the sidecar |
//! | `.parquet` | one column of lists of floats; without one, all columns of floats | the column of items (`item_id`, ...), or `id` |
//!
//! The sidecar of `text_feat.npy` is `text_feat.ids.txt`, an id per line in the order of the rows, or `text_feat.ids.csv` with a column
//! of items. What kind of features a file holds is said by an option or by a word in its name: `text` or `title`; `image`, `img`,
//! `vision` or `visual`; `mm`, `multimodal` or `fused`.

mod sidecar;
mod tensors;

use super::columns::{self, ITEM};
use super::detect::{extension, files};
use super::error::{OwnError, file_error};
use super::parquet::{Table, row_problem};
use anchorrec_data::error::{Excerpt, NpyProblem};
use anchorrec_data::{DataError, Modality, read_npy_f32};
use ndarray::{Array1, Array2, Axis};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The features of a file, by item id.
#[derive(Clone, Debug)]
pub struct ItemFeatures {
    /// What they describe.
    pub modality: Modality,
    /// The file.
    pub path: PathBuf,
    /// An item id for each row.
    pub ids: Vec<String>,
    /// `[n, width]`, all finite.
    pub rows: Array2<f32>,
}

/// Features brought into the order of a set's items.
#[derive(Clone, Debug)]
pub struct Matched {
    /// `[items, width]`.
    pub matrix: Array2<f32>,
    /// Items without a row, which have the mean of the others.
    pub missing: Vec<usize>,
}

/// Which items have a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The row of each item.
    pub row: Vec<Option<usize>>,
    /// Rows of items that are not in the set.
    pub unknown: Vec<usize>,
}

impl ItemFeatures {
    /// Looks each item up.
    pub fn coverage<'a>(&self, items: impl Iterator<Item = &'a str>) -> Coverage {
        let by_id: HashMap<&str, usize> = self.ids.iter().enumerate().map(|(row, id)| (id.as_str(), row)).collect();
        let row: Vec<Option<usize>> = items.map(|item| by_id.get(item).copied()).collect();
        let mut known = vec![false; self.ids.len()];
        row.iter().flatten().for_each(|&row| known[row] = true);
        Coverage { row, unknown: (0..known.len()).filter(|&row| !known[row]).collect() }
    }

    /// A row for each item: its own, or the mean of those that the other items of the set have (zeros when none has one).
    pub fn matched<'a>(&self, items: impl Iterator<Item = &'a str>) -> Matched {
        let row = self.coverage(items).row;
        let width = self.rows.ncols();
        let mut sum = Array1::<f64>::zeros(width);
        row.iter().flatten().for_each(|&row| sum.zip_mut_with(&self.rows.row(row), |s, &x| *s += f64::from(x)));
        let count = row.iter().flatten().count().max(1) as f64;
        let mean = sum.mapv(|s| (s / count) as f32);
        let mut matrix = Array2::zeros((row.len(), width));
        for (mut out, row) in matrix.axis_iter_mut(Axis(0)).zip(&row) {
            match row {
                Some(row) => out.assign(&self.rows.row(*row)),
                None => out.assign(&mean),
            }
        }
        Matched { matrix, missing: (0..row.len()).filter(|&item| row[item].is_none()).collect() }
    }
}

/// Reads the feature files of a folder, or those that were named.
///
/// # Errors
/// When two files claim one kind, or one cannot be read, has no ids, or breaks a rule.
pub(crate) fn read(
    dir: &Path,
    interactions: &Path,
    named: &[(Modality, PathBuf)],
) -> Result<Vec<ItemFeatures>, OwnError> {
    let mut all = Vec::new();
    let files = files(dir)?;
    for modality in Modality::ALL {
        if let Some((_, path)) = named.iter().find(|(kind, _)| *kind == modality) {
            all.push(read_file(path, modality)?);
            continue;
        }
        let fits = |path: &&PathBuf| path.as_path() != interactions && modality_of(path) == Some(modality);
        let found: Vec<&PathBuf> = files.iter().filter(fits).collect();
        match found[..] {
            [] => {}
            [path] => all.push(read_file(path, modality)?),
            [first, second, ..] => {
                let found = format!("{} and {}", first.display(), second.display());
                let option = if modality == Modality::Vision { "image".to_owned() } else { modality.to_string() };
                return Err(file_error(
                    dir,
                    format!("one file of {modality} features (choose one with --{option})"),
                    found,
                ));
            }
        }
    }
    Ok(all)
}

/// What a file's name says that it holds.
fn modality_of(path: &Path) -> Option<Modality> {
    if !["npy", "safetensors", "parquet", "pq"].contains(&extension(path).as_str()) {
        return None;
    }
    let stem = path.file_stem()?.to_string_lossy().to_lowercase();
    let mut words = stem.split(|c: char| !c.is_alphanumeric());
    words.find_map(|word| match word {
        "text" | "title" => Some(Modality::Text),
        "image" | "img" | "vision" | "visual" => Some(Modality::Vision),
        "mm" | "multimodal" | "fused" => Some(Modality::Mm),
        _ => None,
    })
}

/// Reads one file and its ids, and checks both.
fn read_file(path: &Path, modality: Modality) -> Result<ItemFeatures, OwnError> {
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
    Ok(ItemFeatures { modality, path: path.to_owned(), ids, rows })
}

/// The reader knows rows only; a row that is not finite gets its item's name here.
fn read_npy(path: &Path) -> Result<Array2<f32>, OwnError> {
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

fn not_finite(path: &Path, row: usize, id: &str) -> OwnError {
    row_problem(path, row, "finite numbers", format!("NaN, infinity or null for item {}", Excerpt::of(id)))
}

fn read_parquet(path: &Path) -> Result<(Vec<String>, Array2<f32>), OwnError> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn an_item_without_a_row_gets_the_mean_of_the_others_in_the_set() {
        let rows = array![[100.0, 100.0], [1.0, 2.0], [3.0, 6.0]];
        let ids = ["unknown", "b", "a"].map(str::to_owned).to_vec();
        let features = ItemFeatures { modality: Modality::Text, path: PathBuf::new(), ids, rows };
        let matched = features.matched(["a", "none", "b"].into_iter());
        assert_eq!(matched.matrix, array![[3.0, 6.0], [2.0, 4.0], [1.0, 2.0]]);
        assert_eq!(matched.missing, [1]);
        let coverage = features.coverage(["a", "none", "b"].into_iter());
        assert_eq!(coverage, Coverage { row: vec![Some(2), None, Some(1)], unknown: vec![0] });
    }

    #[test]
    fn names_say_what_they_hold() {
        let of = |name: &str| modality_of(Path::new(name));
        assert_eq!(of("text_feat.npy"), Some(Modality::Text));
        assert_eq!(of("my-IMG.Parquet"), Some(Modality::Vision));
        assert_eq!(of("mm.safetensors"), Some(Modality::Mm));
        assert_eq!([of("context.npy"), of("text.csv")], [None, None]);
    }
}
