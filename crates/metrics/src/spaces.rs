//! Two spaces of the same items, compared; one space, by itself.
//!
//! | figure | formula | reads as |
//! |---|---|---|
//! | linear CKA | `‖XᵀY‖² / (‖XᵀX‖ ‖YᵀY‖)`, columns centred (Kornblith et al., ICML 2019) | 1: equal but for rotation and scale; 0: unrelated |
//! | positional spread | `mean_i ‖x̂_i - ŷ_i‖ / mean_{i≠j} ‖x̂_i - x̂_j‖`, unit rows | 0: both positions of an item coincide (collapse); about 1: they are as far apart as different items |
//! | alignment | `mean_{(a,b)} ‖x̂_a - x̂_b‖²` over positive pairs (Wang and Isola, ICML 2020) | 0: pairs coincide |
//! | uniformity | `ln mean_{i≠j} exp(-2 ‖x̂_i - x̂_j‖²)` | the lower the more evenly spread; 0: all in one place |
//!
//! A row of zeros stays zero: it is in the middle of the sphere. Everything is exact, over all pairs, tile by tile.

use anchorrec_kernels::{Real, product, rows};
use ndarray::{Array2, ArrayBase, ArrayView2, Axis, Data, Ix2, s};
use rayon::prelude::*;

/// Rows of a tile of all pairs.
const TILE: usize = 256;

/// A space with its columns centred, ready to be compared with others by CKA.
#[derive(Clone, Debug)]
pub struct Centred {
    rows: Array2<f64>,
    /// The norm of the Gram matrix, `‖XᵀX‖`.
    norm: f64,
}

impl Centred {
    /// Centres the columns of `x` `[I, D]`.
    ///
    /// ```
    /// use anchorrec_metrics::spaces::Centred;
    /// use ndarray::array;
    /// assert_eq!(Centred::new(&array![[1.0], [3.0]]).cka(&Centred::new(&array![[5.0], [9.0]])), 1.0);
    /// ```
    pub fn new<F: Real>(x: &ArrayBase<impl Data<Elem = F>, Ix2>) -> Self {
        let rows = x.mapv(Real::as_f64);
        let mean = rows.mean_axis(Axis(0)).unwrap_or_else(|| ndarray::Array1::zeros(rows.ncols()));
        let rows = rows - mean;
        let norm = squares(&rows, &rows).sqrt();
        Centred { rows, norm }
    }

    /// Returns linear CKA with another space of the same items; 0 when one of them has no variance.
    ///
    /// # Panics
    /// When the numbers of items differ.
    ///
    /// ```
    /// use anchorrec_metrics::spaces::Centred;
    /// use ndarray::array;
    ///
    /// let (x, constant) = (Centred::new(&array![[1.0], [3.0]]), Centred::new(&array![[2.0], [2.0]]));
    /// assert_eq!(x.cka(&constant), 0.0);
    /// ```
    pub fn cka(&self, other: &Centred) -> f64 {
        assert_eq!(self.rows.nrows(), other.rows.nrows(), "linear CKA: rows");
        let norm = self.norm * other.norm;
        if norm > 0.0 { squares(&self.rows, &other.rows) / norm } else { 0.0 }
    }
}

/// Computes `‖XᵀY‖²`.
fn squares(x: &Array2<f64>, y: &Array2<f64>) -> f64 {
    product(&x.t(), y).iter().map(|v| v * v).sum()
}

/// Returns linear CKA of `x` `[I, D]` and `y` `[I, E]`; 0 when one of them has no variance.
///
/// # Panics
/// When the numbers of rows differ.
///
/// ```
/// use anchorrec_metrics::spaces::linear_cka;
/// use ndarray::array;
///
/// // Neither a shift nor a scale changes it.
/// assert_eq!(linear_cka(&array![[1.0], [3.0]], &array![[20.0], [60.0]]), 1.0);
/// ```
pub fn linear_cka<F: Real>(x: &ArrayBase<impl Data<Elem = F>, Ix2>, y: &ArrayBase<impl Data<Elem = F>, Ix2>) -> f64 {
    Centred::new(x).cka(&Centred::new(y))
}

/// The directions of a space's rows, with what all their pairs say.
#[derive(Clone, Debug)]
pub struct Directions {
    rows: Array2<f64>,
    /// `mean_{i≠j} ‖x̂_i - x̂_j‖`; 0 for fewer than two rows.
    pub mean_distance: f64,
    /// `ln mean_{i≠j} exp(-2 ‖x̂_i - x̂_j‖²)`; 0 for fewer than two rows.
    pub uniformity: f64,
}

