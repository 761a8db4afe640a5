//! The distance in feature space: `‖Δ‖² = ‖HᵀH‖² - 2 ‖SᵀH‖² + ‖SᵀS‖²` and `Δ H = H (HᵀH) - S (SᵀH)`.
//!
//! Nothing here is `n x n`: `n (W² + 2WD + 2D²)` multiplications instead of `n²/2 (W + 3D)`, a quarter at `W` = 256 and
//! `n` = 1,763. The price is a difference of large numbers. Each of the three is good to some `2e-7` in `f32`, so the
//! distance is good to that times `(‖HᵀH‖² + ‖SᵀS‖²) / ‖Δ‖²`; when the quotient passes [`LARGEST_LOSS`] the answer is
//! refused and the tiles take over.
//!
//! For targets that never change `‖SᵀS‖²`, the costly term of a wide target, can be known beforehand
//! ([`distance_to_known`]).

use super::target::{TILE, Target};
use anchorrec_kernels::packed::{GRAIN, Packed};
use anchorrec_kernels::table::{times_transposed, transposed_times};
use anchorrec_kernels::{Real, product, rows::Rows, tasks};
use ndarray::{Array2, ArrayView2, Axis};

/// The largest factor by which rounding may grow.
const LARGEST_LOSS: f64 = 20.0;

/// Whether this form costs fewer multiplications than the tiles.
pub(super) fn is_cheaper(n: usize, d: usize, w: usize) -> bool {
    w * w + 2 * w * d + 2 * d * d < n * (w + 3 * d) / 2
}

/// `(‖Δ‖_F, Δ H)`, or `None` where too many digits would be lost.
pub(super) fn distance<F: Real>(h: ArrayView2<F>, s: ArrayView2<F>) -> Option<(f64, Array2<F>)> {
    let (hh, sh) = (product(&h.t(), &h), product(&s.t(), &h));
    let distance = precise_distance(squares(&hh), squares(&sh), gram_squares(s))?;
    Some((distance, product(&h, &hh) - product(&s, &sh)))
}

/// [`distance`] to a target whose `‖S Sᵀ‖² = ‖SᵀS‖²` is known; the target's rows are read in place, twice.
pub(super) fn distance_to_known<F: Real>(
    h: ArrayView2<F>,
    target: &Target<F>,
    gram_squares: f64,
) -> Option<(f64, Array2<F>)> {
    let (rows, factors) = (Rows::Some(target.rows), target.factors.view().insert_axis(Axis(1)));
    let hh = product(&h.t(), &h);
    let hs = transposed_times((&h * &factors).view(), target.table, rows);
    let distance = precise_distance(squares(&hh), squares(&hs), gram_squares)?;
    let s_sh = times_transposed(target.table, rows, hs.view()) * factors;
    Some((distance, product(&h, &hh) - s_sh))
}

/// `√(‖HᵀH‖² - 2 ‖SᵀH‖² + ‖SᵀS‖²)`, or `None` where the difference is too small for its terms.
fn precise_distance(hh: f64, sh: f64, ss: f64) -> Option<f64> {
    let squared = hh - 2.0 * sh + ss;
    // False for a NaN too: the tiles keep it.
    let precise = squared * LARGEST_LOSS >= hh + ss;
    precise.then(|| squared.sqrt())
}

/// `‖SᵀS‖²`, tile by tile, those above the diagonal for their mirror images too.
fn gram_squares<F: Real>(s: ArrayView2<F>) -> f64 {
    let (packed, width) = (Packed::new(s), s.ncols().next_multiple_of(GRAIN));
    let block = |n: usize| n * TILE..width.min((n + 1) * TILE);
    let blocks = width.div_ceil(TILE);
    let pairs: Vec<(usize, usize)> = (0..blocks).flat_map(|i| (i..blocks).map(move |j| (i, j))).collect();
    let tile = |(i, j): (usize, usize)| {
        let mut tile = Array2::zeros((block(i).len(), block(j).len()));
        packed.add_transposed_product(&packed, block(i), block(j), tile.view_mut());
        if i == j { squares(&tile) } else { 2.0 * squares(&tile) }
    };
    tasks::map(pairs, tile).iter().sum()
}

