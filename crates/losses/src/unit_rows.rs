//! Rows divided by their lengths, the form in which cosines are products: `x̂_r = x_r / ‖x_r‖`, `[n, D]`.
//!
//! Backward, with `g_r` the gradient of `x̂_r`: `d_r = (g_r - x̂_r (x̂_r · g_r)) / ‖x_r‖`.
//!
//! What has no length needs a rule, and there are two:
//!
//! - [`UnitRows::new`], for cosines: a row shorter than `1e-8` has no direction, `x̂_r = 0`, so its cosine with anything is 0, and no gradient
//!   reaches it. (torch's cosine divides such a row by the bound instead, which also gives cosine 0 at 0, but with a gradient of up to `1e8` there.)
//! - [`UnitRows::floored`], for tables that are divided by their lengths: `x̂_r = x_r / max(‖x_r‖, floor)`, as torch's `normalize` has it with a floor
//!   of `1e-12`. Below the floor the length is a constant, so `d_r = g_r / floor`; a row that is exactly 0 gets no gradient.

use anchorrec_kernels::{Real, rows::ROWS_PER_TASK, tasks};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

/// The bound torch's cosine similarity puts under a length.
const SHORTEST: f64 = 1e-8;

/// Unit rows, and what leads back to the rows they came from.
#[derive(Clone, Debug)]
pub struct UnitRows<F> {
    /// The unit rows `x̂`, `[n, D]`.
    pub rows: Array2<F>,
    /// What each row was multiplied by (`1 / ‖x_r‖`, `1 / floor`, or 0), and whether that was its length's inverse, so that its gradient loses what
    /// points along the row. `[n]`.
    factors: Array1<(F, bool)>,
}

impl<F: Real> UnitRows<F> {
    /// Divides the rows of `x` `[n, D]` by their lengths; a row shorter than `1e-8` becomes 0 and gets no gradient.
    ///
    /// ```
    /// use anchorrec_losses::UnitRows;
    /// use ndarray::array;
    ///
    /// assert_eq!(UnitRows::new(array![[0.0, 4.0], [0.0, 0.0]].view()).rows, array![[0.0, 1.0], [0.0, 0.0]]);
    /// ```
    pub fn new(x: ArrayView2<F>) -> Self {
        // Not the other way round: a NaN must stay one.
        let inverse = |length: F| if length < F::of(SHORTEST) { F::zero() } else { length.recip() };
        Self::by(x, |_, length| (inverse(length), true))
    }

    /// Divides the rows of `x` `[n, D]` by their lengths, or by `floor` where they are shorter.
    ///
    /// ```
    /// use anchorrec_losses::UnitRows;
    /// use ndarray::array;
    ///
    /// let unit = UnitRows::floored(array![[0.0, 4.0], [0.25, 0.0]].view(), 0.5);
    /// assert_eq!(unit.rows, array![[0.0, 1.0], [0.25 / 0.5, 0.0]]);
    /// // Along a row of length 1 nothing changes; below the floor all of the gradient passes, divided by it.
    /// assert_eq!(unit.backward(array![[3.0, 5.0], [3.0, 5.0]]), array![[3.0 / 4.0, 0.0], [3.0 / 0.5, 5.0 / 0.5]]);
    /// ```
    pub fn floored(x: ArrayView2<F>, floor: F) -> Self {
        Self::by(x, |row, length| match length {
            short if short < floor && row.iter().all(|&x| x == F::zero()) => (F::zero(), false),
            short if short < floor => (floor.recip(), false),
            length => (length.recip(), true),
        })
    }

    /// `factor` says of a row and its length what to multiply by, and whether that is the inverse of the length.
    fn by(x: ArrayView2<F>, factor: impl Fn(ArrayView1<F>, F) -> (F, bool) + Sync) -> Self {
        let mut rows = x.as_standard_layout().into_owned();
        let mut factors = Array1::from_elem(x.nrows(), (F::zero(), true));
        let blocks =
            rows.axis_chunks_iter_mut(Axis(0), ROWS_PER_TASK).zip(factors.axis_chunks_iter_mut(Axis(0), ROWS_PER_TASK));
        tasks::each(blocks, |(mut rows, mut factors)| {
            for (mut row, place) in rows.rows_mut().into_iter().zip(&mut factors) {
                *place = factor(row.view(), row.dot(&row).sqrt());
                let factor = place.0;
                row.mapv_inplace(|x| x * factor);
            }
        });
        UnitRows { rows, factors }
    }

