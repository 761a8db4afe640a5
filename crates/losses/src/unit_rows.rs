//! Rows divided by their lengths, the form in which cosines are products: `x̂_r = x_r / ‖x_r‖`, `[n, D]`.
//!
//! Backward, with `g_r` the gradient of `x̂_r`: `d_r = (g_r - x̂_r (x̂_r · g_r)) / ‖x_r‖`.
//!
//! A row shorter than [`SHORTEST`] has no direction: `x̂_r = 0`, so its cosine with anything is 0, and no gradient
//! reaches it. (torch divides such a row by the bound instead, which also gives cosine 0 at 0, but with a gradient of
//! up to `1e8` there.)

use anchorrec_kernels::{Real, rows::ROWS_PER_TASK};
use ndarray::{Array1, Array2, ArrayView2, Axis};
use rayon::prelude::*;

/// The bound torch's cosine similarity puts under a length.
const SHORTEST: f64 = 1e-8;

/// Unit rows, and what leads back to the rows they came from.
#[derive(Clone, Debug)]
pub(crate) struct UnitRows<F> {
    /// The unit rows `x̂`, `[n, D]`.
    pub rows: Array2<F>,
    /// `1 / ‖x_r‖`, 0 for a row without direction. `[n]`.
    inverse_lengths: Array1<F>,
}

impl<F: Real> UnitRows<F> {
    pub fn new(x: ArrayView2<F>) -> Self {
        let mut rows = x.as_standard_layout().into_owned();
        let mut inverse_lengths = Array1::zeros(x.nrows());
        rows.axis_chunks_iter_mut(Axis(0), ROWS_PER_TASK)
            .into_par_iter()
            .zip(inverse_lengths.axis_chunks_iter_mut(Axis(0), ROWS_PER_TASK).into_par_iter())
            .for_each(|(mut rows, mut inverse_lengths)| {
                for (mut row, inverse) in rows.rows_mut().into_iter().zip(&mut inverse_lengths) {
                    let length = row.dot(&row).sqrt();
                    // Not the other way round: a NaN must stay one.
                    *inverse = if length < F::of(SHORTEST) { F::zero() } else { length.recip() };
                    let inverse = *inverse;
                    row.mapv_inplace(|x| x * inverse);
                }
            });
        UnitRows { rows, inverse_lengths }
    }

    /// The gradient of the rows from that of the unit rows, in its place. `[n, D]`.
    pub fn backward(&self, mut d: Array2<F>) -> Array2<F> {
        d.axis_chunks_iter_mut(Axis(0), ROWS_PER_TASK)
            .into_par_iter()
            .zip(self.rows.axis_chunks_iter(Axis(0), ROWS_PER_TASK).into_par_iter())
            .zip(self.inverse_lengths.axis_chunks_iter(Axis(0), ROWS_PER_TASK).into_par_iter())
            .for_each(|((mut d, rows), inverse_lengths)| {
                for ((mut d, row), &inverse) in d.rows_mut().into_iter().zip(rows.rows()).zip(&inverse_lengths) {
                    let along = row.dot(&d);
                    d.zip_mut_with(&row, |d, &x| *d = (*d - x * along) * inverse);
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
        }
    }
}