impl Directions {
    /// Divides the rows of `x` `[I, D]` by their lengths and compares all `I²` pairs.
    ///
    /// ```
    /// use anchorrec_metrics::spaces::Directions;
    /// use ndarray::array;
    ///
    /// // Two opposite unit vectors are 2 apart.
    /// assert_eq!(Directions::new(&array![[5.0, 0.0], [-1.0, 0.0]]).mean_distance, 2.0);
    /// ```
    pub fn new<F: Real>(x: &ArrayBase<impl Data<Elem = F>, Ix2>) -> Self {
        let rows = unit(x.view());
        let [mean_distance, potential] = mean_over_pairs(&rows, |squared| [squared.sqrt(), (-2.0 * squared).exp()]);
        let uniformity = if rows.nrows() < 2 { 0.0 } else { potential.ln() };
        Directions { rows, mean_distance, uniformity }
    }

    /// Returns the positional spread: how far an item's positions here and in `other` are apart, against different items here.
    ///
    /// # Panics
    /// When the shapes differ.
    ///
    /// ```
    /// use anchorrec_metrics::spaces::Directions;
    /// use ndarray::array;
    ///
    /// let (x, opposite) = (array![[1.0, 0.0], [-1.0, 0.0]], array![[-1.0, 0.0], [1.0, 0.0]]);
    /// assert_eq!(Directions::new(&x).spread(&Directions::new(&opposite)), 1.0);
    /// ```
    pub fn spread(&self, other: &Directions) -> f64 {
        assert_eq!(self.rows.dim(), other.rows.dim(), "positional spread: shapes");
        let pairs = self.rows.rows().into_iter().zip(other.rows.rows());
        let apart: f64 = pairs.map(|(x, y)| squared_distance(&x, &y).sqrt()).sum();
        if self.mean_distance > 0.0 { apart / self.rows.nrows() as f64 / self.mean_distance } else { 0.0 }
    }
}

/// Returns how far an item's positions in two spaces of the same width are apart, against different items in the first.
///
/// # Panics
/// When the shapes differ.
///
/// ```
/// use anchorrec_metrics::spaces::positional_spread;
/// use ndarray::array;
///
/// // Every item has the same direction in both spaces: they have collapsed.
/// assert_eq!(positional_spread(&array![[1.0, 0.0], [0.0, 1.0]], &array![[2.0, 0.0], [0.0, 3.0]]), 0.0);
/// ```
pub fn positional_spread<F: Real>(
    x: &ArrayBase<impl Data<Elem = F>, Ix2>,
    y: &ArrayBase<impl Data<Elem = F>, Ix2>,
) -> f64 {
    assert_eq!(x.dim(), y.dim(), "positional spread: shapes");
    Directions::new(x).spread(&Directions::new(y))
}

/// Returns the alignment of positive pairs `(a, b)`, `mean ‖x̂_a - ŷ_b‖²`; 0 for none.
///
/// # Panics
/// When the widths differ or a row is not there.
///
/// ```
/// use anchorrec_metrics::spaces::alignment;
/// use ndarray::array;
///
/// // The pair (0, 0) coincides, the pair (0, 1) is at right angles.
/// let (users, items) = (array![[2.0, 0.0]], array![[1.0, 0.0], [0.0, 1.0]]);
/// assert_eq!(alignment(&users, &items, &[(0, 0), (0, 1)]), (0.0 + 2.0) / 2.0);
/// ```
pub fn alignment<F: Real>(
    x: &ArrayBase<impl Data<Elem = F>, Ix2>,
    y: &ArrayBase<impl Data<Elem = F>, Ix2>,
    pairs: &[(u32, u32)],
) -> f64 {
    assert_eq!(x.ncols(), y.ncols(), "alignment: widths");
    let (x, y) = (unit(x.view()), unit(y.view()));
    let of = |&(a, b): &(u32, u32)| squared_distance(&x.row(a as usize), &y.row(b as usize));
    pairs.iter().map(of).sum::<f64>() / pairs.len().max(1) as f64
}

/// Returns the uniformity of the rows of `x`, `ln mean_{i≠j} exp(-2 ‖x̂_i - x̂_j‖²)`; 0 for fewer than two rows.
///
/// ```
/// use anchorrec_metrics::spaces::uniformity;
/// use ndarray::array;
///
/// // Two rows at right angles: a squared distance of 2.
/// assert!((uniformity(&array![[1.0, 0.0], [0.0, 1.0]]) - (-2.0 * 2.0)).abs() < 1e-15);
/// ```
pub fn uniformity<F: Real>(x: &ArrayBase<impl Data<Elem = F>, Ix2>) -> f64 {
    Directions::new(x).uniformity
}

fn unit<F: Real>(x: ArrayView2<F>) -> Array2<f64> {
    rows::normalised(&x.mapv(Real::as_f64))
}

fn squared_distance(x: &ndarray::ArrayView1<f64>, y: &ndarray::ArrayView1<f64>) -> f64 {
    x.iter().zip(y).map(|(x, y)| (x - y).powi(2)).sum()
}

