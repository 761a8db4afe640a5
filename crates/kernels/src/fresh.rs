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
    let count = rows * cols;
    if count == 0 {
        return Array2::zeros((rows, cols));
    }
    let mut numbers: Vec<F> = Vec::with_capacity(count);
    let tasks = numbers.spare_capacity_mut()[..count].chunks_mut(ROWS_PER_TASK * cols);
    tasks::each(tasks.enumerate(), |(task, places)| {
        let chunk = ArrayViewMut2::from_shape((places.len() / cols, cols), zeroed(places));
        write(task * ROWS_PER_TASK, chunk.expect("whole rows"));
    });
    // SAFETY: the tasks ended, and together wrote the first `count` places.
    #[allow(unsafe_code)]
    unsafe {
        numbers.set_len(count);
    }
    Array2::from_shape_vec((rows, cols), numbers).expect("as many numbers")
}

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
}
