//! What the tests of the largest products by bounds have alike: tables, the plain form, and a comparison to the last bit.

use crate::{Packed, TopK};
use ndarray::{Array2, ArrayViewMut1};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Rows with their scores, largest first.
pub(crate) type List = Vec<(u32, f32)>;

/// Makes a table of numbers that are near enough to normal ones: sums of uniform numbers.
pub(crate) fn normal(rows: usize, width: usize, rng: &mut ChaCha8Rng) -> Array2<f32> {
    Array2::from_shape_simple_fn((rows, width), || (0..6).map(|_| rng.random::<f32>() - 0.5).sum())
}

/// Computes the plain form: all scores, as [`Packed`] computes them, then the `k` largest. List `n` has none of `masks[n]` and of `never`.
pub(crate) fn plain(
    table: &Array2<f32>,
    queries: &Array2<f32>,
    k: usize,
    masks: &[&[u32]],
    never: &[u32],
) -> Vec<List> {
    let mut scores = Packed::new(table.t()).product(queries.view());
    let list = |(mut row, mask): (ArrayViewMut1<f32>, &&[u32])| {
        mask.iter().chain(never).for_each(|&item| row[item as usize] = f32::NEG_INFINITY);
        let mut best = TopK::new(k);
        best.scan(0, row.as_slice().unwrap());
        best.into_sorted()
    };
    scores.rows_mut().into_iter().zip(masks).map(list).collect()
}

/// Compares bit for bit; returns how many lists bounds gave.
pub(crate) fn compare(got: &[Option<List>], want: &[List], what: &str) -> usize {
    let bits = |list: &[(u32, f32)]| list.iter().map(|&(row, score)| (row, score.to_bits())).collect::<Vec<_>>();
    let mut by_bounds = 0;
    for (n, (got, want)) in got.iter().zip(want).enumerate() {
        if let Some(got) = got {
            by_bounds += 1;
            assert_eq!(bits(got), bits(want), "{what}: query {n}");
        }
    }
    by_bounds
}