/// The means of the two numbers `f(‖x_i - x_j‖²)` over all `i ≠ j`; 0 for fewer than two rows.
fn mean_over_pairs(x: &Array2<f64>, f: impl Fn(f64) -> [f64; 2] + Sync) -> [f64; 2] {
    let n = x.nrows();
    let squares: Vec<f64> = x.rows().into_iter().map(|row| row.dot(&row)).collect();
    let starts: Vec<usize> = (0..n).step_by(TILE).collect();
    // A sum for each block of rows, added in order: the same for any number of threads.
    let of_block = |&start: &usize| {
        let end = n.min(start + TILE);
        let mut inner = Array2::zeros((end - start, n));
        anchorrec_kernels::product_serial_into(inner.view_mut(), &x.slice(s![start..end, ..]), &x.t());
        let mut sums = [0.0; 2];
        for (i, row) in (start..).zip(inner.rows()) {
            for (j, inner) in row.iter().enumerate().filter(|(j, _)| *j != i) {
                // Rounding may put two equal rows a little below zero apart.
                let [a, b] = f((squares[i] + squares[j] - 2.0 * inner).max(0.0));
                sums = [sums[0] + a, sums[1] + b];
            }
        }
        sums
    };
    let of_blocks: Vec<[f64; 2]> = starts.par_iter().map(of_block).collect();
    let pairs = n as f64 * n.saturating_sub(1) as f64;
    [0, 1].map(|which| if n < 2 { 0.0 } else { of_blocks.iter().map(|sums| sums[which]).sum::<f64>() / pairs })
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_testkit::{assert_close_scalar, random};
    use ndarray::array;

    #[test]
    fn the_number_of_threads_changes_no_bit() {
        let rng = &mut random::generator(8);
        let [x, y] = [random::matrix(900, 6, rng), random::matrix(900, 6, rng)];
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| [uniformity(&x), positional_spread(&x, &y), linear_cka(&x, &y), uniformity(&y)])
        };
        let one = on(1);
        for threads in [2, 3, 7] {
            assert_eq!(on(threads), one, "{threads} threads");
        }
    }

    #[test]
    fn three_points_solved_by_hand() {
        // Unit vectors at 0, 90 and 180 degrees: squared distances 2, 2 and 4.
        let x = array![[2.0, 0.0], [0.0, 1.0], [-3.0, 0.0]];
        let mean = (2.0 * 2f64.sqrt() + 2.0) / 3.0;
        assert_close_scalar("uniformity", uniformity(&x), ((2.0 * (-4f64).exp() + (-8f64).exp()) / 3.0).ln(), 1e-13);
        // The second space: the first turned by 90 degrees, so every item is √2 away from itself.
        let y = array![[0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]];
        assert_close_scalar("spread", positional_spread(&x, &y), 2f64.sqrt() / mean, 1e-14);
        assert_eq!(positional_spread(&x, &x), 0.0);
        assert_close_scalar("alignment", alignment(&x, &y, &[(0, 0), (1, 2), (0, 2)]), (2.0 + 4.0 + 2.0) / 3.0, 1e-14);
    }

    #[test]
    fn cka_sees_rotation_and_scale_as_nothing() {
        let rng = &mut random::generator(1);
        let x = random::matrix(300, 3, rng);
        let turn = array![[0.6, -0.8, 0.0], [0.8, 0.6, 0.0], [0.0, 0.0, 1.0]];
        assert_close_scalar("turned", linear_cka(&x, &(x.dot(&turn) * 5.0 + 2.0)), 1.0, 1e-13);
        // One column of two that is shared: x = (a, b), y = a with a, b orthogonal, centred and of the same length.
        let (a, b) = ([1.0, -1.0, 1.0, -1.0], [1.0, 1.0, -1.0, -1.0]);
        let x = Array2::from_shape_fn((4, 2), |(i, j)| if j == 0 { a[i] } else { b[i] });
        let y = Array2::from_shape_fn((4, 1), |(i, _)| a[i]);
        assert_close_scalar("half", linear_cka(&x, &y), 16.0 / (32f64.sqrt() * 4.0), 1e-14);
        assert_eq!(linear_cka(&y, &Array2::ones((4, 2))), 0.0);
    }

    #[test]
    fn tiles_join_without_a_seam() {
        let x = unit(random::matrix(2 * TILE + 40, 3, &mut random::generator(2)).view());
        let n = x.nrows();
        let mut sums = [0.0; 2];
        for i in 0..n {
            for j in (0..n).filter(|&j| j != i) {
                let squared = squared_distance(&x.row(i), &x.row(j));
                sums = [sums[0] + squared.sqrt(), sums[1] + squared];
            }
        }
        let means = mean_over_pairs(&x, |squared| [squared.sqrt(), squared]);
        for (mean, sum) in means.into_iter().zip(sums) {
            assert_close_scalar("all pairs", mean, sum / (n * (n - 1)) as f64, 1e-12);
        }
    }
}