    /// Returns the gradient of the rows from `d` `[n, D]`, that of the unit rows.
    ///
    /// # Panics
    /// When `d` has not the shape of the rows.
    ///
    /// ```
    /// use anchorrec_losses::UnitRows;
    /// use ndarray::array;
    ///
    /// let unit = UnitRows::new(array![[0.0, 4.0]].view());
    /// assert_eq!(unit.backward(array![[3.0, 5.0]]), array![[3.0 / 4.0, 0.0]]);
    /// ```
    pub fn backward(&self, mut d: Array2<F>) -> Array2<F> {
        assert_eq!(d.dim(), self.rows.dim(), "unit rows: a gradient of their shape");
        let blocks = d
            .axis_chunks_iter_mut(Axis(0), ROWS_PER_TASK)
            .zip(self.rows.axis_chunks_iter(Axis(0), ROWS_PER_TASK))
            .zip(self.factors.axis_chunks_iter(Axis(0), ROWS_PER_TASK));
        tasks::each(blocks, |((mut d, rows), factors)| {
            for ((mut d, row), &(factor, by_length)) in d.rows_mut().into_iter().zip(rows.rows()).zip(&factors) {
                let along = if by_length { row.dot(&d) } else { F::zero() };
                d.zip_mut_with(&row, |d, &x| *d = (*d - x * along) * factor);
            }
        });
        d
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_close, assert_gradient, random};
    use ndarray::array;

    #[test]
    fn a_row_has_length_one_or_no_direction() {
        let unit = UnitRows::new(array![[3.0, 4.0], [0.0, 0.0], [1e-9, 0.0], [0.0, -2.0]].view());
        let want = array![[3.0 / 5.0, 4.0 / 5.0], [0.0, 0.0], [0.0, 0.0], [0.0, -1.0]];
        assert_close("unit rows", unit.rows.view(), want.view(), 1e-15); // x * (1 / 5): two roundings
        let d = unit.backward(Array2::ones((4, 2)));
        assert!(d.slice(ndarray::s![1..3, ..]).iter().all(|&d| d == 0.0), "{d}");
    }

    #[test]
    fn gradients() {
        for (n, d) in [(1, 1), (1, 3), (5, 4), (300, 2)] {
            let mut rng = random::generator(n as u64);
            let x = random::matrix(n, d, &mut rng) + 1.5;
            let g = random::matrix(n, d, &mut rng);
            let back = UnitRows::new(x.view()).backward(g.clone());
            assert_gradient(&format!("{n} unit rows"), back.view(), x.view(), |x| (UnitRows::new(x).rows * &g).sum());
            // Some rows are shorter than the floor.
            let back = UnitRows::floored(x.view(), 1.5).backward(g.clone());
            let name = format!("{n} floored rows");
            assert_gradient(&name, back.view(), x.view(), |x| (UnitRows::floored(x, 1.5).rows * &g).sum());
        }
    }

    #[test]
    fn rows_below_the_floor_are_divided_by_it_however_small_they_are() {
        // In f32 the square of 1e-30 is 0: the row is not.
        let unit = UnitRows::floored(array![[1e-30f32, 0.0], [0.0, 0.0], [0.0, 2e-12]].view(), 1e-12);
        assert!((unit.rows[[0, 0]] / 1e-18 - 1.0).abs() < 1e-6, "{}", unit.rows);
        assert_eq!((unit.rows.row(1).to_vec(), unit.rows[[2, 1]]), (vec![0.0; 2], 1.0));
        let d = unit.backward(array![[1.0, 2.0], [1.0, 2.0], [0.0, 2.0]]);
        assert!((d[[0, 0]] / 1e12 - 1.0).abs() < 1e-6 && (d[[0, 1]] / 2e12 - 1.0).abs() < 1e-6, "{d}");
        assert_eq!((d.row(1).to_vec(), d[[2, 1]]), (vec![0.0; 2], 0.0));
    }
}
