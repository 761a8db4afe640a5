//! Loops over the rows of row-major matrices, on all threads.

pub use crate::fresh::ROWS_PER_TASK;

use crate::{Real, fill_row_by_row, tasks};
use ndarray::{
    Array1, Array2, ArrayBase, ArrayView1, ArrayView2, ArrayViewMut1, Axis, CowArray, Data, DataMut, Ix2, Zip,
};
use std::ops::Range;

/// Which rows of a matrix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rows<'a> {
    /// All, in order.
    All,
    /// Only these rows, ascending, each once.
    Some(&'a [u32]),
}

impl<'a> Rows<'a> {
    /// Returns how many rows these are of a matrix with `all` rows.
    pub fn count(self, all: usize) -> usize {
        match self {
            Rows::All => all,
            Rows::Some(rows) => rows.len(),
        }
    }

    /// Returns the `n`-th of these rows.
    #[inline(always)]
    pub fn at(self, n: usize) -> usize {
        match self {
            Rows::All => n,
            Rows::Some(rows) => rows[n] as usize,
        }
    }

    /// Returns a list of these rows; `None` when they are all.
    pub fn to_list(self) -> Option<Vec<u32>> {
        match self {
            Rows::All => None,
            Rows::Some(rows) => Some(rows.to_vec()),
        }
    }

    /// Returns which of these rows, by their places in the list, are in `range`.
    pub fn between(self, range: &Range<usize>) -> Range<usize> {
        match self {
            Rows::All => range.clone(),
            Rows::Some(rows) => {
                let place = |row: usize| rows.partition_point(|&r| (r as usize) < row);
                place(range.start)..place(range.end)
            }
        }
    }

    /// Returns these rows of `x`, copied when they are not all.
    pub fn of<'x, F: Real>(self, x: ArrayView2<'x, F>) -> CowArray<'x, F, Ix2> {
        match self {
            Rows::All => x.into(),
            Rows::Some(rows) => gather(&x, rows).into(),
        }
    }

    /// # Panics
    /// When a row is not in a matrix with `all` rows, or they do not ascend.
    pub(crate) fn check(self, all: usize) {
        if let Rows::Some(rows) = self {
            assert!(rows.is_sorted_by(|a, b| a < b), "rows of a table ascend, each once");
            assert!(rows.last().is_none_or(|&last| (last as usize) < all), "row {:?} of a table of {all}", rows.last());
        }
    }
}

/// Takes rows `indices` of `matrix`, in that order, repeats kept: `[indices.len(), cols]`.
///
/// # Panics
/// When an index is not a row.
///
/// ```
/// use anchorrec_kernels::rows::gather;
/// use ndarray::array;
///
/// let matrix = array![[1.0], [2.0], [3.0]];
/// assert_eq!(gather(&matrix, &[2, 0, 2]), array![[3.0], [1.0], [3.0]]);
/// ```
pub fn gather<F: Real>(matrix: &ArrayBase<impl Data<Elem = F>, Ix2>, indices: &[u32]) -> Array2<F> {
    let matrix = matrix.view();
    fill_row_by_row(indices.len(), matrix.ncols(), |first, rows| {
        for (row, &i) in rows.zip(&indices[first..]) {
            let from = matrix.row(i as usize);
            match from.as_slice() {
                Some(from) => row.copy_from_slice(from),
                None => ArrayViewMut1::from(row).assign(&from),
            }
        }
    })
}

/// Adds rows where they belong, `into[indices[r]] += rows[r]` for every `r`, in order: the backward pass of [`gather`].
///
/// One thread: two rows may go to the same place.
///
/// # Panics
/// When an index is not a row of `into`, or the shapes differ.
pub fn scatter_add<F: Real>(into: &mut Array2<F>, indices: &[u32], rows: ArrayView2<F>) {
    assert_eq!((indices.len(), into.ncols()), rows.dim(), "scatter_add: one row for each index");
    for (&i, row) in indices.iter().zip(rows.rows()) {
        into.row_mut(i as usize).zip_mut_with(&row, |a, &b| *a += b);
    }
}

