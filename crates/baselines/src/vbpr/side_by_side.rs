//! Tables with the same rows as one: `[A | B | ...]`.

use anchorrec_kernels::{Real, fill_rows};
use ndarray::{Array2, ArrayView2, s};

/// `tables`, each `[rows, F_k]`, as one `[rows, Σ F_k]`; no table gives no columns.
///
/// # Panics
/// When a table has another number of rows.
pub fn side_by_side<F: Real>(rows: usize, tables: &[ArrayView2<F>]) -> Array2<F> {
    for table in tables {
        assert_eq!(table.nrows(), rows, "side_by_side: a table {:?} among tables of {rows} rows", table.dim());
    }
    fill_rows(rows, tables.iter().map(|table| table.ncols()).sum(), |first, mut chunk| {
        let here = first..first + chunk.nrows();
        let mut from = 0;
        for table in tables {
            let to = from + table.ncols();
            chunk.slice_mut(s![.., from..to]).assign(&table.slice(s![here.clone(), ..]));
            from = to;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn columns_follow_one_another() {
        let (a, b) = (array![[1.0], [2.0]], array![[3.0, 4.0], [5.0, 6.0]]);
        assert_eq!(side_by_side(2, &[a.view(), b.view()]), array![[1.0, 3.0, 4.0], [2.0, 5.0, 6.0]]);
        assert_eq!(side_by_side::<f64>(2, &[]).dim(), (2, 0));
        let long = Array2::from_shape_fn((600, 3), |(i, j)| (i * 3 + j) as f64);
        assert_eq!(side_by_side(600, &[long.slice(s![.., ..1]), long.slice(s![.., 1..])]), long);
    }

    #[test]
    #[should_panic(expected = "a table (1, 2) among tables of 2 rows")]
    fn tables_have_the_same_rows() {
        side_by_side(2, &[array![[3.0, 4.0]].view()]);
    }
}
