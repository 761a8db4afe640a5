//! Eigenvalues and eigenvectors by one-sided Jacobi rotations (Hestenes 1958; de Rijk, SIAM J. Sci. Stat. Comput. 1989).
//!
//! Pairs of rows are rotated until all are orthogonal. As `A = W Λ Wᵀ`, rotating the rows makes `Λ Wᵀ`: the length of a row is an eigenvalue, its
//! direction an eigenvector. Every round of a tournament rotates `n / 2` pairs that share no row, in parallel. Slower than a reduction to three
//! diagonals, but small eigenvalues keep their digits and the vectors are orthogonal to the last bits.

use ndarray::{Array1, Array2, ArrayView1, Zip};
use rayon::prelude::*;

/// Most sweeps over all pairs. Convergence is quadratic at the end: matrices of a thousand rows take about ten.
const SWEEPS: usize = 60;

/// All eigenvalues of a symmetric matrix without negative ones, largest first, with their eigenvectors in columns.
///
/// # Panics
/// When the matrix is not square or holds a number that is not finite; and when rows are not orthogonal after 60 sweeps, which does not
/// happen for finite numbers.
pub fn eigen(symmetric: Array2<f64>) -> (Vec<f64>, Array2<f64>) {
    within(SWEEPS, symmetric)
}

/// [`eigen`] by at most so many sweeps.
fn within(sweeps: usize, symmetric: Array2<f64>) -> (Vec<f64>, Array2<f64>) {
    let size = symmetric.nrows();
    assert_eq!(size, symmetric.ncols(), "jacobi: a matrix {:?} is not symmetric", symmetric.dim());
    assert!(symmetric.iter().all(|x| x.is_finite()), "jacobi: a matrix of finite numbers");
    let mut rows: Vec<Array1<f64>> = symmetric.rows().into_iter().map(|row| row.to_owned()).collect();
    drop(symmetric);
    if rows.len() % 2 == 1 {
        rows.push(Array1::zeros(size));
    }
    let half = rows.len() / 2;
    let largest = rows.iter().map(|row| row.dot(row)).fold(0.0, f64::max);
    // Rows below are rounding of what is zero; rotating them would never end.
    let floor = largest * 1e-28;
    let mut below = rows.split_off(half);
    let mut above = rows;
    let orthogonal = (0..sweeps).any(|_| !sweep(&mut above, &mut below, floor));
    assert!(orthogonal, "jacobi: the rows of a matrix of {size} rows are not orthogonal after {sweeps} sweeps");
    let mut rows: Vec<(f64, Array1<f64>)> =
        above.into_iter().chain(below).map(|row| (row.dot(&row).sqrt(), row)).collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    rows.truncate(size);
    let values = rows.iter().map(|(value, _)| *value).collect();
    let mut vectors = Array2::zeros((size, size));
    for (mut column, (value, row)) in vectors.columns_mut().into_iter().zip(&rows) {
        if *value > 0.0 {
            column.assign(&(row / *value));
        }
    }
    (values, vectors)
}

/// Rotates every pair of rows once; whether one was not orthogonal.
fn sweep(above: &mut Vec<Array1<f64>>, below: &mut Vec<Array1<f64>>, floor: f64) -> bool {
    let half = above.len();
    let mut turned = false;
    for _ in 0..(2 * half).saturating_sub(1) {
        turned |=
            above.par_iter_mut().zip(&mut *below).map(|(a, b)| rotate(a, b, floor)).reduce(|| false, |a, b| a | b);
        // The first of `above` stays, the others go round by one place.
        if half > 1 {
            let over = above.pop().expect("half is at least 2");
            let back = below.remove(0);
            above.insert(1, back);
            below.push(over);
        }
    }
    turned
}

/// Makes two rows orthogonal; whether they were not.
fn rotate(a: &mut Array1<f64>, b: &mut Array1<f64>, floor: f64) -> bool {
    let dot = |x: &Array1<f64>, y: &Array1<f64>| -> f64 { ArrayView1::from(x).dot(y) };
    let (aa, bb, ab) = (dot(a, a), dot(b, b), dot(a, b));
    if aa <= floor || bb <= floor || ab.abs() <= 1e-13 * (aa * bb).sqrt() {
        return false;
    }
    // The smaller of the two angles that do it: tan 2θ = 2ab / (aa - bb).
    let ratio = (bb - aa) / (2.0 * ab);
    let tangent = ratio.signum() / (ratio.abs() + ratio.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = cosine * tangent;
    Zip::from(a).and(b).for_each(|a, b| {
        let (x, y) = (*a, *b);
        *a = cosine * x - sine * y;
        *b = sine * x + cosine * y;
    });
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_close, random};
    use ndarray::array;

    #[test]
    fn solved_by_hand() {
        // [[2, 1], [1, 2]]: 3 along (1, 1), 1 along (1, -1).
        let (values, vectors) = eigen(array![[2.0, 1.0], [1.0, 2.0]]);
        assert!((values[0] - 3.0).abs() < 1e-15 && (values[1] - 1.0).abs() < 1e-15, "{values:?}");
        assert!((vectors[[0, 0]] - vectors[[1, 0]]).abs() < 1e-15 && (vectors[[0, 1]] + vectors[[1, 1]]).abs() < 1e-15);
        assert_eq!(eigen(Array2::zeros((0, 0))).0, [0.0; 0]);
        assert_eq!(eigen(Array2::zeros((3, 3))), (vec![0.0; 3], Array2::zeros((3, 3))));
    }

    #[test]
    fn values_and_vectors_give_the_matrix_back_on_any_number_of_threads() {
        for n in [1, 2, 9, 40] {
            let x = random::matrix(n + 5, n, &mut random::generator(n as u64));
            let a = x.t().dot(&x);
            let (values, vectors) = eigen(a.clone());
            assert!(values.is_sorted_by(|a, b| a >= b));
            let back = (&vectors * &Array1::from(values.clone())).dot(&vectors.t());
            let scale = values[0];
            assert_close("W Λ Wᵀ", (back / scale).view(), (&a / scale).view(), 1e-10); // rows are orthogonal to 1e-13
            for threads in [1, 2, 3, 5] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
                assert_eq!(pool.install(|| eigen(a.clone())), (values.clone(), vectors.clone()), "{threads} threads");
            }
        }
    }

    /// What has not converged is never given back as if it had.
    #[test]
    #[should_panic(expected = "the rows of a matrix of 9 rows are not orthogonal after 2 sweeps")]
    fn rotations_that_have_not_converged_are_an_error() {
        let x = random::matrix(14, 9, &mut random::generator(3));
        within(2, x.t().dot(&x));
    }

    #[test]
    #[should_panic(expected = "a matrix of finite numbers")]
    fn what_is_not_finite_is_refused() {
        eigen(array![[1.0, f64::NAN], [f64::NAN, 1.0]]);
    }
}
