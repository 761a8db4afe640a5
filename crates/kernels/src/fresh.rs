//! New matrices that tasks fill.
//!
//! `Array2::zeros` writes all zeros first, on one thread: for the embeddings of 54,000 nodes 14 MB through memory, before the tasks
//! that overwrite them begin. Here each task zeroes its own rows when it comes to them, and finds them in its cache.

use crate::{Real, tasks};
use ndarray::{Array2, ArrayViewMut2};
use std::mem::MaybeUninit;

/// Rows handed to a thread at once. Part of the definition of every result that sums over rows.
pub const ROWS_PER_TASK: usize = 256;

/// Makes a new `[rows, cols]`: `write(first, chunk)` gets the rows from `first` on, zeroed, [`ROWS_PER_TASK`] of them or what is left.
///
/// ```
/// use anchorrec_kernels::fill_rows;
///
/// let made = fill_rows(3, 1, |first, mut chunk| {
///     for (n, mut row) in chunk.rows_mut().into_iter().enumerate() {
///         row[0] = (first + n) as f64;
///     }
/// });
/// assert_eq!(made, ndarray::array![[0.0], [1.0], [2.0]]);
/// ```
pub fn fill_rows<F: Real>(
    rows: usize,
    cols: usize,
    write: impl Fn(usize, ArrayViewMut2<F>) + Sync + Send,
) -> Array2<F> {
    fill(rows, cols, |first, places| {
        let chunk = ArrayViewMut2::from_shape((places.len() / cols, cols), zeroed(places));
        write(first, chunk.expect("whole rows"));
    })
}

/// Makes a new `[rows, cols]` as [`fill_rows`] does, for a `write` that takes one row after another: each is zeroed as it is taken, so it is still in the
/// first-level cache when it is written.
///
/// ```
/// use anchorrec_kernels::fill_row_by_row;
///
/// let made = fill_row_by_row(3, 1, |first, rows| {
///     rows.enumerate().for_each(|(n, row)| row[0] = (first + n) as f64);
/// });
/// assert_eq!(made, ndarray::array![[0.0], [1.0], [2.0]]);
/// ```
pub fn fill_row_by_row<F: Real>(
    rows: usize,
    cols: usize,
    write: impl Fn(usize, &mut FreshRows<F>) + Sync + Send,
) -> Array2<F> {
    fill(rows, cols, |first, places| {
        let mut rows = FreshRows { places, cols };
        write(first, &mut rows);
        // Rows that were not taken.
        rows.for_each(drop);
    })
}

/// Rows of a new matrix that are zeroed as they are taken: see [`fill_row_by_row`].
#[derive(Debug)]
pub struct FreshRows<'a, F> {
    places: &'a mut [MaybeUninit<F>],
    cols: usize,
}

impl<'a, F: Real> Iterator for FreshRows<'a, F> {
    type Item = &'a mut [F];

    #[inline(always)]
    fn next(&mut self) -> Option<&'a mut [F]> {
        let (row, rest) = std::mem::take(&mut self.places).split_at_mut_checked(self.cols)?;
        self.places = rest;
        Some(zeroed(row))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.places.len() / self.cols;
        (left, Some(left))
    }
}

impl<F: Real> ExactSizeIterator for FreshRows<'_, F> {}

/// Makes a new matrix: `write(first, places)` writes all places of the rows from `first` on.
fn fill<F: Real>(rows: usize, cols: usize, write: impl Fn(usize, &mut [MaybeUninit<F>]) + Sync + Send) -> Array2<F> {
    let count = rows * cols;
    if count == 0 {
        return Array2::zeros((rows, cols));
    }
    let mut numbers: Vec<F> = Vec::with_capacity(count);
    let tasks = numbers.spare_capacity_mut()[..count].chunks_mut(ROWS_PER_TASK * cols);
    tasks::each(tasks.enumerate(), |(task, places)| write(task * ROWS_PER_TASK, places));
    // SAFETY: the tasks ended, and together wrote the first `count` places: both callers write all of theirs.
    #[allow(unsafe_code)]
    unsafe {
        numbers.set_len(count);
    }
    Array2::from_shape_vec((rows, cols), numbers).expect("as many numbers")
}

#[inline(always)]
fn zeroed<F: Real>(places: &mut [MaybeUninit<F>]) -> &mut [F] {
    for place in places.iter_mut() {
        place.write(F::zero());
    }
    // SAFETY: every place was written just now, and `MaybeUninit<F>` lies in memory as `F` does.
    #[allow(unsafe_code)]
    unsafe {
        &mut *(std::ptr::from_mut(places) as *mut [F])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_given_once_and_starts_as_zero() {
        for (rows, cols) in [(0, 3), (3, 0), (1, 1), (ROWS_PER_TASK, 2), (3 * ROWS_PER_TASK + 5, 7)] {
            let made = fill_rows(rows, cols, |first, mut chunk| {
                assert!(chunk.iter().all(|&x: &f64| x == 0.0));
                chunk.rows_mut().into_iter().enumerate().for_each(|(n, mut row)| row[cols - 1] += (first + n) as f64);
            });
            let want = |(i, j): (usize, usize)| if j + 1 == cols { i as f64 } else { 0.0 };
            assert_eq!(made, Array2::from_shape_fn((rows, cols), want));
        }
    }

    #[test]
    fn rows_taken_one_by_one_start_as_zero_and_those_left_stay_zero() {
        for (rows, cols) in [(0, 3), (3, 0), (1, 1), (ROWS_PER_TASK, 2), (3 * ROWS_PER_TASK + 5, 7)] {
            let made = fill_row_by_row(rows, cols, |first, rows| {
                let half = rows.len().div_ceil(2);
                for (n, row) in rows.take(half).enumerate() {
                    assert!(row.iter().all(|&x: &f64| x == 0.0));
                    row[cols - 1] = (first + n + 1) as f64;
                }
            });
            let want = |(i, j): (usize, usize)| {
                let (task, place) = (i / ROWS_PER_TASK, i % ROWS_PER_TASK);
                let taken = (rows - task * ROWS_PER_TASK).min(ROWS_PER_TASK).div_ceil(2);
                if j + 1 == cols && place < taken { (i + 1) as f64 } else { 0.0 }
            };
            assert_eq!(made, Array2::from_shape_fn((rows, cols), want));
        }
    }
}
