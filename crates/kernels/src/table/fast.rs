//! When the fast kernels can take a table.

use crate::{Real, portable, tile::PANEL};
use ndarray::ArrayView2;

/// The fast kernels take thin factors whose width is a multiple of this. Who joins some factors can fill up with zeros.
pub const GRAIN: usize = 16;

/// Returns whether the fast kernels take products of a table of this width with factors of width `thin`, whatever the rows.
///
/// Then a row of [`times_transposed`](super::times_transposed) and of [`update`](super::update) has the same bits in any company, and
/// [`transposed_times`](super::transposed_times) adds each number up in one chain over the rows, which
/// [`continue_transposed_times`](super::continue_transposed_times) continues. General products promise neither: they cut sums by the sizes of
/// the matrices and of the caches.
///
/// ```
/// use anchorrec_kernels::table::row_by_row;
///
/// assert!(row_by_row::<f32>(384, 64));
/// assert!(!row_by_row::<f32>(100, 64) && !row_by_row::<f32>(384, 10) && !row_by_row::<f64>(384, 64));
/// ```
pub fn row_by_row<F: Real>(width: usize, thin: usize) -> bool {
    let whole = width.is_multiple_of(PANEL) && thin.is_multiple_of(GRAIN);
    whole && width > 0 && thin > 0 && F::as_f32s(&[]).is_some() && !portable::is_chosen()
}

/// The table and its factor as slices, when the fast kernels can take them.
pub(super) fn fast<'a, F: Real>(
    x: &'a ArrayView2<F>,
    thin: &'a ArrayView2<F>,
    thin_width: usize,
) -> Option<(&'a [f32], &'a [f32])> {
    if !row_by_row::<F>(x.ncols(), thin_width) || x.is_empty() || thin.is_empty() {
        return None;
    }
    Some((F::as_f32s(x.as_slice()?)?, F::as_f32s(thin.as_slice()?)?))
}
