//! The squared cosines of all pairs of items, kept to be summed over batches.
//!
//! `‖C_B‖² = Σ_{i,j in B} cos²(x_i, x_j)` is the norm of a batch's similarities. For features that do not change it costs a look at
//! `n²/2` numbers that the search for neighbours has already computed, instead of `n² F` operations a step.
//!
//! **Form.** `cos²` is between 0 and 1 and is kept in 16 bits, a multiple of `2^-16` (nearly: of `1/65,535`); the upper
//! triangle of all pairs: `I (I + 1)` bytes, 337 MB for 18,357 items. Sums are integers: exact, in any order. Rounding moves a `cos²` by at most
//! `7.7e-6` and the sum of `n²` of them, where the errors are independent, by `4.4e-6 n`: relative to the sum a few `1e-8` for
//! cosines of 0.3 and a batch of 2,048.

use crate::{Neighbours, knn::nearest_by_cosine_with};
use anchorrec_kernels::Real;
use ndarray::{ArrayBase, ArrayView2, Data, Ix2};
use rayon::prelude::*;

/// `cos²` of all pairs of items, in 16 bits each.
#[derive(Clone, Debug)]
pub struct CosineSquares {
    items: usize,
    /// Row `i` holds the pairs `(i, j)`, `j >= i`.
    upper: Vec<u16>,
}

impl CosineSquares {
    /// Returns the bytes that the squares of `items` items take: `items (items + 1)`.
    ///
    /// ```
    /// use anchorrec_graph::CosineSquares;
    /// assert_eq!(CosineSquares::bytes(18_357), 18_357 * 18_358);
    /// ```
    pub fn bytes(items: usize) -> usize {
        items * (items + 1)
    }

    /// Finds the neighbours of [`nearest_by_cosine`](crate::nearest_by_cosine) and the squares of all cosines, in one pass.
    ///
    /// # Panics
    /// When `k` is 0.
    ///
    /// ```
    /// use anchorrec_graph::{CosineSquares, nearest_by_cosine};
    /// use ndarray::array;
    ///
    /// let features = array![[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]];
    /// let (_, neighbours) = CosineSquares::with_neighbours(&features, 2);
    /// assert_eq!(neighbours.of(0), nearest_by_cosine(&features, 2).of(0));
    /// ```
    pub fn with_neighbours<F: Real>(features: &ArrayBase<impl Data<Elem = F>, Ix2>, k: usize) -> (Self, Neighbours<F>) {
        let items = features.nrows();
        let mut squares = CosineSquares { items, upper: vec![0; items * (items + 1) / 2] };
        let neighbours = nearest_by_cosine_with(features, k, |first, block| squares.keep(first, block));
        (squares, neighbours)
    }

    fn keep<F: Real>(&mut self, first: usize, block: ArrayView2<F>) {
        let range = self.start(first)..self.start(first + block.nrows());
        let mut rest = &mut self.upper[range];
        let mut rows = Vec::with_capacity(block.nrows());
        for (i, cosines) in block.rows().into_iter().enumerate() {
            let row;
            (row, rest) = rest.split_at_mut(self.items - first - i);
            rows.push((row, cosines.to_slice().expect("rows of the block are contiguous").split_at(i).1));
        }
        rows.into_par_iter().for_each(|(row, cosines)| {
            for (square, &cosine) in row.iter_mut().zip(cosines) {
                // Rounded; `as` keeps a cosine a rounding above 1 at 65,535.
                *square = (cosine * cosine * F::of(65_535.0) + F::of(0.5)).as_f64() as u16;
            }
        });
    }

    /// Where row `i` begins.
    fn start(&self, i: usize) -> usize {
        i * (2 * self.items - i + 1) / 2
    }

    /// Sums the squares over a batch that has item `a` `c_a` times: `Σ_a Σ_b c_a c_b cos²(items_a, items_b)`.
    ///
    /// # Panics
    /// When the items do not ascend, one is not there, or there is not a count for each.
    ///
    /// ```
    /// use anchorrec_graph::CosineSquares;
    /// use ndarray::array;
    ///
    /// // Two items at right angles; the batch has the first twice.
    /// let (squares, _) = CosineSquares::with_neighbours(&array![[1.0, 0.0], [0.0, 1.0]], 1);
    /// assert_eq!(squares.sum(&[0, 1], &[2, 1]), 2.0 * 2.0 + 1.0);
    /// ```
    pub fn sum(&self, items: &[u32], counts: &[u64]) -> f64 {
        assert_eq!(items.len(), counts.len(), "a count for each item");
        assert!(items.is_sorted_by(|a, b| a < b), "items ascend, each once");
        assert!(
            items.last().is_none_or(|&last| (last as usize) < self.items),
            "item {:?} of {}",
            items.last(),
            self.items
        );
        let row = |n: usize| {
            let item = items[n] as usize;
            let squares = &self.upper[self.start(item)..self.start(item + 1)];
            let later = items[n + 1..].iter().zip(&counts[n + 1..]);
            let others: u64 = later.map(|(&other, &count)| count * u64::from(squares[other as usize - item])).sum();
            counts[n] * (counts[n] * u64::from(squares[0]) + 2 * others)
        };
        let sum: u64 = (0..items.len()).into_par_iter().map(row).sum();
        sum as f64 / 65_535.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knn::BLOCK;
    use crate::nearest_by_cosine;
    use anchorrec_kernels::rows;
    use anchorrec_testkit::{assert_close_scalar, random};
    use ndarray::array;

    #[test]
    fn solved_by_hand() {
        let (squares, _) = CosineSquares::with_neighbours(&array![[2.0f32, 0.0], [0.0, 0.0], [3.0, 4.0]], 2);
        assert_eq!(squares.upper, [65_535, 0, 23_593, 0, 0, 65_535]);
        // 0.36 is 23,592.6 of 65,535. Item 0 three times, item 2 twice: 9 + 4 + 2 * 6 * 0.36, and 12 roundings of 0.4.
        assert_close_scalar("sum", squares.sum(&[0, 2], &[3, 2]), 13.0 + 12.0 * 23_593.0 / 65_535.0, 1e-15);
        assert_eq!(squares.sum(&[1], &[5]), 0.0);
    }

    #[test]
    fn sums_equal_those_of_the_cosines_and_the_neighbours_stay_the_same() {
        let features = random::matrix(2 * BLOCK + 77, 6, &mut random::generator(1)).mapv(|x| x as f32);
        let (squares, neighbours) = CosineSquares::with_neighbours(&features, 5);
        assert_eq!(neighbours, nearest_by_cosine(&features, 5));
        let items: Vec<u32> = (0..features.nrows() as u32).filter(|i| i % 3 != 1).collect();
        let counts: Vec<u64> = items.iter().map(|i| u64::from(i % 4) + 1).collect();
        let unit = rows::normalised(&features.mapv(f64::from));
        let cosines = unit.dot(&unit.t());
        let mut want = 0.0;
        for (&a, &c_a) in items.iter().zip(&counts) {
            for (&b, &c_b) in items.iter().zip(&counts) {
                want += (c_a * c_b) as f64 * cosines[[a as usize, b as usize]].powi(2);
            }
        }
        // Some 30,000 independent roundings of at most 7.7e-6, beside squares of a sixth.
        assert_close_scalar("sum", squares.sum(&items, &counts), want, 1e-6);
    }
}