fn squares<F: Real>(x: &Array2<F>) -> f64 {
    x.iter().map(|v| v.as_f64() * v.as_f64()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_kernels::rows::gather;
    use anchorrec_testkit::{assert_close, assert_close_scalar, random};
    use ndarray::Array1;

    #[test]
    fn equals_the_stored_matrix() {
        for (n, d, w) in [(1, 1, 2), (50, 3, 7), (300, 4, 20)] {
            let rng = &mut random::generator(n as u64);
            let (h, s) = (random::matrix(n, d, rng), random::matrix(n, w, rng));
            let delta = h.dot(&h.t()) - s.dot(&s.t());
            let (value, delta_h) = distance(h.view(), s.view()).expect("far enough apart");
            assert_close_scalar("value", value, (&delta * &delta).sum().sqrt(), 1e-13);
            assert_close("ΔH", delta_h.view(), delta.dot(&h).view(), 1e-11);
        }
    }

    #[test]
    fn the_norm_of_a_gram_matrix_equals_the_stored_one_for_all_numbers_of_tiles() {
        for w in [1, 33, TILE, 3 * TILE - 40] {
            let s = random::matrix(50, w, &mut random::generator(w as u64));
            let gram = s.t().dot(&s);
            assert_close_scalar("norm", gram_squares(s.view()), (&gram * &gram).sum(), 1e-13);
            let single = s.mapv(|x| x as f32);
            assert_close_scalar("norm in f32", gram_squares(single.view()), (&gram * &gram).sum(), 1e-5);
        }
    }

    #[test]
    fn a_known_target_is_read_in_place() {
        let rng = &mut random::generator(3);
        let (h, table) = (random::matrix(50, 3, rng), random::matrix(120, 7, rng));
        let rows: Vec<u32> = (0..50).map(|n| 2 * n + 1).collect();
        let factors = random::matrix(50, 1, rng).remove_axis(Axis(1));
        let s = Array2::from_shape_fn((50, 7), |(n, j)| factors[n] * table[[2 * n + 1, j]]);
        let (delta, ss) = (h.dot(&h.t()) - s.dot(&s.t()), s.dot(&s.t()));
        let gram_squares = (&ss * &ss).sum();
        let target = Target { table: table.view(), rows: &rows, factors };
        let (value, delta_h) = distance_to_known(h.view(), &target, gram_squares).expect("far enough apart");
        assert_close_scalar("value", value, (&delta * &delta).sum().sqrt(), 1e-13);
        assert_close("ΔH", delta_h.view(), delta.dot(&h).view(), 1e-11);
        assert!(distance_to_known(h.view(), &target, f64::NAN).is_none());
        // At h = s the three terms are equal and their sum is zero.
        let itself = Target { table: table.view(), rows: &rows, factors: Array1::ones(50) };
        let rows_of_it = gather(&table, &rows);
        let gram = rows_of_it.dot(&rows_of_it.t());
        assert!(distance_to_known(rows_of_it.view(), &itself, (&gram * &gram).sum()).is_none());
    }

    #[test]
    fn a_near_fit_is_refused() {
        let s = random::matrix(40, 5, &mut random::generator(1));
        assert!(distance((&s * 1.001).view(), s.view()).is_none());
        assert!(distance(s.view(), s.view()).is_none());
        assert!(distance((&s * f64::NAN).view(), s.view()).is_none());
    }

    #[test]
    fn wide_targets_stay_with_the_tiles() {
        assert!(is_cheaper(1763, 64, 256) && is_cheaper(1763, 64, 768));
        assert!(!is_cheaper(1763, 64, 4096));
    }
}
