//! From the positions of a text to its vector.
//!
//! ```text
//! m = 1/L Σ_t H_t        e = m / max(‖m‖, 1e-12)        H [L, D], e [D]
//! ```

use ndarray::{Array1, ArrayView2};

/// The smallest norm that is divided by.
const LEAST: f32 = 1e-12;

/// The unit vector in the direction of the mean of the rows; zeros if that mean is zero.
pub(super) fn pool(positions: ArrayView2<f32>) -> Array1<f32> {
    let mut sum = Array1::zeros(positions.ncols());
    positions.rows().into_iter().for_each(|row| sum += &row);
    let mean: Array1<f32> = sum / positions.nrows() as f32;
    let norm = mean.dot(&mean).sqrt();
    mean / norm.max(LEAST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn the_mean_has_length_one() {
        assert_eq!(pool(array![[1.0, 8.0], [5.0, 0.0]].view()), array![3.0 / 5.0, 4.0 / 5.0]);
    }

    #[test]
    fn zeros_stay_zeros() {
        assert_eq!(pool(array![[1.0, -1.0], [-1.0, 1.0]].view()), array![0.0, 0.0]);
    }
}
