//! Item-to-item weights `B` `[I, I]`: the scores for a user with the items `T` are `s_j = Σ_{i ∈ T} B_ij`, summed in the order of `T`.

use crate::FoldIn;
use anchorrec_kernels::Real;
use ndarray::Array2;

/// Every weight.
#[derive(Clone, Debug)]
pub struct DenseWeights {
    /// The matrix `B` `[I, I]`.
    pub weights: Array2<f64>,
}

impl FoldIn for DenseWeights {
    fn items(&self) -> usize {
        self.weights.nrows()
    }

    fn scores_into(&self, taken: &[u32], scores: &mut [f64]) {
        assert_eq!(scores.len(), self.items(), "a score for each item");
        scores.fill(0.0);
        for &item in taken {
            let row = self.weights.row(item as usize);
            scores.iter_mut().zip(row).for_each(|(score, weight)| *score += weight);
        }
    }
}

/// The weights that are not zero, by row.
#[derive(Clone, Debug)]
pub struct SparseWeights {
    offsets: Vec<usize>,
    entries: Vec<(u32, f64)>,
}

impl SparseWeights {
    /// Turns the columns of `B` into its rows: column `j` holds `(i, B_ij)`, in any order of `i`.
    ///
    /// # Panics
    /// When an `i` is not below the number of columns.
    pub fn of_columns(columns: &[Vec<(u32, f64)>]) -> Self {
        let mut offsets = vec![0; columns.len() + 1];
        columns.iter().flatten().for_each(|&(i, _)| offsets[i as usize + 1] += 1);
        (0..columns.len()).for_each(|i| offsets[i + 1] += offsets[i]);
        let (mut next, mut entries) = (offsets.clone(), vec![(0, 0.0); offsets[columns.len()]]);
        for (j, column) in columns.iter().enumerate() {
            for &(i, weight) in column {
                entries[next[i as usize]] = (j as u32, weight);
                next[i as usize] += 1;
            }
        }
        SparseWeights { offsets, entries }
    }

    /// Returns `(j, B_ij)` of the weights in row `item`, `j` ascending.
    ///
    /// # Panics
    /// When there is no such item.
    pub fn of(&self, item: u32) -> &[(u32, f64)] {
        &self.entries[self.offsets[item as usize]..self.offsets[item as usize + 1]]
    }

    /// Returns the number of weights.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether there is no weight at all.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl FoldIn for SparseWeights {
    fn items(&self) -> usize {
        self.offsets.len() - 1
    }

    fn scores_into(&self, taken: &[u32], scores: &mut [f64]) {
        assert_eq!(scores.len(), self.items(), "a score for each item");
        scores.fill(0.0);
        for &item in taken {
            for &(other, weight) in self.of(item) {
                scores[other as usize] += weight;
            }
        }
    }
}

/// The `k` largest of `(item, weight)`, largest first, ties to the lower item.
pub(crate) fn largest<F: Real>(mut candidates: Vec<(u32, F)>, k: usize) -> Vec<(u32, F)> {
    let before = |a: &(u32, F), b: &(u32, F)| b.1.total_order(&a.1).then(a.0.cmp(&b.0));
    if candidates.len() > k {
        if k == 0 {
            return Vec::new();
        }
        candidates.select_nth_unstable_by(k - 1, before);
        candidates.truncate(k);
    }
    candidates.sort_unstable_by(before);
    candidates
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn sparse_scores_are_those_of_the_dense_matrix() {
        let columns = [vec![(2, 3.0), (1, 2.0)], vec![], vec![(0, -5.0)]];
        let (sparse, dense) = (
            SparseWeights::of_columns(&columns),
            DenseWeights { weights: array![[0.0, 0.0, -5.0], [2.0, 0.0, 0.0], [3.0, 0.0, 0.0]] },
        );
        assert_eq!((sparse.of(0), sparse.of(1), sparse.len()), (&[(2, -5.0)][..], &[(0, 2.0)][..], 3));
        for taken in [&[][..], &[0], &[1, 2], &[0, 1, 2]] {
            assert_eq!(sparse.scores(taken), dense.scores(taken), "{taken:?}");
        }
        assert_eq!(sparse.scores(&[1, 2]), [2.0 + 3.0, 0.0, 0.0]);
    }

    #[test]
    fn the_largest_with_ties_to_the_lower_item() {
        let candidates = vec![(3, 1.0), (1, 2.0), (2, 1.0), (0, 0.5)];
        assert_eq!(largest(candidates.clone(), 2), [(1, 2.0), (2, 1.0)]);
        assert_eq!(largest(candidates.clone(), 9).len(), 4);
        assert_eq!(largest(candidates, 0), []);
    }
}
