//! Distance between two geometries: how far the inner products of rows `h` are from those of target rows `s`.
//!
//! `AMP = ‖H Hᵀ - S Sᵀ‖_F`, un-squared, `H` `[n, D]`, `S` `[n, W]` (the target, detached). With `Δ = H Hᵀ - S Sᵀ`
//! the gradient is `2 Δ H / ‖Δ‖_F`, and zero at distance zero.
//!
//! **Form.** `Δ` `[n, n]` is never stored. It is symmetric, so only the tiles on and above the diagonal are formed; a
//! tile gives its squares (twice off the diagonal), `Δ_ij H_j` to row block `i` and `Δ_ijᵀ H_i` to block `j`, and is
//! gone. Subtracting before squaring keeps the rounding at that of the inner products. A narrow target is cheaper in
//! feature space (`expansion`), where the distance is a small difference of large numbers when `H` nearly fits `S`; it is
//! taken there only while that costs at most a digit.
//!
//! Both factors are packed once for all tiles ([`Packed`]): a target is wide (4,096 columns for images), and packing it again for
//! each of them would cost as much as a part of the product.
//!
//! **Multiplicities.** When row `i` occurs `c_i` times in a batch, `Δ_ij` occurs `c_i c_j` times in the sum, and
//! `c_i c_j Δ_ij² = (√c_i h_i · √c_j h_j - √c_i s_i · √c_j s_j)²`: the distance over the batch is exactly that over its
//! distinct rows, each of `H` and `S` scaled by `√c_i`. The gradient of `h_i` is then `√c_i` times that of the scaled row.

mod expansion;
mod target;

pub use target::Target;

use anchorrec_kernels::packed::{GRAIN, Packed};
use anchorrec_kernels::{Real, rows, tasks};
use ndarray::{Array2, ArrayView2, Axis, s};
use std::ops::Range;
use target::TILE;

/// The value of [`gram_distance`](fn@gram_distance) and what its backward pass needs.
#[derive(Clone, Debug)]
pub struct GramDistance<F> {
    /// The loss.
    pub value: F,
    /// `2 Δ H / ‖Δ‖_F`, `[n, D]`.
    gradient: Array2<F>,
}

/// Distance between two geometries: `‖h hᵀ - s sᵀ‖_F`; `h` `[n, D]`, the target `s` (stop-gradient) `[n, W]`.
///
/// The caller divides by the batch size, and scales rows that repeat; see the [module](self).
///
/// # Panics
/// When the numbers of rows differ.
///
/// ```
/// use anchorrec_losses::gram_distance;
/// use ndarray::array;
///
/// // h hᵀ is the identity; all inner products of s are 1: they differ by 1 in the two places off the diagonal.
/// let (h, s) = (array![[1.0, 0.0], [0.0, 1.0]], array![[1.0], [1.0]]);
/// assert!((gram_distance(h.view(), s.view()).value - 2f64.sqrt()).abs() < 1e-15);
/// // A rotation changes no inner product.
/// assert_eq!(gram_distance(h.view(), array![[0.0, 1.0], [-1.0, 0.0]].view()).value, 0.0);
/// ```
pub fn gram_distance<F: Real>(h: ArrayView2<F>, s: ArrayView2<F>) -> GramDistance<F> {
    assert_eq!(h.nrows(), s.nrows(), "gram_distance: rows {:?} and targets {:?}", h.dim(), s.dim());
    let cheap = expansion::is_cheaper(h.nrows(), h.ncols(), s.ncols());
    let expanded = if cheap { expansion::distance(h, s) } else { None };
    let (distance, delta_h) = expanded.unwrap_or_else(|| tiled(h, Packed::new(s.t())));
    GramDistance::new(distance, delta_h)
}

/// [`gram_distance`](fn@gram_distance) to rows of a table, which are read in place.
///
/// # Panics
/// When the numbers of rows differ, or a row is not in the table.
///
/// ```
/// use anchorrec_losses::gram_distance::{Target, gram_distance_to_rows};
/// use ndarray::array;
///
/// // Row 2 of the table, twice as long: its square is 4, that of h is 9.
/// let table = array![[7.0], [8.0], [1.0]];
/// let target = Target { table: table.view(), rows: &[2], factors: array![2.0] };
/// assert_eq!(gram_distance_to_rows(array![[3.0]].view(), &target).value, 9.0 - 4.0);
/// ```
pub fn gram_distance_to_rows<F: Real>(h: ArrayView2<F>, target: &Target<F>) -> GramDistance<F> {
    target.check(h);
    if expansion::is_cheaper(h.nrows(), h.ncols(), target.table.ncols()) {
        let factors = target.factors.view().insert_axis(Axis(1));
        return gram_distance(h, (rows::gather(&target.table, target.rows) * factors).view());
    }
    let (distance, delta_h) = tiled(h, Packed::of_rows(target.table, target.rows, target.factors.view()));
    GramDistance::new(distance, delta_h)
}

