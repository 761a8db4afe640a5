//! When the fast kernels can take a table.

use crate::{Real, portable, tile::PANEL};
use ndarray::ArrayView2;

/// The fast kernels take thin factors whose width is a multiple of this. Who joins some factors can fill up with zeros.
pub const GRAIN: usize = 16;

/// The table and its factor as slices, when the fast kernels can take them.
pub(super) fn fast<'a, F: Real>(
    x: &'a ArrayView2<F>,
    thin: &'a ArrayView2<F>,
    thin_width: usize,
) -> Option<(&'a [f32], &'a [f32])> {
    let whole = x.ncols().is_multiple_of(PANEL) && thin_width.is_multiple_of(GRAIN);
    if !whole || x.is_empty() || thin.is_empty() || portable::is_chosen() {
        return None;
    }
    Some((F::as_f32s(x.as_slice()?)?, F::as_f32s(thin.as_slice()?)?))
}
