//! Tables of random numbers for one step, drawn on all threads: [`ROWS_PER_TASK`](anchorrec_kernels::rows::ROWS_PER_TASK) rows are a stream of their own,
//! keyed by (seed, table, first row), so neither the number of threads nor the order of tables matters.

use anchorrec_kernels::{Real, fill_rows};
use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Rows of all tables of a step are fewer.
const MOST_ROWS: u64 = 1 << 40;

/// A table `[rows, cols]` of numbers that `draw` makes; `table` tells the tables of a step apart.
fn table<F: Real>(
    (rows, cols): (usize, usize),
    (seed, table): (u64, u64),
    draw: impl Fn(&mut ChaCha8Rng) -> F + Sync + Send,
) -> Array2<F> {
    fill_rows(rows, cols, |first, mut chunk| {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(table * MOST_ROWS + first as u64);
        chunk.iter_mut().for_each(|x| *x = draw(&mut rng));
    })
}

/// What inverted dropout multiplies by: 0 with probability `rate`, else `1 / (1 - rate)`. Nothing is drawn of a rate of 0.
pub(crate) fn dropout<F: Real>(shape: (usize, usize), rate: f64, key: (u64, u64)) -> Option<Array2<F>> {
    let kept = F::of(1.0 / (1.0 - rate));
    (rate > 0.0).then(|| table(shape, key, |rng| if rng.random_bool(rate) { F::zero() } else { kept }))
}

/// Standard Gumbel numbers, `-ln e` with `e` exponential of rate 1.
pub(crate) fn gumbel<F: Real>(shape: (usize, usize), key: (u64, u64)) -> Array2<F> {
    table(shape, key, |rng| {
        let exponential = -(-rng.random::<f64>()).ln_1p();
        // One draw of 2⁵³ is exactly 0, and its logarithm no number.
        F::of(-exponential.max(f64::MIN_POSITIVE).ln())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threads_do_not_matter_and_the_key_does() {
        let on = |threads, key| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| (gumbel::<f32>((1000, 3), key), dropout::<f32>((1000, 3), 0.4, key)))
        };
        let one = on(1, (7, 0));
        for threads in [2, 3, 5] {
            assert_eq!(on(threads, (7, 0)), one, "{threads} threads");
        }
        assert_ne!(on(1, (8, 0)), one);
        assert_ne!(on(1, (7, 1)), one);
        let rows: std::collections::BTreeSet<String> = one.0.rows().into_iter().map(|row| row.to_string()).collect();
        assert_eq!(rows.len(), 1000, "no row is drawn twice");
    }

    #[test]
    fn as_many_are_dropped_as_asked_for_and_the_mean_stays() {
        let rate = 0.3;
        let mask = dropout::<f64>((4000, 5), rate, (1, 2)).expect("a mask");
        assert!(mask.iter().all(|&x| x == 0.0 || x == 1.0 / (1.0 - rate)));
        let dropped = mask.iter().filter(|&&x| x == 0.0).count() as f64 / 20_000.0;
        // Five standard deviations.
        assert!((dropped - rate).abs() < 5.0 * (rate * (1.0 - rate) / 20_000.0).sqrt(), "{dropped}");
        assert_eq!(dropout::<f64>((4, 5), 0.0, (1, 2)), None);
    }

    #[test]
    fn gumbel_numbers_have_their_mean_and_variance() {
        let draws = gumbel::<f64>((40_000, 1), (3, 0));
        let (mean, variance) = (draws.mean().expect("draws"), draws.var(1.0));
        // Euler's constant, π²/6; five standard errors (of the variance: kurtosis 5.4).
        let (euler, of_all) = (0.577_215_664_9, std::f64::consts::PI.powi(2) / 6.0);
        assert!((mean - euler).abs() < 5.0 * (of_all / 40_000.0).sqrt(), "{mean}");
        assert!((variance - of_all).abs() < 5.0 * of_all * (4.4f64 / 40_000.0).sqrt(), "{variance}");
    }
}
