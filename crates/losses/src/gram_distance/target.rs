//! A target that is read in place.

use anchorrec_kernels::Real;
use ndarray::{Array1, ArrayView2};

/// Rows and columns of a tile of `Δ`.
pub(super) const TILE: usize = 128;

/// A target made of rows of a table: row `n` of `S` is `factors_n` times row `rows_n` of `table`.
#[derive(Clone, Debug)]
pub struct Target<'a, F> {
    /// The table, `[I, W]`.
    pub table: ArrayView2<'a, F>,
    /// The rows of the table, ascending, each once, `[n]`.
    pub rows: &'a [u32],
    /// What each row is multiplied by, `[n]`.
    pub factors: Array1<F>,
}

impl<F: Real> Target<'_, F> {
    pub(super) fn check(&self, h: ArrayView2<F>) {
        let found = (self.rows.len(), self.factors.len());
        assert_eq!((h.nrows(), h.nrows()), found, "gram_distance: rows {:?} and targets {found:?}", h.dim());
    }
}