/// Adds rows where they belong, `into[rows[n]] += values[n]`: [`scatter_add`] on all threads, for rows that ascend.
///
/// # Panics
/// When a row is not a row of `into`, they do not ascend, or the shapes differ.
pub fn add_rows<F: Real>(into: &mut Array2<F>, rows: Rows, values: ArrayView2<F>) {
    rows.check(into.nrows());
    assert_eq!((rows.count(into.nrows()), into.ncols()), values.dim(), "add_rows: one row of values for each row");
    tasks::each(into.axis_chunks_iter_mut(Axis(0), ROWS_PER_TASK).enumerate(), |(task, mut into)| {
        let range = task * ROWS_PER_TASK..task * ROWS_PER_TASK + into.nrows();
        for n in rows.between(&range) {
            into.row_mut(rows.at(n) - range.start).zip_mut_with(&values.row(n), |a, &b| *a += b);
        }
    });
}

/// Sums all rows, `[cols]`: partial sums of [`ROWS_PER_TASK`] rows, added in order.
pub fn sum_rows<F: Real>(matrix: &ArrayBase<impl Data<Elem = F>, Ix2>) -> Array1<F> {
    let matrix = matrix.view();
    let partial = tasks::map(matrix.axis_chunks_iter(Axis(0), ROWS_PER_TASK), |rows| rows.sum_axis(Axis(0)));
    partial.iter().fold(Array1::zeros(matrix.ncols()), |sum, part| sum + part)
}

/// Multiplies rows with rows, `a_i · b_i` for every `i`, `[rows]`.
///
/// # Panics
/// When the shapes differ.
pub fn inner<F: Real>(a: &ArrayBase<impl Data<Elem = F>, Ix2>, b: &ArrayBase<impl Data<Elem = F>, Ix2>) -> Array1<F> {
    Zip::from(a.rows()).and(b.rows()).map_collect(|a, b| a.dot(&b))
}

/// Adds scaled rows, `into_i += s_i x_i` for every `i`: the backward pass of [`inner`].
///
/// # Panics
/// When the shapes differ.
pub fn add_scaled<F: Real>(
    into: &mut ArrayBase<impl DataMut<Elem = F>, Ix2>,
    s: ArrayView1<F>,
    x: &ArrayBase<impl Data<Elem = F>, Ix2>,
) {
    Zip::from(into.rows_mut()).and(s).and(x.rows()).for_each(|mut into, &s, x| into.scaled_add(s, &x));
}

/// Multiplies every row by its own factor.
///
/// # Panics
/// When there is not a factor for each row.
pub fn scale<F: Real>(x: &mut Array2<F>, factors: ArrayView1<F>) {
    assert_eq!(x.nrows(), factors.len(), "scale: a factor for each row");
    *x *= &factors.insert_axis(Axis(1));
}

/// Combines two matrices number by number, on all threads: `change(&mut a_ij, &b_ij)`.
///
/// # Panics
/// When the shapes differ.
///
/// ```
/// use anchorrec_kernels::rows::combine;
/// use ndarray::array;
/// let mut a = array![[1.0, 2.0]];
/// combine(&mut a, &array![[10.0, 20.0]], |a, &b| *a += b);
/// assert_eq!(a, array![[11.0, 22.0]]);
/// ```
pub fn combine<F: Real>(a: &mut Array2<F>, b: &Array2<F>, change: impl Fn(&mut F, &F) + Sync) {
    assert_eq!(a.dim(), b.dim(), "combine: two matrices of one shape");
    let blocks = a.axis_chunks_iter_mut(Axis(0), ROWS_PER_TASK).zip(b.axis_chunks_iter(Axis(0), ROWS_PER_TASK));
    tasks::each(blocks, |(mut a, b)| a.zip_mut_with(&b, &change));
}

