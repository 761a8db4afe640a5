//! Eigenvalues and eigenvectors by one-sided Jacobi rotations (Hestenes 1958; de Rijk, SIAM J. Sci. Stat. Comput. 1989).
//!
//! Pairs of rows are rotated until all are orthogonal. As `A = W Λ Wᵀ`, rotating the rows makes `Λ Wᵀ`: the length of a row is an eigenvalue, its
//! direction an eigenvector. Every round of a tournament rotates `n / 2` pairs that share no row, in parallel. Slower than a reduction to three
//! diagonals, but small eigenvalues keep their digits and the vectors are orthogonal to the last bits.

use ndarray::{Array1, Array2, ArrayView1, Zip};
use rayon::prelude::*;

/// Most sweeps over all pairs. Convergence is quadratic at the end: matrices of a thousand rows take about ten.
const SWEEPS: usize = 60;

/// What counts as zero beside the largest length of a row, squared: the rounding of a matrix leaves rows of about `1e-16` of it.
const ZERO: f64 = 1e-28;

/// All eigenvalues of a symmetric matrix without negative ones, largest first, with their eigenvectors in columns: an orthonormal basis, whatever the
/// rank.
///
/// A row of less than `1e-14` of the largest holds rounding alone, which has no direction: its eigenvalue is 0. The vectors of all zeros are a basis of
/// what is orthogonal to the others, one of many.
///
/// ```
/// // Rank 1: 2 along (1, 1, 0), and 0 along whatever is orthogonal to it.
/// let (values, vectors) = anchorrec_linalg::jacobi::eigen(ndarray::array![[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]);
/// assert!((values[0] - 2.0).abs() < 1e-15 && values[1..] == [0.0, 0.0]);
/// let products = vectors.t().dot(&vectors) - ndarray::Array2::<f64>::eye(3);
/// assert!(products.iter().all(|x| x.abs() < 1e-15));
/// ```
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
    let floor = largest * ZERO;
    let mut below = rows.split_off(half);
    let mut above = rows;
    let orthogonal = (0..sweeps).any(|_| !sweep(&mut above, &mut below, floor));
    assert!(orthogonal, "jacobi: the rows of a matrix of {size} rows are not orthogonal after {sweeps} sweeps");
    let mut rows: Vec<(f64, Array1<f64>)> =
        above.into_iter().chain(below).map(|row| (row.dot(&row).sqrt(), row)).collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    rows.truncate(size);
    rows.retain(|(_, row)| row.dot(row) > floor);
    let mut values: Vec<f64> = rows.iter().map(|(value, _)| *value).collect();
    values.resize(size, 0.0);
    let mut basis: Vec<Array1<f64>> = rows.into_iter().map(|(value, row)| row / value).collect();
    complete(&mut basis, size);
    let mut vectors = Array2::zeros((size, size));
    for (mut column, vector) in vectors.columns_mut().into_iter().zip(&basis) {
        column.assign(vector);
    }
    (values, vectors)
}

/// Makes an orthonormal basis of all `size` dimensions of one of some: each new vector is what is left of the axis that the others hold the least of. That is
/// at least `1 / size` of its square, so nothing is divided by rounding.
fn complete(basis: &mut Vec<Array1<f64>>, size: usize) {
    let mut left = Array1::from_elem(size, 1.0);
    basis.iter().for_each(|vector| left.zip_mut_with(vector, |left, x| *left -= x * x));
    while basis.len() < size {
        let axis = (0..size).fold(0, |best, axis| if left[axis] > left[best] { axis } else { best });
        let mut vector = Array1::zeros(size);
        vector[axis] = 1.0;
        // The second pass takes away what rounding left in the first.
        for _ in 0..2 {
            for other in basis.iter() {
                let along = other.dot(&vector);
                vector.scaled_add(-along, other);
            }
        }
        vector /= vector.dot(&vector).sqrt();
        left.zip_mut_with(&vector, |left, x| *left -= x * x);
        basis.push(vector);
    }
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
        assert_eq!(eigen(Array2::zeros((3, 3))), (vec![0.0; 3], Array2::eye(3)));
    }

    /// Sums over all eigenvectors, as in `(A + λI)⁻¹`, need a basis: of no rank, of every lower rank, of full rank.
    #[test]
    fn the_vectors_are_an_orthonormal_basis_at_every_rank() {
        for (n, rank) in [(1, 0), (2, 1), (3, 0), (7, 1), (8, 3), (9, 8), (9, 9), (64, 13), (65, 45), (65, 64)] {
            let x = random::matrix(n, rank, &mut random::generator((100 * n + rank) as u64));
            // As features are: some columns a thousand times longer than others.
            let x = &x * &Array1::from_shape_fn(rank, |place| 10f64.powi(3 * (place % 2) as i32));
            let a = x.dot(&x.t());
            let (values, vectors) = eigen(a.clone());
            let off = vectors.t().dot(&vectors) - Array2::<f64>::eye(n);
            let off = off.iter().fold(0.0f64, |most, x| most.max(x.abs()));
            assert!(off < 1e-12, "{n} rows of rank {rank}: {off:e}"); // rows are orthogonal to 1e-13
            let scale = values[0].max(f64::MIN_POSITIVE);
            let back = (&vectors * &Array1::from(values.clone())).dot(&vectors.t());
            assert_close("W Λ Wᵀ", (back / scale).view(), (&a / scale).view(), 1e-10);
            assert!(values[rank..].iter().all(|&value| value <= 1e-13 * scale), "{values:?}");
            // A sum over all of them: (A + λI) (A + λI)⁻¹ = I.
            let lambda = 0.1 * a.diag().sum() / n as f64 + 1e-3;
            let scaled = &vectors / &Array1::from_iter(values.iter().map(|value| value + lambda));
            let one = (a + lambda * Array2::<f64>::eye(n)).dot(&scaled.dot(&vectors.t()));
            // Off by 1e-13, times what λ is below the largest eigenvalue.
            let off = (one - Array2::<f64>::eye(n)).iter().fold(0.0f64, |most, x| most.max(x.abs()));
            assert!(off < 1e-9, "{n} rows of rank {rank}: (A + λI) (A + λI)⁻¹ is off by {off:e}");
        }
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
