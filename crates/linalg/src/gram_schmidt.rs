//! Modified Gram-Schmidt: an orthonormal basis of the span of some vectors.
//!
//! Each vector loses its share along every vector of the basis, one after the other, `a <- a - (q·a) q`, and joins the basis with length 1. Sums
//! run in the order of the elements. Operations and their order are those of `ndarray_linalg::krylov::mgs`; a test holds the two equal to the last bit,
//! because recorded data sets were made with that.

use ndarray::{Array1, Array2, ShapeBuilder};

/// Makes an orthonormal basis in columns, `[dim, n]`. A vector of which less than `tolerance` is left beside those before it is left out.
///
/// # Panics
/// When a vector has not `dim` elements.
///
/// ```
/// use ndarray::{array, Array1};
/// let basis = anchorrec_linalg::gram_schmidt([array![0.0, 2.0], array![0.0, 3.0], array![4.0, 4.0]], 2, 1e-9);
/// assert_eq!(basis, array![[0.0, 1.0], [1.0, 0.0]]); // the second vector is dependent
/// ```
pub fn gram_schmidt(vectors: impl IntoIterator<Item = Array1<f64>>, dim: usize, tolerance: f64) -> Array2<f64> {
    let mut basis: Vec<Array1<f64>> = Vec::new();
    for mut vector in vectors {
        assert_eq!(vector.len(), dim, "gram_schmidt: a vector's length and the dimension");
        for q in &basis {
            let along = q.iter().zip(&vector).fold(0.0, |sum, (q, a)| sum + q * a);
            vector.iter_mut().zip(q).for_each(|(a, q)| *a -= along * q);
        }
        let norm = vector.iter().map(|a| a * a).sum::<f64>().sqrt();
        if norm >= tolerance {
            vector.mapv_inplace(|a| a / norm);
            basis.push(vector);
        }
    }
    let mut columns = Array2::zeros((dim, basis.len()).f());
    for (mut column, q) in columns.columns_mut().into_iter().zip(&basis) {
        column.assign(q);
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::random;
    use ndarray_linalg::krylov::{Strategy, mgs};

    #[test]
    fn every_bit_is_that_of_ndarray_linalg() {
        for (seed, (dim, count, dependent)) in
            [(1, 1, 0), (7, 7, 0), (100, 32, 0), (4096, 32, 0), (50, 20, 3), (5, 9, 0)].into_iter().enumerate()
        {
            let rng = &mut random::generator(seed as u64);
            let mut vectors: Vec<Array1<f64>> =
                (0..count).map(|_| random::matrix(1, dim, rng).row(0).to_owned()).collect();
            for k in 0..dependent {
                let sum = &vectors[k] + &(&vectors[k + 1] * 1e3);
                vectors.insert(2 * k + 2, sum);
            }
            for tolerance in [1e-9, 0.5] {
                // `mgs` panics where it would keep nothing: a single number below the tolerance.
                if dim == 1 && tolerance > vectors[0][0].abs() {
                    assert_eq!(gram_schmidt(vectors.clone(), dim, tolerance).dim(), (1, 0));
                    continue;
                }
                let (want, _) = mgs(vectors.clone().into_iter(), dim, tolerance, Strategy::Skip);
                let got = gram_schmidt(vectors.clone(), dim, tolerance);
                assert_eq!(got.dim(), want.dim(), "{dim} x {count}");
                assert_eq!(got.strides(), want.strides(), "products of the basis see the same layout");
                let same = got.iter().zip(&want).all(|(a, b)| a.to_bits() == b.to_bits());
                assert!(same, "{dim} x {count}, tolerance {tolerance}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "a vector's length and the dimension")]
    fn vectors_have_the_dimension() {
        gram_schmidt([Array1::zeros(2)], 3, 1e-9);
    }
}