/// Returns the Euclidean length of every row, `[rows]`.
///
/// ```
/// use anchorrec_kernels::rows::norms;
/// use ndarray::array;
/// assert_eq!(norms(&array![[3.0, 4.0], [0.0, 0.0]]), array![5.0, 0.0]);
/// ```
pub fn norms<F: Real>(matrix: &ArrayBase<impl Data<Elem = F>, Ix2>) -> Array1<F> {
    let matrix = matrix.view();
    let mut norms = Array1::zeros(matrix.nrows());
    let blocks =
        norms.axis_chunks_iter_mut(Axis(0), ROWS_PER_TASK).zip(matrix.axis_chunks_iter(Axis(0), ROWS_PER_TASK));
    tasks::each(blocks, |(mut norms, rows)| {
        for (norm, row) in norms.iter_mut().zip(rows.rows()) {
            *norm = row.dot(&row).sqrt();
        }
    });
    norms
}

/// Divides every row by its length; a row of zeros stays zero (similar to nothing).
///
/// ```
/// use anchorrec_kernels::rows::normalised;
/// use ndarray::array;
/// assert_eq!(normalised(&array![[3.0, 4.0], [0.0, 0.0]]), array![[3.0 / 5.0, 4.0 / 5.0], [0.0, 0.0]]);
/// ```
pub fn normalised<F: Real>(matrix: &ArrayBase<impl Data<Elem = F>, Ix2>) -> Array2<F> {
    let mut unit = matrix.to_owned();
    let norms = norms(&unit);
    let blocks = unit.axis_chunks_iter_mut(Axis(0), ROWS_PER_TASK).zip(norms.axis_chunks_iter(Axis(0), ROWS_PER_TASK));
    tasks::each(blocks, |(mut rows, norms)| {
        for (mut row, &norm) in rows.rows_mut().into_iter().zip(&norms) {
            if norm > F::zero() {
                row.mapv_inplace(|x| x / norm);
            }
        }
    });
    unit
}

/// Returns what rows are multiplied by to have the lengths `scale`: `scale_n` over the length of row `indices_n`, 0 for a row of zeros.
///
/// # Panics
/// When an index is not a row, or there is not a scale for each.
pub fn unit_factors<F: Real>(
    matrix: &ArrayBase<impl Data<Elem = F>, Ix2>,
    indices: &[u32],
    scale: ArrayView1<F>,
) -> Array1<F> {
    let matrix = matrix.view();
    assert_eq!(indices.len(), scale.len(), "unit_factors: a scale for each row");
    let factor = |(&i, &scale): (&u32, &F)| {
        let row = matrix.row(i as usize);
        let norm = row.dot(&row).sqrt();
        if norm > F::zero() { scale / norm } else { F::zero() }
    };
    let blocks = indices.chunks(ROWS_PER_TASK).zip(scale.axis_chunks_iter(Axis(0), ROWS_PER_TASK));
    let of_blocks = tasks::map(blocks, |(rows, scale)| rows.iter().zip(scale).map(factor).collect::<Vec<F>>());
    of_blocks.concat().into()
}

