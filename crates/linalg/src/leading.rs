//! The first eigenvector of a symmetric matrix without negative eigenvalues, by power iteration: `v <- A v / ‖A v‖`.

use ndarray::{Array1, Array2};

/// Most steps.
const STEPS: usize = 2000;

/// Finds the largest eigenvalue and its vector, of length 1, the component of largest magnitude positive. Zero, with a vector of zeros, of a matrix of
/// zeros.
///
/// It ends when `‖A v - λ v‖ <= 1e-10 λ`, or after 2000 steps: then the two largest eigenvalues are nearly the same, and what is returned is a direction in
/// the plane of their vectors with a value between the two. No other direction holds more, to that difference.
///
/// ```
/// let (value, vector) = anchorrec_linalg::leading(&ndarray::array![[2.0, 0.0], [0.0, 5.0]]);
/// assert_eq!((value, vector), (5.0, ndarray::array![0.0, 1.0]));
/// ```
pub fn leading(matrix: &Array2<f64>) -> (f64, Array1<f64>) {
    // The column of the largest diagonal element is not orthogonal to the vector that is looked for unless the matrix says so.
    let diagonal = matrix.diag();
    let start = (0..diagonal.len()).fold(0, |best, k| if diagonal[k] > diagonal[best] { k } else { best });
    let mut vector = matrix.column(start).to_owned();
    let mut value = 0.0;
    for _ in 0..STEPS {
        let norm = vector.dot(&vector).sqrt();
        if norm < 1e-150 {
            return (0.0, Array1::zeros(diagonal.len()));
        }
        vector /= norm;
        let next = matrix.dot(&vector);
        value = vector.dot(&next);
        let rest = &next - &(&vector * value);
        let done = rest.dot(&rest).sqrt() <= 1e-10 * value.abs();
        if done {
            break;
        }
        vector = next;
    }
    let norm = vector.dot(&vector).sqrt();
    let largest = vector.iter().copied().fold(0.0, |a: f64, b| if b.abs() > a.abs() { b } else { a });
    (value, vector * (1.0 / (norm * if largest < 0.0 { -1.0 } else { 1.0 })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn the_component_of_largest_magnitude_is_positive() {
        // [[1, -1], [-1, 1]] + I: 3 along (1, -1)/√2.
        let (value, vector) = leading(&array![[2.0, -1.0], [-1.0, 2.0]]);
        assert!((value - 3.0).abs() < 1e-12);
        assert!((vector[0] - 0.5f64.sqrt()).abs() < 1e-9 && (vector[1] + 0.5f64.sqrt()).abs() < 1e-9, "{vector}");
        assert_eq!(leading(&Array2::zeros((2, 2))), (0.0, array![0.0, 0.0]));
    }

    /// 2000 steps change the ratio of two components by `(1 + 1e-7)^2000`, about 1.0002: it does not converge, and need not.
    #[test]
    fn nearly_equal_values_give_a_direction_in_their_plane() {
        let (c, s) = (0.6, 0.8);
        let (one, other) = (array![c, s, 0.0], array![-s, c, 0.0]);
        let outer = |v: &Array1<f64>, w: f64| Array2::from_shape_fn((3, 3), |(i, j)| w * v[i] * v[j]);
        let matrix = outer(&one, 1.0 + 1e-7) + outer(&other, 1.0) + outer(&array![0.0, 0.0, 1.0], 0.1);
        let (value, vector) = leading(&matrix);
        assert!((1.0 - 1e-12..=1.0 + 1e-7 + 1e-12).contains(&value), "{value}");
        assert!(vector[2].abs() < 1e-12 && (vector.dot(&vector) - 1.0).abs() < 1e-12, "{vector}");
        let residual = matrix.dot(&vector) - &vector * value;
        assert!(residual.dot(&residual).sqrt() > 1e-10, "it did not converge, or this tests nothing");
    }
}
