//! EASE (Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019, arXiv 1905.03375): every item explained by all others.
//!
//! `B` minimises `‖R - R B‖² + λ ‖B‖²` with `B_jj = 0`. With `P = (RᵀR + λ Id)⁻¹`
//!
//! `B_ij = -P_ij / P_jj` for `i ≠ j`
//!
//! Scores for a user with `T`: `s_j = Σ_{i ∈ T} B_ij`. An item without interactions has a column and a row of zeros.

use crate::RegularisedInverse;
use crate::weights::DenseWeights;
use ndarray::{Array1, Zip};

/// Computes the weights.
///
/// ```
/// use anchorrec_closed_forms::{FoldIn, RegularisedInverse, Taken, ease};
///
/// // Two items that one user took together: G = [[1, 1], [1, 1]].
/// let taken = Taken::new(1, 2, [(0, 0), (0, 1)]);
/// let inverse = RegularisedInverse::new(&taken, 1.0, 2)?;
/// // Item 1 from item 0 alone: the slope b of least (1 - b)² + b² is 1/2.
/// assert!((ease(&inverse).scores(&[0])[1] - 0.5).abs() < 1e-15);
/// # Ok::<(), anchorrec_closed_forms::Unsolvable>(())
/// ```
pub fn ease(inverse: &RegularisedInverse) -> DenseWeights {
    let mut weights = inverse.inverse.clone();
    let factors: Array1<f64> = weights.diag().mapv(|p| -1.0 / p);
    Zip::from(weights.rows_mut()).par_for_each(|mut row| row *= &factors);
    weights.diag_mut().fill(0.0);
    DenseWeights { weights }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FoldIn, MOST_ITEMS, Taken};

    /// Item 2 was taken with item 0 by one user of the three who took item 0; item 3 by nobody.
    #[test]
    fn solved_by_hand() {
        let taken = Taken::new(3, 4, [(0, 0), (1, 0), (2, 0), (2, 2)]);
        let inverse = RegularisedInverse::new(&taken, 2.0, MOST_ITEMS).unwrap();
        let weights = ease(&inverse).weights;
        // Column 2 from item 0: minimise Σ (R_u2 - b R_u0)² + 2 b², b = 1 / (3 + 2); column 0 from item 2: 1 / (1 + 2).
        assert!(
            (weights[[0, 2]] - 1.0 / 5.0).abs() < 1e-15 && (weights[[2, 0]] - 1.0 / 3.0).abs() < 1e-15,
            "{weights}"
        );
        for nobody in [1, 3] {
            assert!(weights.row(nobody).iter().chain(weights.column(nobody)).all(|&w| w == 0.0), "{weights}");
        }
        assert_eq!(ease(&inverse).scores(&[]), [0.0; 4]);
    }

    /// The least of the objective is where its gradient vanishes: `RᵀR B - RᵀR + λ B` off the diagonal.
    #[test]
    fn the_objective_is_least() {
        let pairs = (0..40u32).flat_map(|u| (0..12u32).filter(move |i| (u * 7 + i * 5) % 11 < 3).map(move |i| (u, i)));
        let taken = Taken::new(40, 12, pairs);
        let lambda = 0.7;
        let g = crate::co_occurrence::regularised(&taken, 0.0);
        let weights = ease(&RegularisedInverse::new(&taken, lambda, MOST_ITEMS).unwrap()).weights;
        let gradient = g.dot(&weights) - &g + &weights * lambda;
        let off = gradient.indexed_iter().filter(|((i, j), _)| i != j).fold(0.0, |most: f64, (_, g)| most.max(g.abs()));
        // Counts up to some ten in sums of twelve.
        assert!(off < 1e-12, "{off:e}");
        assert!(weights.iter().any(|w| w.abs() > 0.1));
    }
}