/// [`gram_distance_to_rows`] for a target that never changes, whose `‖S Sᵀ‖²` (`gram_squares`) is known beforehand.
///
/// It takes `n (4 W D + 4 D²)` operations, none of them `n²`. Returns `None` when `h` fits the target so nearly that too many
/// digits would be lost; the caller then takes [`gram_distance_to_rows`].
///
/// # Panics
/// When the numbers of rows differ, or they do not ascend within the table.
///
/// ```
/// use anchorrec_losses::gram_distance::{Target, gram_distance_to_known};
/// use ndarray::array;
///
/// let table = array![[7.0], [8.0], [1.0]];
/// let target = Target { table: table.view(), rows: &[2], factors: array![2.0] };
/// // s sᵀ = 4, so its squared norm is 16.
/// let loss = gram_distance_to_known(array![[3.0]].view(), &target, 16.0).expect("9 and 4 are far apart");
/// assert_eq!(loss.value, 9.0 - 4.0);
/// assert!(gram_distance_to_known(array![[2.0]].view(), &target, 16.0).is_none(), "an exact fit");
/// ```
pub fn gram_distance_to_known<F: Real>(
    h: ArrayView2<F>,
    target: &Target<F>,
    gram_squares: f64,
) -> Option<GramDistance<F>> {
    target.check(h);
    let (distance, delta_h) = expansion::distance_to_known(h, target, gram_squares)?;
    Some(GramDistance::new(distance, delta_h))
}

/// `(‖Δ‖_F, Δ H)` tile by tile; `s_t` is `Sᵀ`.
fn tiled<F: Real>(h: ArrayView2<F>, s_t: Packed<F>) -> (f64, Array2<F>) {
    // Rows of zeros fill the last tile up: they add nothing to any product.
    let (n, rows) = (h.nrows(), h.nrows().next_multiple_of(GRAIN));
    let mut minus_h = Array2::zeros((rows, h.ncols()));
    minus_h.slice_mut(s![..n, ..]).zip_mut_with(&h, |m, &h| *m = -h);
    let factors = Factors { h_t: Packed::new(h.t()), minus_h_t: Packed::new(minus_h.t()), s_t };
    let blocks: Vec<Range<usize>> = (0..rows).step_by(TILE).map(|start| start..rows.min(start + TILE)).collect();
    let minus_h_of: Vec<Packed<F>> =
        blocks.iter().map(|block| Packed::new(minus_h.slice(s![block.clone(), ..]))).collect();
    let pairs: Vec<(usize, usize)> = (0..blocks.len()).flat_map(|i| (i..blocks.len()).map(move |j| (i, j))).collect();
    let tile = |&(i, j): &(usize, usize)| {
        let minus_delta = factors.minus_delta(blocks[i].clone(), blocks[j].clone());
        Tile::new(minus_delta, &minus_h_of[i], &minus_h_of[j], i == j)
    };
    let tiles: Vec<Tile<F>> = tasks::map(&pairs, tile);

    let mut gradient = Array2::zeros((rows, h.ncols()));
    let mut squares = 0.0;
    for (tile, &(i, j)) in tiles.iter().zip(&pairs) {
        squares += tile.squares;
        gradient.slice_mut(s![blocks[i].clone(), ..]).zip_mut_with(&tile.upper, |g, &t| *g += t);
        if let Some(lower) = &tile.lower {
            gradient.slice_mut(s![blocks[j].clone(), ..]).zip_mut_with(lower, |g, &t| *g += t);
        }
    }
    gradient.slice_collapse(s![..n, ..]);
    (squares.sqrt(), gradient)
}

/// What tiles of `Δ` are products of.
struct Factors<F> {
    /// The factor `Hᵀ`.
    h_t: Packed<F>,
    /// The factor `-Hᵀ`.
    minus_h_t: Packed<F>,
    /// The factor `Sᵀ`.
    s_t: Packed<F>,
}

impl<F: Real> Factors<F> {
    /// `-Δ[rows, columns]`.
    fn minus_delta(&self, rows: Range<usize>, columns: Range<usize>) -> Array2<F> {
        let mut tile = Array2::zeros((rows.len(), columns.len()));
        self.h_t.add_transposed_product(&self.minus_h_t, rows.clone(), columns.clone(), tile.view_mut());
        self.s_t.add_transposed_product(&self.s_t, rows, columns, tile.view_mut());
        tile
    }
}

