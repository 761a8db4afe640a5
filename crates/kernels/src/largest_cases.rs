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

/// Makes named tables of 2,000 rows, as wide as `asked`, that bounds could fall for: equal and nearly equal rows, zeros, lengths far apart, numbers that overflow or are none.
pub(crate) fn hostile(asked: &Array2<f32>, rng: &mut ChaCha8Rng) -> Vec<(&'static str, Array2<f32>)> {
    let (rows, width) = (2000, asked.ncols());
    let usual = normal(rows, width, rng);
    let one = normal(1, width, rng);
    let changed = |change: &dyn Fn(usize, usize, f32) -> f32| {
        Array2::from_shape_fn((rows, width), |(i, j)| change(i, j, usual[[i, j]]))
    };
    let last_bit = |i: usize, x: f32| f32::from_bits(x.to_bits() ^ (i % 2) as u32);
    vec![
        ("equal rows", changed(&|_, j, _| one[[0, j]])),
        ("rows that differ in a last bit", changed(&|i, j, _| last_bit(i * 31 + j * 17, one[[0, j]]))),
        ("twins", changed(&|i, j, _| usual[[i / 5, j]])),
        ("twins far apart", changed(&|i, j, _| usual[[i % 400, j]])),
        ("equal norms", changed(&|i, j, _| usual[[0, (j + i) % width]])),
        ("signs alone", changed(&|_, _, x| 1f32.copysign(x))),
        ("zero rows", changed(&|i, _, x| if i % 3 == 0 { 0.0 } else { x })),
        ("all zero", changed(&|_, _, _| 0.0)),
        ("one large column", changed(&|_, j, x| if j == 5 { x * 1e6 } else { x })),
        ("one number each", changed(&|i, j, x| if j == i % width { x } else { 0.0 })),
        ("norms far apart", changed(&|i, _, x| x * 10f32.powi(i as i32 % 25 - 12))),
        ("all negative", changed(&|i, j, _| -asked[[0, j]] * (1.0 + (i * 7 % 13) as f32 * 1e-3))),
        ("huge", changed(&|_, _, x| x * 1e30)),
        ("too small", changed(&|_, _, x| x * 1e-30)),
        ("subnormal", changed(&|_, _, x| x * 1e-40)),
        ("infinite", changed(&|i, j, x| if (i, j) == (7, 7) { f32::INFINITY } else { x })),
        ("not a number", changed(&|i, j, x| if (i, j) == (8, 7) { f32::NAN } else { x })),
    ]
}
