//! `A = L Lᵀ` of a symmetric positive definite matrix, with `L` lower triangular; solutions of `A X = B`, and `A⁻¹`.
//!
//! Blocks of [`BLOCK`] columns: the block on the diagonal is factored element by element, the rows below it are solved for, and the rest of the matrix loses
//! their product, which is nearly all of the work. `n³/3` multiplications for the factor, twice as many more for the inverse. A matrix
//! of 20,000 rows takes 3.2 GB; the inverse needs as much beside it.

use crate::product::STRIP;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, linalg::general_mat_mul, s};
use rayon::prelude::*;
use thiserror::Error;

/// Columns factored at once.
pub const BLOCK: usize = 128;

/// A matrix is not positive definite.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
#[error("the matrix is not positive definite: pivot {pivot} in row {row}; add to its diagonal")]
pub struct NotPositive {
    /// The row, from 0.
    pub row: usize,
    /// What stood where a positive number is needed.
    pub pivot: f64,
}

/// The factor `L`; above its diagonal stands anything.
#[derive(Clone, Debug)]
pub struct Cholesky {
    l: Array2<f64>,
}

impl Cholesky {
    /// Factors `a`, of which only the lower triangle is read.
    ///
    /// # Errors
    /// When the matrix is not positive definite.
    ///
    /// # Panics
    /// When it is not square.
    ///
    /// ```
    /// use anchorrec_linalg::Cholesky;
    /// use ndarray::array;
    /// let factor = Cholesky::new(array![[4.0, 2.0], [2.0, 5.0]]).unwrap();
    /// assert_eq!(factor.solve(array![[8.0], [12.0]]), array![[1.0], [2.0]]);
    /// assert!(Cholesky::new(array![[1.0, 2.0], [2.0, 1.0]]).is_err());
    /// ```
    pub fn new(a: Array2<f64>) -> Result<Self, NotPositive> {
        let n = a.nrows();
        assert_eq!(n, a.ncols(), "cholesky: a matrix {:?} is not symmetric", a.dim());
        let mut l = if a.is_standard_layout() { a } else { a.as_standard_layout().into_owned() };
        for from in (0..n).step_by(BLOCK) {
            let to = n.min(from + BLOCK);
            factor_block(l.slice_mut(s![from..to, from..to])).map_err(|e| NotPositive { row: from + e.row, ..e })?;
            let (above, mut below) = l.view_mut().split_at(Axis(0), to);
            let diagonal = above.slice(s![from.., from..to]);
            let mut panel = below.slice_mut(s![.., from..to]);
            // X Lᵀ = A, a row at a time: the same as L xᵀ = aᵀ.
            panel.axis_chunks_iter_mut(Axis(0), STRIP).into_par_iter().for_each(|rows| {
                solve_diagonal(diagonal, rows.reversed_axes());
            });
            let panel = below.slice(s![.., from..to]).to_owned();
            let strips: Vec<_> = below.axis_chunks_iter_mut(Axis(0), STRIP).enumerate().collect();
            strips.into_par_iter().for_each(|(strip, mut rows)| {
                // Up to the diagonal: what is above is not read.
                let (first, last) = (strip * STRIP, strip * STRIP + rows.nrows());
                let mut rest = rows.slice_mut(s![.., to..to + last]);
                let (left, right) = (panel.slice(s![first..last, ..]), panel.slice(s![..last, ..]));
                general_mat_mul(-1.0, &left, &right.t(), 1.0, &mut rest);
            });
        }
        Ok(Cholesky { l })
    }

    /// `X` with `A X = B`; `B` `[n, m]`.
    ///
    /// # Panics
    /// When `B` has another number of rows.
    pub fn solve(&self, b: Array2<f64>) -> Array2<f64> {
        assert_eq!(b.nrows(), self.l.nrows(), "cholesky: {:?} and a right side {:?}", self.l.dim(), b.dim());
        let mut x = b;
        x.axis_chunks_iter_mut(Axis(1), STRIP).into_par_iter().for_each(|mut columns| {
            solve_lower(self.l.view(), columns.view_mut());
            solve_upper(self.l.view(), columns);
        });
        x
    }

    /// `A⁻¹`: with `M = L⁻¹` it is `Mᵀ M`.
    pub fn inverse(self) -> Array2<f64> {
        let n = self.l.nrows();
        let mut m = Array2::zeros((n, n));
        let columns: Vec<_> = m.axis_chunks_iter_mut(Axis(1), BLOCK).enumerate().collect();
        columns.into_par_iter().for_each(|(block, mut columns)| {
            // Above the diagonal M is zero.
            let from = block * BLOCK;
            let mut below = columns.slice_mut(s![from.., ..]);
            below.diag_mut().fill(1.0);
            solve_lower(self.l.slice(s![from.., from..]), below);
        });
        let mut inverse = self.l;
        let strips: Vec<_> = inverse.axis_chunks_iter_mut(Axis(0), STRIP).enumerate().collect();
        strips.into_par_iter().for_each(|(strip, mut rows)| {
            let (first, last) = (strip * STRIP, strip * STRIP + rows.nrows());
            let (left, right) = (m.slice(s![first.., first..last]), m.slice(s![first.., ..last]));
            general_mat_mul(1.0, &left.t(), &right, 0.0, &mut rows.slice_mut(s![.., ..last]));
        });
        mirror(&mut inverse);
        inverse
    }
}

