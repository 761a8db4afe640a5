//! Rows that meet all rows of a long table, block by block of the table.
//!
//! A batch against all items makes a matrix that fits no cache, and what is made of it needs more than one pass. Here some rows meet one block of the table
//! after the other: in each pass a block of the table, what the rows make of it and the block's gradient are in the cache together. What one pass leaves for
//! the next is kept block by block, each block whole, so that a later pass reads it as it was written.

use anchorrec_kernels::{Packed, Real, rows::ROWS_PER_TASK, tasks};
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, s};
use std::ops::Range;

/// Rows of the table in a block.
pub(crate) const BLOCK: usize = 512;
/// Numbers kept for some rows at once, more or less: 32 MB of `f32`.
const KEPT: usize = 1 << 23;
/// The fewest rows at once: fewer would not pay for reading the table.
const FEWEST: usize = 8;

/// The blocks of a table of so many rows.
pub(crate) fn of(rows: usize) -> impl Iterator<Item = Range<usize>> {
    (0..rows).step_by(BLOCK).map(move |from| from..rows.min(from + BLOCK))
}

/// How many rows meet the table at once, where each keeps so many numbers: a multiple of [`FEWEST`], `most` at most.
pub(crate) fn rows_at_once(numbers: usize, most: usize) -> usize {
    (KEPT / numbers.max(1) / FEWEST * FEWEST).clamp(FEWEST, most)
}

/// The blocks of a table, packed for products with what rows made of them.
pub(crate) fn pack<F: Real>(table: ArrayView2<F>) -> Vec<Packed<F>> {
    of(table.nrows()).map(|rows| Packed::new(table.slice(s![rows, ..]))).collect()
}

/// The sum of some parts of one shape, added in order, on all threads.
///
/// # Panics
/// When there is none.
pub(crate) fn sum<F: Real>(parts: Vec<Array2<F>>) -> Array2<F> {
    let mut parts = parts.into_iter();
    let mut sum = parts.next().expect("one part or more");
    let others: Vec<Array2<F>> = parts.collect();
    tasks::each(sum.axis_chunks_iter_mut(Axis(0), ROWS_PER_TASK).enumerate(), |(task, mut sum)| {
        let from = task * ROWS_PER_TASK;
        for other in &others {
            sum += &other.slice(s![from..from + sum.nrows(), ..]);
        }
    });
    sum
}

/// What some rows made of a table, block by block.
pub(crate) struct ColumnBlocks<F> {
    /// Rows of the table.
    columns: usize,
    values: Vec<F>,
    /// Numbers from one block to the next.
    stride: usize,
}

impl<F: Real> ColumnBlocks<F> {
    /// Room for `rows` rows at most, and a table of `columns` rows.
    pub(crate) fn new(rows: usize, columns: usize) -> Self {
        let stride = rows * BLOCK;
        ColumnBlocks { columns, values: vec![F::zero(); columns.div_ceil(BLOCK) * stride], stride }
    }

    /// Block `b` of the first `rows` rows, `[rows, width]`.
    pub(crate) fn block_mut(&mut self, rows: usize, b: usize) -> ArrayViewMut2<'_, F> {
        let width = self.width(b);
        let block = &mut self.values[b * self.stride..][..rows * width];
        ArrayViewMut2::from_shape((rows, width), block).expect("a block of its own")
    }

    /// Row `r` of block `b`.
    pub(crate) fn row(&self, r: usize, b: usize) -> &[F] {
        let width = self.width(b);
        &self.values[b * self.stride + r * width..][..width]
    }

    fn width(&self, b: usize) -> usize {
        BLOCK.min(self.columns - b * BLOCK)
    }
}