impl<F: Real> GramDistance<F> {
    fn new(distance: f64, mut delta_h: Array2<F>) -> Self {
        // Not `distance > 0`: a NaN must stay one.
        let scale = if distance == 0.0 { F::zero() } else { F::of(2.0 / distance) };
        delta_h.mapv_inplace(|g| g * scale);
        GramDistance { value: F::of(distance), gradient: delta_h }
    }

    /// Returns `d_h`, `[n, D]`, times `upstream`. The target has no gradient: it is detached.
    ///
    /// ```
    /// use anchorrec_losses::gram_distance;
    /// use ndarray::array;
    ///
    /// // |h² - 4| at h = 3 has the slope 2 · 3.
    /// let loss = gram_distance(array![[3.0]].view(), array![[2.0]].view());
    /// assert_eq!(loss.backward(1.0), array![[6.0]]);
    /// ```
    pub fn backward(&self, upstream: F) -> Array2<F> {
        self.gradient.mapv(|g| g * upstream)
    }
}

/// What one tile `Δ_ij` leaves behind.
struct Tile<F> {
    /// The tile's share of `‖Δ‖²`, that of its mirror image included.
    squares: f64,
    /// `Δ_ij H_j`, for row block `i`.
    upper: Array2<F>,
    /// `Δ_ijᵀ H_i`, for row block `j`; none on the diagonal, where it is the same.
    lower: Option<Array2<F>>,
}

