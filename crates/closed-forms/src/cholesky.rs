//! `A = L Lᵀ` of a symmetric positive definite matrix, with `L` lower triangular; solutions of `A X = B`, and `A⁻¹`.
//!
//! Blocks of [`BLOCK`] columns. The block on the diagonal is factored element by element and inverted; the rows below are multiplied by its inverse; the
//! rest of the matrix loses their product, which is nearly all of the work. Everything but the diagonal blocks is a product of
//! [`anchorrec_kernels`], on all threads, cut by the shapes alone: the same bits for any number of threads.
//!
//! `n³/3` multiplications for the factor, `2n³/3` more for the inverse, which needs a second matrix beside the factor.
//!
//! Multiplying by the inverse of a diagonal block instead of substituting costs digits where that *block* is nearly singular. What is factored
//! here has `λ` on its diagonal; [`RegularisedInverse::residual`](crate::RegularisedInverse::residual) says what is left.

use anchorrec_kernels::{add_product, product, product_into};
use ndarray::{Array2, ArrayViewMut2, Axis, s};
use rayon::prelude::*;
use thiserror::Error;

/// Columns factored at once. Part of the definition of every result.
pub const BLOCK: usize = 128;
/// Rows that one task updates. Results do not depend on it.
const STRIP: usize = 256;

/// A matrix is not positive definite.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
#[non_exhaustive]
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
    /// The inverses of the diagonal blocks of `L`, from the first.
    inverses: Vec<Array2<f64>>,
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
    /// use anchorrec_closed_forms::Cholesky;
    /// use ndarray::array;
    /// let factor = Cholesky::new(array![[4.0, 2.0], [2.0, 5.0]]).unwrap();
    /// assert_eq!(factor.solve(array![[8.0], [12.0]]), array![[1.0], [2.0]]);
    /// assert!(Cholesky::new(array![[1.0, 2.0], [2.0, 1.0]]).is_err());
    /// ```
    pub fn new(a: Array2<f64>) -> Result<Self, NotPositive> {
        let n = a.nrows();
        assert_eq!(n, a.ncols(), "cholesky: a matrix {:?} is not symmetric", a.dim());
        let mut l = if a.is_standard_layout() { a } else { a.as_standard_layout().into_owned() };
        let mut inverses = Vec::with_capacity(n.div_ceil(BLOCK));
        for (from, to) in blocks(n) {
            factor_block(l.slice_mut(s![from..to, from..to])).map_err(|e| NotPositive { row: from + e.row, ..e })?;
            let inverse = inverse_of_block(&l.slice(s![from..to, from..to]).to_owned());
            let mut below = l.slice_mut(s![to.., ..]);
            // X Lᵀ = A, hence X = A L⁻ᵀ.
            let panel = product(&below.slice(s![.., from..to]), &inverse.t());
            below.slice_mut(s![.., from..to]).assign(&panel);
            inverses.push(inverse);
            let strips: Vec<_> = below.axis_chunks_iter_mut(Axis(0), STRIP).enumerate().collect();
            strips.into_par_iter().for_each(|(strip, mut rows)| {
                // Up to the diagonal: what is above is not read.
                let (first, last) = (strip * STRIP, strip * STRIP + rows.nrows());
                let (left, right) = (panel.slice(s![first..last, ..]), panel.slice(s![..last, ..]));
                add_product(rows.slice_mut(s![.., to..to + last]), -1.0, &left, &right.t());
            });
        }
        Ok(Cholesky { l, inverses })
    }

    /// Solves `A X = B`; `B` and `X` are `[n, m]`.
    ///
    /// # Panics
    /// When `B` has another number of rows.
    pub fn solve(&self, b: Array2<f64>) -> Array2<f64> {
        let n = self.l.nrows();
        assert_eq!(b.nrows(), n, "cholesky: {:?} and a right side {:?}", self.l.dim(), b.dim());
        let mut x = b;
        for ((from, to), inverse) in blocks(n).zip(&self.inverses) {
            let here = product(inverse, &x.slice(s![from..to, ..]));
            add_product(x.slice_mut(s![to.., ..]), -1.0, &self.l.slice(s![to.., from..to]), &here);
            x.slice_mut(s![from..to, ..]).assign(&here);
        }
        for ((from, to), inverse) in blocks(n).zip(&self.inverses).rev() {
            let (mut here, rest) = x.view_mut().split_at(Axis(0), to);
            let mut here = here.slice_mut(s![from.., ..]);
            add_product(here.view_mut(), -1.0, &self.l.slice(s![to.., from..to]).t(), &rest);
            let solved = product(&inverse.t(), &here);
            here.assign(&solved);
        }
        x
    }

    /// Returns `A⁻¹`: with `M = L⁻¹` it is `Mᵀ M`.
    pub fn inverse(self) -> Array2<f64> {
        let n = self.l.nrows();
        let mut m = Array2::zeros((n, n));
        let columns: Vec<_> = m.axis_chunks_iter_mut(Axis(1), BLOCK).enumerate().collect();
        columns.into_par_iter().for_each(|(block, columns)| self.invert_columns(block, columns));
        let mut inverse = self.l;
        let strips: Vec<_> = inverse.axis_chunks_iter_mut(Axis(0), STRIP).enumerate().collect();
        strips.into_par_iter().for_each(|(strip, mut rows)| {
            let (first, last) = (strip * STRIP, strip * STRIP + rows.nrows());
            // Above the diagonal M is zero.
            let (left, right) = (m.slice(s![first.., first..last]), m.slice(s![first.., ..last]));
            product_into(rows.slice_mut(s![.., ..last]), &left.t(), &right);
        });
        drop(m);
        mirror(&mut inverse);
        inverse
    }

    /// Writes a block of columns of `L⁻¹` over zeros: `L M = Id`, from the block on the diagonal down.
    fn invert_columns(&self, block: usize, mut columns: ArrayViewMut2<f64>) {
        let n = self.l.nrows();
        let first = block * BLOCK;
        columns.slice_mut(s![first.., ..]).diag_mut().fill(1.0);
        for ((from, to), inverse) in blocks(n).zip(&self.inverses).skip(block) {
            let here = product(inverse, &columns.slice(s![from..to, ..]));
            add_product(columns.slice_mut(s![to.., ..]), -1.0, &self.l.slice(s![to.., from..to]), &here);
            columns.slice_mut(s![from..to, ..]).assign(&here);
        }
    }
}

