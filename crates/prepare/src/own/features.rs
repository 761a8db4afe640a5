//! Item features of a folder, brought into the order of a set's items.
//!
//! What kind of features a file holds is said by an option or by a word in its name: `text` or `title`; `image`, `img`,
//! `vision` or `visual`; `mm`, `multimodal` or `fused`.

use anchorrec_data::Modality;
use anchorrec_formats::features::{self, FeatureTable, is_feature_file};
use anchorrec_formats::{FormatError, file_error, files};
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
    /// The features, `[items, width]`.
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
    interactions: &[&Path],
    named: &[(Modality, PathBuf)],
) -> Result<Vec<ItemFeatures>, FormatError> {
    let mut all = Vec::new();
    let files = files(dir)?;
    for modality in Modality::ALL {
        if let Some((_, path)) = named.iter().find(|(kind, _)| *kind == modality) {
            all.push(read_file(path, modality)?);
            continue;
        }
        let fits = |path: &&PathBuf| !interactions.contains(&path.as_path()) && modality_of(path) == Some(modality);
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
    if !is_feature_file(path) {
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

fn read_file(path: &Path, modality: Modality) -> Result<ItemFeatures, FormatError> {
    let FeatureTable { path, ids, rows } = features::read(path)?;
    Ok(ItemFeatures { modality, path, ids, rows })
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