impl<F: Real> Tile<F> {
    fn new(minus_delta: Array2<F>, minus_h_i: &Packed<F>, minus_h_j: &Packed<F>, diagonal: bool) -> Self {
        let squares: f64 = minus_delta.rows().into_iter().map(|row| row.dot(&row).as_f64()).sum();
        let upper = minus_h_j.product(minus_delta.view());
        if diagonal {
            return Tile { squares, upper, lower: None };
        }
        Tile { squares: 2.0 * squares, upper, lower: Some(minus_h_i.product(minus_delta.t())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_kernels::rows::{gather, scatter_add};
    use anchorrec_testkit::{assert_close, assert_close_scalar, assert_gradient, random};
    use ndarray::Array1;
    use ndarray::array;

    /// The formula as it is, `Δ` stored: value and gradient.
    fn plain(h: &Array2<f64>, s: &Array2<f64>) -> (f64, Array2<f64>) {
        let delta = h.dot(&h.t()) - s.dot(&s.t());
        let distance = (&delta * &delta).sum().sqrt();
        (distance, delta.dot(h) * (2.0 / distance))
    }

    #[test]
    fn two_rows_solved_by_hand() {
        // H Hᵀ = [[4, 2], [2, 1]], S Sᵀ = 1: Δ = [[3, 2], [2, 0]], Δ H = [[8], [4]].
        let loss = gram_distance(array![[2.0], [1.0]].view(), array![[1.0, 0.0], [0.0, 1.0]].view());
        let norm = f64::sqrt(9.0 + 4.0 + 4.0 + 0.0);
        assert_close_scalar("value", loss.value, norm, 1e-15);
        assert_close("gradient", loss.backward(norm).view(), array![[2.0 * 8.0], [2.0 * 4.0]].view(), 1e-15);
    }

    #[test]
    fn equals_the_stored_matrix_for_all_numbers_of_tiles() {
        for (n, d, w) in [(1, 1, 1), (5, 3, 7), (TILE, 2, 3), (TILE + 1, 3, 2), (3 * TILE - 1, 4, 5)] {
            let mut rng = random::generator(n as u64);
            let (h, s) = (random::matrix(n, d, &mut rng), random::matrix(n, w, &mut rng));
            let (value, gradient) = plain(&h, &s);
            let (distance, delta_h) = tiled(h.view(), Packed::new(s.t()));
            assert_close_scalar(&format!("{n} rows, tiled"), distance, value, 1e-13);
            assert_close(&format!("{n} rows, tiled"), (delta_h * (2.0 / distance)).view(), gradient.view(), 1e-11);
            let loss = gram_distance(h.view(), s.view());
            // The same sums, of up to n² terms, in another order.
            assert_close_scalar(&format!("{n} rows"), loss.value, value, 1e-13);
            assert_close(&format!("{n} rows"), loss.backward(1.0).view(), gradient.view(), 1e-11);
        }
    }

    #[test]
    fn rows_of_a_table_give_what_the_same_rows_side_by_side_give() {
        for width in [3, 200] {
            let mut rng = random::generator(8);
            let (h, table) = (random::matrix(40, 2, &mut rng), random::matrix(120, width, &mut rng));
            let rows: Vec<u32> = (0..40).map(|n| 3 * n + 1).collect();
            let factors = random::matrix(40, 1, &mut rng).remove_axis(Axis(1));
            let s = gather(&table, &rows) * factors.view().insert_axis(Axis(1));
            let (plain, target) =
                (gram_distance(h.view(), s.view()), Target { table: table.view(), rows: &rows, factors });
            let loss = gram_distance_to_rows(h.view(), &target);
            assert_eq!((loss.value, loss.backward(1.0)), (plain.value, plain.backward(1.0)), "{width} wide");
        }
    }

    #[test]
    fn the_same_geometry_has_value_and_gradient_zero() {
        let h = array![[1.0f32, 2.0], [3.0, 4.0], [0.0, 0.0]];
        let loss = gram_distance(h.view(), h.view());
        assert_eq!((loss.value, loss.backward(1.0)), (0.0, Array2::zeros((3, 2))));
        assert_eq!(gram_distance(Array2::<f32>::zeros((0, 2)).view(), Array2::zeros((0, 3)).view()).value, 0.0);
    }

    #[test]
    fn a_near_fit_keeps_its_digits_in_f32() {
        // One column of S moved by 2^-10: Δ is small beside S Sᵀ, and every number here is exact in f32.
        let s = Array2::from_shape_fn((300, 8), |(i, j)| if i % 8 == j { 1.0f32 } else { 0.0 });
        let mut h = s.clone();
        h.column_mut(0).mapv_inplace(|x| x * (1.0 + 1.0 / 1024.0));
        let moved = (1.0f64 + 1.0 / 1024.0).powi(2) - 1.0;
        let rows = 38.0; // of 300, those with i % 8 == 0: Δ is `moved` at 38 x 38 places
        let value = f64::from(gram_distance(h.view(), s.view()).value);
        assert_close_scalar("value", value, moved * rows, 2e-7); // one rounding to f32
    }

    #[test]
    fn a_repeated_row_is_one_row_times_the_root() {
        let mut rng = random::generator(4);
        let (h, s) = (random::matrix(90, 4, &mut rng), random::matrix(90, 6, &mut rng));
        let batch: Vec<u32> = (0..90).flat_map(|i| vec![i; i as usize % 4 + 1]).collect();
        let root = Array1::from_shape_fn(90, |i| f64::sqrt((i % 4 + 1) as f64)).insert_axis(Axis(1));
        let once = gram_distance((&h * &root).view(), (&s * &root).view());
        let all = gram_distance(gather(&h, &batch).view(), gather(&s, &batch).view());
        // The same sums in another order.
        assert_close_scalar("value", once.value, all.value, 1e-13);
        let mut summed = Array2::zeros(h.dim());
        scatter_add(&mut summed, &batch, all.backward(1.0).view());
        assert_close("gradient", (once.backward(1.0) * &root).view(), summed.view(), 1e-11);
    }

    #[test]
    fn gradients() {
        for (n, d, w) in [(1, 1, 1), (1, 3, 2), (6, 3, 9), (20, 5, 2), (TILE + 2, 1, 2)] {
            let mut rng = random::generator((n + w) as u64);
            let (h, s) = (random::matrix(n, d, &mut rng), random::matrix(n, w, &mut rng));
            let back = gram_distance(h.view(), s.view()).backward(0.5);
            let name = format!("gram distance, {n} x {d}, {w} wide");
            assert_gradient(&name, back.view(), h.view(), |h| 0.5 * gram_distance(h, s.view()).value);
        }
    }

    #[test]
    fn the_number_of_threads_does_not_change_a_bit() {
        let mut rng = random::generator(5);
        let [h, s] = [16, 40].map(|width| random::matrix(900, width, &mut rng).mapv(|x| x as f32));
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let loss = gram_distance(h.view(), s.view());
                (loss.value, loss.backward(1.0))
            })
        };
        let one = on(1);
        for threads in [2, 3, 7] {
            assert_eq!(on(threads), one, "{threads} threads");
        }
    }

    #[test]
    #[should_panic(expected = "rows (2, 2) and targets (3, 2)")]
    fn shapes_that_do_not_fit_are_named() {
        gram_distance(Array2::<f32>::zeros((2, 2)).view(), Array2::zeros((3, 2)).view());
    }
}