/// `A = L Lᵀ` of one block, element by element.
fn factor_block(mut a: ArrayViewMut2<f64>) -> Result<(), NotPositive> {
    for j in 0..a.nrows() {
        let square: f64 = (0..j).map(|p| a[[j, p]] * a[[j, p]]).sum();
        let pivot = a[[j, j]] - square;
        // Not `pivot <= 0`: a NaN is no pivot either.
        if !(pivot > 0.0 && pivot.is_finite()) {
            return Err(NotPositive { row: j, pivot });
        }
        let root = pivot.sqrt();
        a[[j, j]] = root;
        for i in j + 1..a.nrows() {
            let dot: f64 = (0..j).map(|p| a[[i, p]] * a[[j, p]]).sum();
            a[[i, j]] = (a[[i, j]] - dot) / root;
        }
    }
    Ok(())
}

/// `X <- L⁻¹ X` for one block `L` of the diagonal.
fn solve_diagonal(l: ArrayView2<f64>, mut x: ArrayViewMut2<f64>) {
    for mut column in x.columns_mut() {
        for i in 0..l.nrows() {
            let dot: f64 = (0..i).map(|p| l[[i, p]] * column[p]).sum();
            column[i] = (column[i] - dot) / l[[i, i]];
        }
    }
}

/// `X <- L⁻¹ X`, block by block, on the calling thread.
fn solve_lower(l: ArrayView2<f64>, mut x: ArrayViewMut2<f64>) {
    let n = l.nrows();
    for from in (0..n).step_by(BLOCK) {
        let to = n.min(from + BLOCK);
        let (mut here, mut rest) = x.view_mut().split_at(Axis(0), to);
        let mut here = here.slice_mut(s![from.., ..]);
        solve_diagonal(l.slice(s![from..to, from..to]), here.view_mut());
        general_mat_mul(-1.0, &l.slice(s![to.., from..to]), &here, 1.0, &mut rest);
    }
}

/// `X <- L⁻ᵀ X`, block by block from the last, on the calling thread.
fn solve_upper(l: ArrayView2<f64>, mut x: ArrayViewMut2<f64>) {
    let n = l.nrows();
    for from in (0..n).step_by(BLOCK).rev() {
        let to = n.min(from + BLOCK);
        let (mut here, rest) = x.view_mut().split_at(Axis(0), to);
        let mut here = here.slice_mut(s![from.., ..]);
        general_mat_mul(-1.0, &l.slice(s![to.., from..to]).t(), &rest, 1.0, &mut here);
        for mut column in here.columns_mut() {
            for i in (0..to - from).rev() {
                let dot: f64 = (i + 1..to - from).map(|p| l[[from + p, from + i]] * column[p]).sum();
                column[i] = (column[i] - dot) / l[[from + i, from + i]];
            }
        }
    }
}

/// Copies the lower triangle to the upper one.
fn mirror(a: &mut Array2<f64>) {
    for i in 0..a.nrows() {
        for j in 0..i {
            a[[j, i]] = a[[i, j]];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_close, random};
    use ndarray::array;

    fn positive(n: usize, seed: u64) -> Array2<f64> {
        let x = random::matrix(n + 3, n, &mut random::generator(seed));
        x.t().dot(&x) + Array2::<f64>::eye(n)
    }

    #[test]
    fn solutions_and_inverse_give_the_identity_on_any_number_of_threads() {
        for n in [1, 5, BLOCK, BLOCK + 1, 300] {
            let a = positive(n, n as u64);
            let (factor, x) = (Cholesky::new(a.clone()).unwrap(), random::matrix(n, 3, &mut random::generator(1)));
            // The condition of these matrices is some hundreds.
            assert_close("A⁻¹ A X", factor.solve(a.dot(&x)).view(), x.view(), 1e-9);
            let inverse = factor.inverse();
            assert_close("A A⁻¹ X", a.dot(&inverse).dot(&x).view(), x.view(), 1e-9);
            assert_eq!(inverse, inverse.t());
            for threads in [1, 2, 3, 5] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
                let again = pool.install(|| Cholesky::new(a.clone()).unwrap().inverse());
                assert_eq!(again, inverse, "{threads} threads");
            }
        }
    }

    #[test]
    fn only_the_lower_triangle_is_read() {
        let a = positive(200, 2);
        let mut lower = a.clone();
        (0..200).for_each(|i| lower.slice_mut(s![i, i + 1..]).fill(f64::NAN));
        assert_eq!(Cholesky::new(lower).unwrap().inverse(), Cholesky::new(a).unwrap().inverse());
    }

    #[test]
    fn the_row_that_is_not_positive_is_named() {
        let mut a = positive(BLOCK + 40, 3);
        a[[BLOCK + 7, BLOCK + 7]] = -1.0;
        let error = Cholesky::new(a).unwrap_err();
        assert_eq!(error.row, BLOCK + 7);
        assert!(error.to_string().contains("not positive definite"), "{error}");
        assert_eq!(Cholesky::new(array![[f64::NAN]]).unwrap_err().row, 0);
    }
}
