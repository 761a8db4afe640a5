//! The leading eigenvalues of a large symmetric matrix, by subspace iteration (Golub and Van Loan, *Matrix Computations*, 4th ed., 8.2.4).
//!
//! A subspace of `width + 64` directions, begun at random numbers of a fixed seed, is multiplied by the matrix and made orthonormal again until the trace in
//! it grows by less than one part in a million; inside of it the [`jacobi`] rotations are done. The leading directions
//! are then eigenvectors to many digits. The last ones are such that together they hold as much of the trace as the true ones, to about that part.

use crate::{gram_schmidt, jacobi, product};
use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Up to this many columns there is no subspace: all eigenvectors are found.
pub const EXACT: usize = 1024;
/// Directions beyond those that are asked for.
const SPARE: usize = 64;
/// Most rounds; it ends long before. Where a subspace still grows then, all eigenvectors are found, which takes longer and cannot fail so.
const ROUNDS: usize = 40;

/// At least the first `width` eigenvalues of a symmetric matrix without negative ones, largest first, with their eigenvectors in columns, which are
/// orthonormal. Of a matrix of a lower rank than `width` there may be fewer: no direction is sought where nothing is.
///
/// # Panics
/// As [`jacobi::eigen`].
pub fn leading_eigen(matrix: Array2<f64>, width: usize) -> (Vec<f64>, Array2<f64>) {
    within(ROUNDS, EXACT, matrix, width)
}

/// [`leading_eigen`] by at most so many rounds, for more than `exact` columns.
fn within(rounds: usize, exact: usize, matrix: Array2<f64>, width: usize) -> (Vec<f64>, Array2<f64>) {
    let columns = matrix.nrows();
    if columns <= exact || width + SPARE >= columns {
        return jacobi::eigen(matrix);
    }
    let mut generator = ChaCha8Rng::seed_from_u64(0);
    let mut basis = Array2::from_shape_simple_fn((columns, width + SPARE), || generator.random::<f64>() - 0.5);
    let (mut held, mut settled) = (0.0, false);
    for _ in 0..rounds {
        basis = orthonormal(&product(matrix.view(), basis.view()));
        let image = product(matrix.view(), basis.view());
        // The trace of QᵀAQ: what the span of Q holds.
        let now = (&basis * &image).sum();
        settled = now - held <= 1e-6 * now;
        held = now;
        if settled {
            break;
        }
        // The next round starts from A Q: two products for each orthonormalisation.
        basis = image;
    }
    if !settled {
        return jacobi::eigen(matrix);
    }
    let basis = orthonormal(&basis);
    let inside = product(basis.t(), product(matrix.view(), basis.view()).view());
    let (values, vectors) = jacobi::eigen(inside);
    (values, product(basis.view(), vectors.view()))
}

/// An orthonormal basis of the span of the columns, the first axis where all are zero. They are scaled together, the longest to length 1, so that one tolerance fits all inputs;
/// a column of which less than that is left beside those before it is left out.
fn orthonormal(columns: &Array2<f64>) -> Array2<f64> {
    let largest = columns.columns().into_iter().map(|column| column.dot(&column)).fold(0.0, f64::max).sqrt();
    if largest == 0.0 {
        // Of nothing but zeros every direction is an eigenvector; the first axis is one.
        return Array2::from_shape_fn((columns.nrows(), 1), |(row, _)| if row == 0 { 1.0 } else { 0.0 });
    }
    let scaled = columns.columns().into_iter().map(|column| column.mapv(|x| x / largest));
    let once = gram_schmidt(scaled, columns.nrows(), 1e-13);
    // What is left of a nearly dependent column is not quite orthogonal to the others: a second pass makes it so.
    gram_schmidt(once.columns().into_iter().map(|column| column.to_owned()), columns.nrows(), 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::random;
    use ndarray::s;

    /// Fewer directions than are asked for, none at all, and as many: what is given back is orthonormal.
    #[test]
    fn the_vectors_are_orthonormal_at_every_rank() {
        for rank in [0, 1, 9, 10, 40, 120] {
            let x = random::matrix(120, rank, &mut random::generator(rank as u64));
            let (values, vectors) = within(ROUNDS, 8, x.dot(&x.t()), 10);
            assert_eq!(values.len(), vectors.ncols());
            assert!(values.len() >= rank.clamp(1, 10), "rank {rank}: {} vectors", values.len());
            let off = vectors.t().dot(&vectors) - Array2::<f64>::eye(vectors.ncols());
            assert!(off.iter().all(|x| x.abs() < 1e-12), "rank {rank}");
            let image = x.dot(&x.t().dot(&vectors));
            let wrong = &image - &(&vectors * &ndarray::Array1::from(values.clone()));
            let leading = rank.min(10);
            let scale = values[0].max(f64::MIN_POSITIVE);
            if rank < 74 {
                assert!(wrong.slice(s![.., ..leading]).iter().all(|x| x.abs() < 1e-6 * scale), "rank {rank}");
            }
        }
    }

    /// One round is not enough for any subspace, and what it holds by then is not given back.
    #[test]
    fn a_subspace_that_still_grows_is_not_taken() {
        let mut x = random::matrix(400, 100, &mut random::generator(5));
        x.columns_mut().into_iter().zip(0..).for_each(|(mut column, n)| column *= 0.8_f64.powi(n));
        let matrix = x.t().dot(&x);
        let (want, vectors) = jacobi::eigen(matrix.clone());
        assert_eq!(within(1, 8, matrix.clone(), 10), (want.clone(), vectors));
        let (settled, _) = within(ROUNDS, 8, matrix, 10);
        assert!(settled.len() < want.len(), "this one is of a subspace");
        for (got, want) in settled.iter().zip(&want).take(10) {
            assert!((got / want - 1.0).abs() < 1e-4, "{got} for {want}");
        }
    }
}
