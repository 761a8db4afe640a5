//! The gradient of a table, kept as its factors.

use crate::{Real, product_serial_into, rows::Rows};
use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut2, s};
use std::ops::Range;

/// Row `rows[n]` of the gradient of a table `X` `[I, F]` is `left_n · right + shift_n + pull_n · x`, `x` the same row of the table;
/// the other rows are zero.
///
/// `shift` and `pull` are what a LayerNorm over the rows of `X` adds; without one they are absent.
#[derive(Clone, Debug, PartialEq)]
pub struct FactoredGradient<F> {
    /// The rows that have a gradient, ascending, each once; `None` when all have.
    pub rows: Option<Vec<u32>>,
    /// The left factor, `[n, D]`: a row for each row that has a gradient.
    pub left: Array2<F>,
    /// The right factor, `[D, F]`.
    pub right: Array2<F>,
    /// What a LayerNorm over the rows adds: `(shift, pull)`, both `[n]`.
    pub along_row: Option<(Array1<F>, Array1<F>)>,
}

impl<F: Real> FactoredGradient<F> {
    /// Returns the rows that have a gradient.
    pub fn rows(&self) -> Rows<'_> {
        self.rows.as_deref().map_or(Rows::All, Rows::Some)
    }

    /// Writes rows `range` of the gradient into `into` `[range.len(), F]`, on the calling thread; `x` are the same rows of the
    /// table.
    ///
    /// # Panics
    /// When the shapes do not fit.
    pub fn write_rows(&self, range: Range<usize>, x: ArrayView2<F>, mut into: ArrayViewMut2<F>) {
        assert_eq!((x.dim(), x.nrows()), (into.dim(), range.len()), "write_rows: the rows of X and of its gradient");
        let here = self.rows().between(&range);
        match self.rows() {
            Rows::All => product_serial_into(into.view_mut(), &self.left.slice(s![here.clone(), ..]), &self.right),
            Rows::Some(rows) => {
                into.fill(F::zero());
                let mut dense = Array2::zeros((here.len(), into.ncols()));
                product_serial_into(dense.view_mut(), &self.left.slice(s![here.clone(), ..]), &self.right);
                for (&row, dense) in rows[here.clone()].iter().zip(dense.rows()) {
                    into.row_mut(row as usize - range.start).assign(&dense);
                }
            }
        }
        if let Some((shift, pull)) = &self.along_row {
            for n in here {
                let row = self.rows().at(n) - range.start;
                let (shift, pull) = (shift[n], pull[n]);
                into.row_mut(row).zip_mut_with(&x.row(row), |g, &x| *g += shift + pull * x);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn factors_multiply_out_block_by_block() {
        let factored = FactoredGradient {
            rows: None,
            left: array![[1.0], [2.0], [3.0]],
            right: array![[1.0, 10.0]],
            along_row: Some((array![0.5, 0.0, -0.5], array![0.0, 1.0, 2.0])),
        };
        let x = array![[7.0, 7.0], [1.0, -1.0], [4.0, 5.0]];
        let mut rows = Array2::zeros((2, 2));
        factored.write_rows(1..3, x.slice(s![1..3, ..]), rows.view_mut());
        assert_eq!(rows, array![[2.0 + 1.0, 20.0 - 1.0], [3.0 - 0.5 + 8.0, 30.0 - 0.5 + 10.0]]);
    }

    #[test]
    fn rows_without_gradient_are_zero() {
        let factored = FactoredGradient {
            rows: Some(vec![1, 4]),
            left: array![[1.0], [2.0]],
            right: array![[3.0, 4.0]],
            along_row: Some((array![0.5, 0.0], array![0.0, 1.0])),
        };
        let x = Array2::ones((5, 2));
        let mut rows = Array2::from_elem((4, 2), 9.0);
        factored.write_rows(1..5, x.slice(s![1..5, ..]), rows.view_mut());
        assert_eq!(rows, array![[3.5, 4.5], [0.0, 0.0], [0.0, 0.0], [7.0, 9.0]]);
    }
}
