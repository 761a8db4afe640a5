//! Features by item id, and in the order of a set's items.

use super::ids;
use anchorrec_data::Modality;
use anchorrec_formats::features::FeatureTable;
use anchorrec_formats::whole::whole;
use ndarray::{Array1, Array2, Axis};
use std::collections::HashMap;
use std::path::PathBuf;

/// The features of a file, by item id.
#[derive(Clone, Debug)]
pub struct ItemFeatures {
    /// The kind of features.
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
    /// Items whose id is a whole number that the row writes in another way: 31 and 31.0.
    pub rewritten: Vec<usize>,
}

impl ItemFeatures {
    pub(crate) fn of(modality: Modality, table: FeatureTable) -> Self {
        let FeatureTable { path, ids, rows, .. } = table;
        ItemFeatures { modality, path, ids, rows }
    }

    /// Looks each item up: by its id, else by the whole number that it is.
    pub fn coverage<'a>(&self, items: impl Iterator<Item = &'a str>) -> Coverage {
        let by_id: HashMap<&str, usize> = self.ids.iter().enumerate().map(|(row, id)| (id.as_str(), row)).collect();
        let items: Vec<&str> = items.collect();
        let mut row: Vec<Option<usize>> = items.iter().map(|item| by_id.get(item).copied()).collect();
        let mut known = vec![false; self.ids.len()];
        row.iter().flatten().for_each(|&row| known[row] = true);
        let mut rewritten = Vec::new();
        if row.iter().any(Option::is_none) && known.iter().any(|known| !known) {
            let rest = (0..known.len()).filter(|&row| !known[row]);
            let by_number = ids::by_number(rest.map(|row| (self.ids[row].as_str(), row)));
            for (item, found) in row.iter_mut().enumerate().filter(|(_, found)| found.is_none()) {
                let Some(&same) = whole(items[item]).and_then(|number| by_number.get(&number)) else { continue };
                // Two items that are one number: who of them is meant nobody knows.
                if !std::mem::replace(&mut known[same], true) {
                    *found = Some(same);
                    rewritten.push(item);
                }
            }
        }
        Coverage { row, unknown: (0..known.len()).filter(|&row| !known[row]).collect(), rewritten }
    }

    /// Makes a row for each item: its own, or the mean of those that the other items of the set have (zeros when none has one).
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
        assert_eq!(coverage, Coverage { row: vec![Some(2), None, Some(1)], unknown: vec![0], rewritten: vec![] });
    }

    #[test]
    fn a_whole_number_is_one_number_however_it_is_written() {
        let of = |ids: &[&str]| ItemFeatures {
            modality: Modality::Text,
            path: PathBuf::new(),
            ids: ids.iter().map(|id| (*id).to_owned()).collect(),
            rows: Array2::zeros((ids.len(), 1)),
        };
        let coverage = of(&["31.0", "1.450000000000000000e+02", "7", "07"]).coverage(["31", "145", "7"].into_iter());
        assert_eq!((coverage.row, coverage.unknown), (vec![Some(0), Some(1), Some(2)], vec![3]));
        assert_eq!(coverage.rewritten, [0, 1]);
        assert_eq!(of(&["31"]).coverage(["31.0"].into_iter()).row, [Some(0)]);
        // Leading zeros are part of an id, and what is written alike comes first.
        assert_eq!(of(&["1"]).coverage(["01"].into_iter()).row, [None]);
        assert_eq!(of(&["31", "31.0"]).coverage(["31"].into_iter()).unknown, [1]);
        // Which of two is meant is not guessed.
        assert_eq!(of(&["31.0", "31.00"]).coverage(["31"].into_iter()).row, [None]);
    }
}
