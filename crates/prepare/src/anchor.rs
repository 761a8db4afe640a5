//! The anchor feature where no fused one was published: text and images, joined and cut to their main directions.
//!
//! ```text
//! X  = [ T / |T| , V / |V| ]                         rows of length 1 in each part; a row of zeros stays one
//! C  = (X - mean)ᵀ (X - mean)                        [d, d]
//! mm = (X - mean) W,   W: the first eigenvectors of C, [d, width]
//! ```
//!
//! `width` is at most the number asked for, and at most the number of eigenvalues above 10⁻¹⁰ of the largest. **Sign:** in each column of `W` the entry of
//! largest magnitude is positive (of equal ones the first).
//!
//! The eigenvectors are those of [`leading_eigen`]: exact up to 1,024 columns, above them a subspace that holds as much variance as the true ones to
//! about one part in a million. No sum depends on the number of threads.
//!
//! **Memory.** `8 d²` bytes for C, as much again for the subspace, blocks of [`BLOCK`] rows, and the result; X never exists as a whole.

use anchorrec_linalg::product;
use anchorrec_linalg::product::add_product;
use anchorrec_linalg::subspace::leading_eigen;
use ndarray::{Array1, Array2, ArrayView2, Axis, concatenate, s};

/// Rows of X at a time.
pub const BLOCK: usize = 512;
/// Where eigenvalues count as zero, beside the largest.
const RANK: f64 = 1e-10;

/// A principal component analysis of joined features.
#[derive(Clone, Debug)]
pub struct Anchor {
    /// The projected rows, `[items, width]`.
    pub matrix: Array2<f32>,
    /// `W`, `[d, width]`, columns of length 1, orthogonal.
    pub directions: Array2<f64>,
    /// The mean of the rows of X, `[d]`.
    pub mean: Array1<f64>,
    /// The share of the variance that is kept, from 0 to 1.
    pub kept: f64,
}

/// Makes the anchor feature of at most `width` columns.
///
/// # Panics
/// When there is no part, or parts differ in their number of rows.
pub fn anchor(parts: &[ArrayView2<f32>], width: usize) -> Anchor {
    let joined = Joined::new(parts);
    let covariance = joined.covariance();
    let all: f64 = covariance.diag().sum();
    let (values, vectors) = leading_eigen(covariance, width);
    let largest = values.first().copied().unwrap_or(0.0);
    // Without any variance there is no direction; one column of zeros is still a feature.
    let rank = values.iter().take(width).filter(|&&value| value > RANK * largest && value > 0.0).count().max(1);
    let mut directions = vectors.slice(s![.., ..rank]).to_owned();
    directions.axis_iter_mut(Axis(1)).for_each(|mut column| {
        let peak = column.iter().fold(0.0f64, |peak, &x| if x.abs() > peak.abs() { x } else { peak });
        if peak < 0.0 {
            column.mapv_inplace(|x| -x);
        }
    });
    let kept = if all > 0.0 { (values[..rank].iter().sum::<f64>() / all).min(1.0) } else { 1.0 };
    let matrix = joined.project(&directions);
    Anchor { matrix, directions, mean: joined.mean, kept }
}

/// The widest anchor feature that is made where none was given: the width of the published fused features.
pub const FALLBACK_WIDTH: usize = 768;

/// Makes the anchor feature of what there is, and what to say about it; `None` where there is neither text nor images. Of one of them it is the PCA
/// of that one, which adds nothing to it but is what a model that is anchored needs.
pub fn fallback(text: Option<&Array2<f32>>, vision: Option<&Array2<f32>>) -> Option<(Array2<f32>, String)> {
    let of = match (text, vision) {
        (Some(_), Some(_)) => "text and images",
        (Some(_), None) => "text alone",
        (None, Some(_)) => "images alone",
        (None, None) => return None,
    };
    let parts: Vec<ArrayView2<f32>> = [text, vision].into_iter().flatten().map(|part| part.view()).collect();
    let Anchor { matrix, kept, .. } = anchor(&parts, FALLBACK_WIDTH);
    let note = format!(
        "mm_feat.npy is made here, not an embedding of image and text together: the PCA of {of}, rows of length 1, to {} columns with {:.1} % of the variance",
        matrix.ncols(),
        kept * 100.0
    );
    Some((matrix, note))
}

/// X, row by row.
struct Joined<'a> {
    parts: &'a [ArrayView2<'a, f32>],
    mean: Array1<f64>,
}

