//! `P = (G + λ Id)⁻¹` with `G = RᵀR`: what EASE and L3AE are made of.
//!
//! By Cholesky, in `f64`. `I³` multiplications; two matrices of `I²` numbers while it is inverted, one afterwards.

use crate::error::{Unsolvable, above_zero};
use crate::{Cholesky, Taken, co_occurrence};
use ndarray::Array2;
use rayon::prelude::*;

/// The most items that are solved exactly by default: 6 GiB.
pub const MOST_ITEMS: usize = 20_000;

/// `P` and its `λ`.
#[derive(Clone, Debug)]
pub struct RegularisedInverse {
    /// `P` `[I, I]`, symmetric to the last bit.
    pub inverse: Array2<f64>,
    /// The strength `λ` of its regularisation.
    pub lambda: f64,
}

impl RegularisedInverse {
    /// Inverts the regularised matrix, if there are no more than `most_items` items.
    ///
    /// # Errors
    /// When there are more, `λ` is not above 0, or so small beside the counts that the factor fails.
    pub fn new(taken: &Taken, lambda: f64, most_items: usize) -> Result<Self, Unsolvable> {
        above_zero("lambda", lambda)?;
        if taken.items() > most_items {
            return Err(Unsolvable::TooManyItems { items: taken.items(), most: most_items });
        }
        let inverse = Cholesky::new(co_occurrence::regularised(taken, lambda))?.inverse();
        Ok(RegularisedInverse { inverse, lambda })
    }

    /// Returns the largest magnitude in `P (G + λ Id) - Id`: what is left of the equation that `P` solves. It costs `I` passes over the pairs, nothing
    /// beside the inverse.
    ///
    /// # Panics
    /// When `taken` has another number of items.
    pub fn residual(&self, taken: &Taken) -> f64 {
        let items = self.inverse.nrows();
        assert_eq!(taken.items(), items, "residual: the items of P and of R");
        let of_row = |item: usize| {
            let row = self.inverse.row(item);
            // (p Rᵀ) R, a user at a time.
            let mut left: Vec<f64> = row.iter().map(|p| p * self.lambda).collect();
            for user in 0..taken.users() as u32 {
                let list = taken.by_user(user);
                let sum: f64 = list.iter().map(|&other| row[other as usize]).sum();
                list.iter().for_each(|&other| left[other as usize] += sum);
            }
            left[item] -= 1.0;
            left.iter().fold(0.0, |most: f64, left| most.max(left.abs()))
        };
        (0..items).into_par_iter().map(of_row).reduce(|| 0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_residual_sees_what_is_wrong() {
        let taken = Taken::new(3, 4, [(0, 0), (0, 1), (1, 1), (1, 2), (2, 0), (2, 2)]);
        let mut solved = RegularisedInverse::new(&taken, 0.5, MOST_ITEMS).unwrap();
        assert!(solved.residual(&taken) < 1e-15, "{}", solved.residual(&taken));
        solved.inverse[[1, 2]] += 1e-6;
        // The wrong number meets the counts of item 2 and λ: at least 1e-6 · (2 + 0.5).
        assert!((2.4e-6..1e-5).contains(&solved.residual(&taken)), "{}", solved.residual(&taken));
    }

    #[test]
    fn too_many_items_and_no_regularisation_are_refused_with_a_reason() {
        let taken = Taken::new(1, 4, [(0, 0), (0, 1)]);
        let told = RegularisedInverse::new(&taken, 1.0, 3).unwrap_err().to_string();
        assert!(
            told.contains("4 items") && told.contains("16 x 4² bytes") && told.contains("the limit is 3 items"),
            "{told}"
        );
        for lambda in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let told = RegularisedInverse::new(&taken, lambda, 4).unwrap_err().to_string();
            assert!(told.contains("expected a finite number above 0"), "{told}");
        }
    }
}