/// The first column of each block, and the first behind it.
fn blocks(n: usize) -> impl DoubleEndedIterator<Item = (usize, usize)> + ExactSizeIterator {
    (0..n.div_ceil(BLOCK)).map(move |block| (block * BLOCK, n.min((block + 1) * BLOCK)))
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

/// The inverse of a lower triangular block, of which what is above the diagonal is not read.
fn inverse_of_block(l: &Array2<f64>) -> Array2<f64> {
    let n = l.nrows();
    let mut inverse = Array2::zeros((n, n));
    for i in 0..n {
        // Row i of L M = Id, for all columns at once: M_i = (e_i - Σ_{p<i} L_ip M_p) / L_ii.
        let (above, mut here) = inverse.view_mut().split_at(Axis(0), i);
        let mut row = here.row_mut(0);
        row[i] = 1.0;
        for p in 0..i {
            row.scaled_add(-l[[i, p]], &above.row(p));
        }
        row /= l[[i, i]];
    }
    inverse
}

/// Copies the lower triangle to the upper one, tile by tile: a column of a large matrix is in no cache.
fn mirror(a: &mut Array2<f64>) {
    const TILE: usize = 64;
    let n = a.nrows();
    for first in (0..n).step_by(TILE) {
        let end = n.min(first + TILE);
        for left in (0..=first).step_by(TILE) {
            for i in first..end {
                for j in left..(left + TILE).min(i) {
                    a[[j, i]] = a[[i, j]];
                }
            }
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
        for n in [1, 5, BLOCK, BLOCK + 1, 300, 2 * STRIP + BLOCK + 9] {
            let a = positive(n, n as u64);
            let (factor, x) = (Cholesky::new(a.clone()).unwrap(), random::matrix(n, 3, &mut random::generator(1)));
            // The condition of these matrices is some hundreds.
            assert_close("A⁻¹ A X", factor.solve(a.dot(&x)).view(), x.view(), 1e-9);
            let inverse = factor.inverse();
            assert_close("A A⁻¹ X", a.dot(&inverse).dot(&x).view(), x.view(), 1e-9);
            assert_eq!(inverse, inverse.t());
            for threads in [1, 3] {
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

    #[test]
    fn a_matrix_without_rows_has_an_inverse_without_rows() {
        assert_eq!(Cholesky::new(Array2::zeros((0, 0))).unwrap().inverse().dim(), (0, 0));
    }
}