impl<'a> Joined<'a> {
    fn new(parts: &'a [ArrayView2<'a, f32>]) -> Self {
        let rows = parts[0].nrows();
        assert!(parts.iter().all(|part| part.nrows() == rows), "parts of different numbers of rows");
        let columns: usize = parts.iter().map(|part| part.ncols()).sum();
        let mut joined = Joined { parts, mean: Array1::zeros(columns) };
        let mut sum = Array1::zeros(columns);
        joined.blocks(|_, block| sum += &block.sum_axis(Axis(0)));
        joined.mean = sum / rows.max(1) as f64;
        joined
    }

    /// Blocks of `X - mean` in order, each with the number of its first row.
    fn blocks(&self, mut each: impl FnMut(usize, Array2<f64>)) {
        for start in (0..self.parts[0].nrows()).step_by(BLOCK) {
            let end = (start + BLOCK).min(self.parts[0].nrows());
            let scaled = self.parts.iter().map(|part| {
                let mut block = part.slice(s![start..end, ..]).mapv(f64::from);
                for mut row in block.rows_mut() {
                    let length = row.dot(&row).sqrt();
                    if length > 0.0 {
                        row /= length;
                    }
                }
                block
            });
            let scaled: Vec<Array2<f64>> = scaled.collect();
            let views: Vec<ArrayView2<f64>> = scaled.iter().map(|part| part.view()).collect();
            let block = concatenate(Axis(1), &views).expect("parts have as many rows as one another");
            each(start, block - &self.mean);
        }
    }

    fn covariance(&self) -> Array2<f64> {
        let columns = self.mean.len();
        let mut covariance = Array2::<f64>::zeros((columns, columns));
        self.blocks(|_, block| add_product(covariance.view_mut(), 1.0, block.t(), block.view()));
        covariance
    }

    fn project(&self, directions: &Array2<f64>) -> Array2<f32> {
        let mut out = Array2::zeros((self.parts[0].nrows(), directions.ncols()));
        self.blocks(|start, block| {
            let rows = product(block.view(), directions.view());
            out.slice_mut(s![start..start + rows.nrows(), ..]).assign(&rows.mapv(|x| x as f32));
        });
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn random(rows: usize, columns: usize, seed: u64) -> Array2<f32> {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        Array2::from_shape_simple_fn((rows, columns), || generator.random::<f32>() - 0.5)
    }

    fn orthonormal_error(directions: &Array2<f64>) -> f64 {
        let gram = directions.t().dot(directions) - Array2::<f64>::eye(directions.ncols());
        gram.iter().fold(0.0, |worst, x| worst.max(x.abs()))
    }

    #[test]
    fn a_small_case_by_hand() {
        // Rows of length 1 on two axes: (1,0), (0,1), (1,0), (0,1). Mean (½,½); all variance on (1,-1)/√2.
        let features = array![[3.0f32, 0.0], [0.0, 0.5], [2.0, 0.0], [0.0, 9.0]];
        let got = anchor(&[features.view()], 768);
        let half = 0.5f64.sqrt();
        assert_eq!(got.directions.dim(), (2, 1), "the second direction has no variance");
        // Both entries are equally large: the first is positive.
        assert!((got.directions[[0, 0]] - half).abs() < 1e-12 && (got.directions[[1, 0]] + half).abs() < 1e-12);
        let want = [half, -half, half, -half];
        got.matrix.column(0).iter().zip(want).for_each(|(&x, want)| assert!((f64::from(x) - want).abs() < 1e-6));
        assert!((got.kept - 1.0).abs() < 1e-12);
        // Without variance: a column of zeros.
        let same = anchor(&[array![[1.0f32, 1.0], [2.0, 2.0]].view()], 4);
        assert!(same.matrix.dim().1 == 1 && same.matrix.iter().all(|x| x.abs() < 1e-6), "{:?}", same.matrix);
    }

    #[test]
    fn all_directions_give_back_every_row() {
        let (text, vision) = (random(60, 7, 1), random(60, 12, 2));
        let got = anchor(&[text.view(), vision.view()], 768);
        assert_eq!(got.matrix.dim(), (60, 19));
        assert!(orthonormal_error(&got.directions) < 1e-12);
        let back = got.matrix.mapv(f64::from).dot(&got.directions.t()) + &got.mean;
        for (row, back) in back.rows().into_iter().enumerate() {
            let want = [text.row(row), vision.row(row)].map(|part| {
                let part = part.mapv(f64::from);
                let length = part.dot(&part).sqrt();
                part / length
            });
            let want: Vec<f64> = want.iter().flatten().copied().collect();
            back.iter().zip(want).for_each(|(x, want)| assert!((x - want).abs() < 1e-6));
        }
        for (place, column) in got.directions.columns().into_iter().enumerate() {
            let peak = column.iter().fold(0.0f64, |peak, x| if x.abs() > peak.abs() { *x } else { peak });
            assert!(peak > 0.0, "column {place}");
        }
        let spread: Vec<f64> =
            got.matrix.columns().into_iter().map(|c| c.iter().map(|&x| f64::from(x).powi(2)).sum()).collect();
        assert!(spread.is_sorted_by(|a, b| a >= b), "columns are ordered by their variance");
    }

    #[test]
    fn a_subspace_finds_what_rotations_find() {
        // 1,100 columns of rank 30, the strengths apart from one another.
        let (left, right) = (random(300, 30, 3), random(30, 1100, 4));
        let strength = Array1::from_shape_fn(30, |i| 0.8f32.powi(i as i32));
        let features = (left * &strength).dot(&right);
        let got = anchor(&[features.view()], 8);
        assert_eq!(got.directions.dim(), (1100, 8));
        assert!(orthonormal_error(&got.directions) < 1e-10);
        // The witness: X Xᵀ is small and has the same eigenvalues; its eigenvectors u belong to Xᵀ u.
        let parts = [features.view()];
        let mut centred = Array2::zeros((0, 1100));
        Joined::new(&parts).blocks(|_, block| centred = block);
        let (values, inner) = anchorrec_linalg::jacobi::eigen(centred.dot(&centred.t()));
        let vectors = centred.t().dot(&inner.slice(s![.., ..8])) / Array1::from(values[..8].to_vec()).mapv(f64::sqrt);
        let all: f64 = values.iter().sum();
        assert!((got.kept - values[..8].iter().sum::<f64>() / all).abs() < 1e-6);
        for place in 0..8 {
            let cosine = vectors.column(place).dot(&got.directions.column(place)).abs();
            assert!(cosine > 1.0 - 1e-6, "direction {place}: {cosine}");
        }
        assert_eq!(got.matrix, anchor(&[features.view()], 8).matrix);
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(got.matrix, alone.install(|| anchor(&[features.view()], 8).matrix), "threads change no bit");
    }
}