/// Finds the first row that holds a NaN or an infinity, on all threads.
///
/// ```
/// use anchorrec_kernels::rows::first_not_finite;
/// use ndarray::array;
/// assert_eq!(first_not_finite(array![[1.0, 2.0], [f32::NAN, 0.0], [0.0, f32::INFINITY]].view()), Some(1));
/// ```
pub fn first_not_finite(matrix: ArrayView2<f32>) -> Option<usize> {
    // All numbers of a row are looked at, without an early exit: this is the loop that must vectorise.
    let is_finite = |row: ArrayView1<f32>| row.iter().fold(true, |all, x| all & x.is_finite());
    let of_block = |rows: ArrayView2<f32>| rows.rows().into_iter().position(|row| !is_finite(row));
    let of_blocks = tasks::map(matrix.axis_chunks_iter(Axis(0), ROWS_PER_TASK), of_block);
    of_blocks.iter().zip((0..).step_by(ROWS_PER_TASK)).find_map(|(row, first)| row.map(|row| first + row))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn the_number_of_threads_changes_no_bit_of_a_sum() {
        let m = Array2::from_shape_fn((2_000, 3), |(r, c)| 1.0 / (1 + r * 3 + c) as f64);
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| sum_rows(&m))
        };
        let one = on(1);
        assert!([2, 3, 7].iter().all(|&threads| on(threads) == one));
    }

    #[test]
    fn the_first_row_that_is_not_finite_is_found_in_any_block() {
        let whole = Array2::<f32>::ones((3 * ROWS_PER_TASK + 5, 33));
        assert_eq!(first_not_finite(whole.view()), None);
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for place in [(0, 32), (ROWS_PER_TASK - 1, 0), (ROWS_PER_TASK, 17), (3 * ROWS_PER_TASK + 4, 1)] {
                let mut matrix = whole.clone();
                matrix[[3 * ROWS_PER_TASK + 4, 0]] = bad;
                matrix[place] = bad;
                assert_eq!(first_not_finite(matrix.view()), Some(place.0));
            }
        }
        assert_eq!(first_not_finite(Array2::zeros((0, 3)).view()), None);
    }

    #[test]
    fn gather_and_scatter_keep_repeats() {
        let m = array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
        let rows = gather(&m, &[2, 0, 2]);
        assert_eq!(rows, array![[5.0, 6.0], [1.0, 2.0], [5.0, 6.0]]);
        let mut into = Array2::zeros((3, 2));
        scatter_add(&mut into, &[2, 0, 2], rows.view());
        assert_eq!(into, array![[1.0, 2.0], [0.0, 0.0], [10.0, 12.0]]);
    }

    #[test]
    fn ascending_rows_are_added_where_they_belong() {
        let values = Array2::from_shape_fn((300, 2), |(i, j)| (i * 2 + j) as f64);
        let rows: Vec<u32> = (0..300).map(|n| 2 * n + 1).collect();
        let (mut got, mut want) = (Array2::ones((700, 2)), Array2::ones((700, 2)));
        add_rows(&mut got, Rows::Some(&rows), values.view());
        scatter_add(&mut want, &rows, values.view());
        assert_eq!(got, want);
        add_rows(&mut got, Rows::All, want.view());
        assert_eq!(got, want * 2.0);
    }

    #[test]
    fn rows_have_length_one_or_zero() {
        let unit = normalised(&array![[3.0, 4.0], [0.0, 0.0]]);
        assert_eq!(unit, array![[3.0 / 5.0, 4.0 / 5.0], [0.0, 0.0]]);
        let factors = unit_factors(&array![[3.0, 4.0], [0.0, 0.0]], &[1, 0], array![1.0, 10.0].view());
        assert_eq!(factors, array![0.0, 2.0]);
    }

    #[test]
    fn every_row_has_its_own_factor() {
        let (x, factors) = (array![[1.0, 2.0], [3.0, 4.0]], array![10.0, -1.0]);
        let mut into = array![[1.0, 1.0], [1.0, 1.0]];
        add_scaled(&mut into, factors.view(), &x);
        assert_eq!(into, array![[1.0 + 10.0, 1.0 + 20.0], [1.0 - 3.0, 1.0 - 4.0]]);
        let mut scaled = x;
        scale(&mut scaled, factors.view());
        assert_eq!(scaled, array![[10.0, 20.0], [-3.0, -4.0]]);
    }

    #[test]
    fn sums_run_over_all_rows() {
        let m = Array2::from_shape_fn((1000, 2), |(i, j)| (i * (j + 1)) as f64);
        assert_eq!(sum_rows(&m), array![499_500.0, 999_000.0]);
    }
}
