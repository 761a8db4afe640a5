//! Item kNN (Sarwar et al., WWW 2001; with shrinkage as in Bell and Koren, ICDM 2007): an item is recommended to those who took items like it.
//!
//! `c_ij` counts the users who took both, `n_i` those who took `i`. The cosine of the two columns of `R`, shrunk towards zero where it rests on few users:
//!
//! `sim_ij = c_ij / (√(n_i n_j) + s)`, `i ≠ j`
//!
//! `B_ij = sim_ij` where `i` is among the `k` items most similar to `j` (ties to the lower item; only items with `c_ij > 0`), else 0. Scores are the plain
//! sums `s_j = Σ_{i ∈ T} B_ij`: with implicit feedback there is no rating to average.
//!
//! Cost: `Σ_u n_u²` additions, `k I` weights.

use crate::co_occurrence::CountRow;
use crate::weights::largest;
use crate::{SparseWeights, Taken};
use rayon::prelude::*;

/// Settings of item kNN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KnnSettings {
    /// `k`, how many neighbours an item keeps. More than there are: all of them.
    pub neighbours: usize,
    /// `s`, the shrinkage; not negative.
    pub shrinkage: f64,
}

/// Computes the weights.
///
/// # Panics
/// When the shrinkage is negative or not finite.
///
/// ```
/// use anchorrec_closed_forms::{FoldIn, KnnSettings, Taken, item_knn};
///
/// // Items 0 and 1 were taken by the same two users, item 2 by one of them.
/// let taken = Taken::new(2, 3, [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2)]);
/// let knn = item_knn(&taken, KnnSettings { neighbours: 2, shrinkage: 0.0 });
/// // For a user with item 0: 2 / √(2 · 2) and 1 / √(2 · 1).
/// assert_eq!(knn.scores(&[0]), [0.0, 1.0, 1.0 / 2f64.sqrt()]);
/// ```
pub fn item_knn(taken: &Taken, settings: KnnSettings) -> SparseWeights {
    SparseWeights::of_columns(&most_similar(taken, settings))
}

/// The neighbours of every item with their similarities, most similar first.
pub(crate) fn most_similar(taken: &Taken, settings: KnnSettings) -> Vec<Vec<(u32, f64)>> {
    let KnnSettings { neighbours, shrinkage } = settings;
    assert!(shrinkage >= 0.0 && shrinkage.is_finite(), "item_knn: a shrinkage of {shrinkage}");
    let users = |item: u32| taken.by_item(item).len() as f64;
    let of = |row: &mut CountRow, item: u32| {
        let similarity =
            |(other, both): (u32, u32)| (other, f64::from(both) / ((users(item) * users(other)).sqrt() + shrinkage));
        largest(row.others(taken, item).map(similarity).collect(), neighbours)
    };
    let items = taken.items();
    (0..items as u32).into_par_iter().map_init(|| CountRow::new(items), of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FoldIn;

    /// Items 0 and 1 together three times, 0 and 2 once, 2 and 3 once; nobody took 4.
    fn taken() -> Taken {
        Taken::new(4, 5, [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1), (2, 2), (3, 2), (3, 3)])
    }

    #[test]
    fn solved_by_hand() {
        let knn = item_knn(&taken(), KnnSettings { neighbours: 4, shrinkage: 1.0 });
        let root6 = 6f64.sqrt();
        // Item 0 was taken by three users, item 1 by three, item 2 by two, item 3 by one.
        assert_eq!(knn.of(0), [(1, 3.0 / (3.0 + 1.0)), (2, 1.0 / (root6 + 1.0))]);
        assert_eq!(knn.of(3), [(2, 1.0 / (2f64.sqrt() + 1.0))]);
        assert_eq!(knn.of(4), []);
        assert_eq!(knn.scores(&[0, 3])[2], 1.0 / (root6 + 1.0) + 1.0 / (2f64.sqrt() + 1.0));
        assert_eq!(knn.scores(&[4]), [0.0; 5]);
        assert_eq!(knn.scores(&[]), [0.0; 5]);
    }

    #[test]
    fn an_item_keeps_its_most_similar_neighbours_not_those_it_is_similar_to() {
        let knn = item_knn(&taken(), KnnSettings { neighbours: 1, shrinkage: 0.0 });
        // Item 2 is most like item 3; item 0 most like item 1, and both keep one.
        assert_eq!((knn.of(0), knn.of(1)), (&[(1, 1.0)][..], &[(0, 1.0)][..]));
        assert_eq!((knn.of(2).len(), knn.of(3)), (1, &[(2, 1.0 / 2f64.sqrt())][..]));
        assert!(item_knn(&taken(), KnnSettings { neighbours: 0, shrinkage: 0.0 }).is_empty());
    }
}
