//! Rows of a table rounded to 8 bits, with how far the rounding is off.
//!
//! `x ≈ s b` with whole `|b| ≤ 127`, `s` a 127th of the row's largest number. The codes are in panels as [`dot8`](crate::dot8) reads them.

use crate::{dot8, tasks};
use pulp::{Arch, Simd, WithSimd};

/// Norms for which no sum of products overflows or vanishes.
pub(crate) const NORMS: std::ops::RangeInclusive<f32> = 1e-15..=1e15;
/// Sums of more products of bytes could leave 32 bits.
pub(crate) const WIDEST: usize = 1 << 15;
/// Keys are filled up with zeros to a multiple of this: two panels, a tile of integers.
pub(crate) const KEYS: usize = 2 * dot8::PANEL;
/// Rows rounded by a task: whole panels.
const BLOCK: usize = 512;
/// Sums side by side.
const LANES: usize = 16;

/// The rows of a table, rounded.
#[derive(Clone, Debug)]
pub(crate) struct Rounded {
    /// Columns, filled up with zeros to a multiple of 4.
    pub width: usize,
    /// The codes, `[n / 16, width / 4, 16, 4]`; `n` filled up to a multiple of [`KEYS`], as in all lists here.
    pub panels: Vec<i8>,
    /// What a product with unsigned codes (128 added) begins with: `-128 Σ b`.
    pub bases: Vec<i32>,
    /// What a code is multiplied by; 0 for a row of zeros.
    pub scales: Vec<f32>,
    /// At least the length of each row.
    pub norms: Vec<f32>,
    /// At least the length of what rounding took from each row.
    pub rests: Vec<f32>,
}

/// A row in 8 bits.
#[derive(Clone, Copy, Default)]
pub(crate) struct Row {
    pub scale: f32,
    pub norm: f32,
    pub rest: f32,
    /// The sum of the codes.
    pub sum: i32,
}

impl Rounded {
    /// Rounds the rows of `rows`, one after another, `wide` numbers each. `None` when a row is neither zero nor of a length in [`NORMS`].
    pub fn new(rows: &[f32], wide: usize) -> Option<Rounded> {
        let (items, width) = (rows.len() / wide, wide.next_multiple_of(4));
        let padded = items.next_multiple_of(KEYS);
        let mut panels = vec![0i8; padded * width];
        let blocks = panels.chunks_mut(BLOCK * width).zip(rows.chunks(BLOCK * wide));
        let rounded = tasks::map(blocks, |(panels, rows)| Arch::new().dispatch(Block { panels, rows, wide }));
        let rounded = rounded.concat();
        if !rounded.iter().all(|row| row.norm == 0.0 || NORMS.contains(&row.norm)) {
            return None;
        }
        let filled = |of: fn(&Row) -> f32| {
            let mut values: Vec<f32> = rounded.iter().map(of).collect();
            values.resize(padded, 0.0);
            values
        };
        let mut bases: Vec<i32> = rounded.iter().map(|row| -128 * row.sum).collect();
        bases.resize(padded, 0);
        let (scales, norms, rests) = (filled(|row| row.scale), filled(|row| row.norm), filled(|row| row.rest));
        Some(Rounded { width, panels, bases, scales, norms, rests })
    }
}

impl Rounded {
    /// Returns each row's share of the bound on a score, its norm or more where its rounding is worse than usual, and the usual rounding as a part of the
    /// norm.
    pub fn weights(&self) -> (Vec<f32>, f32) {
        let lengths = || self.norms.iter().zip(&self.rests);
        let (mut sum, mut count) = (0.0f64, 0.0f64);
        for (norm, rest) in lengths().filter(|(norm, _)| **norm > 0.0) {
            (sum, count) = (sum + f64::from(rest / norm), count + 1.0);
        }
        let usual = ((sum / count.max(1.0)) as f32).max(1e-6);
        (lengths().map(|(norm, rest)| norm.max(rest / usual) * 1.000_001).collect(), usual)
    }
}

impl Row {
    /// Returns what a row's weight is multiplied by for the bound on its score with this query, which is `wide` numbers long; scores are divided by the
    /// query's scale. `None` when the query's norm is out of range.
    pub fn margin(&self, wide: usize, usual: f32) -> Option<f32> {
        let margin = (self.norm + self.rest) * usual + self.rest + self.slack(wide);
        NORMS.contains(&self.norm).then(|| margin / self.scale * 1.000_001)
    }

    /// Returns what a row's norm is multiplied by for the largest score that is computed for it, divided by the query's scale.
    pub fn reach(&self, wide: usize) -> f32 {
        (self.norm + self.slack(wide)) / self.scale * 1.000_001
    }

    /// Roundings: of the computed score, of the bounds' own arithmetic, with room to spare.
    fn slack(&self, wide: usize) -> f32 {
        (2 * wide + 64) as f32 * 2f32.powi(-24) * 2.0 * self.norm
    }
}

/// Rows of a few panels, compiled for the widest vectors there are.
struct Block<'a> {
    panels: &'a mut [i8],
    rows: &'a [f32],
    wide: usize,
}

impl WithSimd for Block<'_> {
    type Output = Vec<Row>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Vec<Row> {
        let Block { panels, rows, wide } = self;
        let width = wide.next_multiple_of(4);
        let mut rounded = Vec::with_capacity(rows.len() / wide);
        let mut codes = vec![0i8; dot8::PANEL * width];
        for (panel, rows) in panels.chunks_mut(dot8::PANEL * width).zip(rows.chunks(dot8::PANEL * wide)) {
            codes.fill(0);
            for (row, codes) in rows.chunks(wide).zip(codes.chunks_mut(width)) {
                rounded.push(round_row(row, &mut codes[..wide]));
            }
            for (n, codes) in codes.chunks(width).enumerate() {
                let places = panel.chunks_mut(4 * dot8::PANEL).map(|line| &mut line[4 * n..4 * n + 4]);
                places.zip(codes.chunks(4)).for_each(|(place, four)| place.copy_from_slice(four));
            }
        }
        rounded
    }
}

/// Rounds one row that is no part of a table, a query; there may be more codes than numbers.
pub(crate) fn round(row: &[f32], codes: &mut [i8]) -> Row {
    struct One<'a>(&'a [f32], &'a mut [i8]);
    impl WithSimd for One<'_> {
        type Output = Row;

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> Row {
            round_row(self.0, self.1)
        }
    }
    Arch::new().dispatch(One(row, &mut codes[..row.len()]))
}

/// Writes the codes of a row. A row without a norm in range gets codes of zero.
///
/// Lengths are sums in `f32`, [`LANES`] of them side by side: with at most [`WIDEST`] columns each has 2,048 roundings, 2⁻¹³ of the sum, and they are
/// enlarged by a thousandth. What underflows is less than a 100,000th of a norm in range.
#[inline(always)]
fn round_row(row: &[f32], codes: &mut [i8]) -> Row {
    /// Numbers as large as this have no digits behind the point: adding it rounds, to the even one of two.
    const WHOLE: f32 = 12_582_912.0;
    let (blocks, last) = row.as_chunks::<LANES>();
    let (mut most, mut squares) = ([0.0f32; LANES], [0.0f32; LANES]);
    let mut measure = |lane: usize, x: f32| {
        most[lane] = if x.abs() > most[lane] { x.abs() } else { most[lane] };
        squares[lane] += x * x;
    };
    blocks.iter().for_each(|block| (0..LANES).for_each(|lane| measure(lane, block[lane])));
    last.iter().enumerate().for_each(|(lane, &x)| measure(lane, x));
    let most = most.iter().fold(0.0f32, |most, &x| most.max(x));
    let norm = squares.iter().sum::<f32>().sqrt() * 1.001;
    // Where squares vanish the row does not pass for one of zeros; what is no number stays one.
    let norm = if norm < most { most } else { norm };
    if !NORMS.contains(&norm) {
        codes.fill(0);
        return Row { norm, rest: norm, ..Row::default() };
    }
    let scale = most / 127.0;
    let inverse = 1.0 / scale;
    let (mut squares, mut sums) = ([0.0f32; LANES], [0.0f32; LANES]);
    let mut code = |lane: usize, x: f32| {
        let shifted = x * inverse + WHOLE;
        let whole = shifted - WHOLE;
        // One rounding: the difference is nearly exact.
        let off = whole.mul_add(-scale, x);
        squares[lane] += off * off;
        sums[lane] += whole;
        shifted.to_bits() as i8
    };
    let (places, last_places) = codes.as_chunks_mut::<LANES>();
    for (block, places) in blocks.iter().zip(places) {
        (0..LANES).for_each(|lane| places[lane] = code(lane, block[lane]));
    }
    last.iter().zip(last_places).enumerate().for_each(|(lane, (&x, place))| *place = code(lane, x));
    let rest = squares.iter().sum::<f32>().sqrt() * 1.001 + norm * 1e-5;
    // Sums of whole numbers below 2²⁴ are exact.
    Row { scale, norm, rest, sum: sums.iter().map(|&sum| sum as i32).sum() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn lengths_are_upper_ends_and_codes_lie_in_their_panels() {
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        for (items, wide) in [(1, 1), (5, 3), (40, 64), (1100, 33), (20, 4096)] {
            let rows: Vec<f32> = (0..items * wide)
                .map(|n| (rng.random::<f32>() - 0.3) * 10f32.powi(n as i32 / wide as i32 % 20 - 10))
                .collect();
            let rounded = Rounded::new(&rows, wide).expect("norms in range");
            for (i, row) in rows.chunks(wide).enumerate() {
                let panel = &rounded.panels[i / 16 * 16 * rounded.width..][..16 * rounded.width];
                let code = |p: usize| panel[p / 4 * 64 + i % 16 * 4 + p % 4];
                let length = |of: &dyn Fn(usize) -> f64| (0..wide).map(|p| of(p) * of(p)).sum::<f64>().sqrt();
                let norm = length(&|p| f64::from(row[p]));
                let rest = length(&|p| f64::from(row[p]) - f64::from(rounded.scales[i]) * f64::from(code(p)));
                let within = |upper: f32, exact: f64| {
                    f64::from(upper) >= exact && f64::from(upper) <= 1.002 * exact + 2e-5 * norm
                };
                assert!(within(rounded.norms[i], norm), "norm of row {i}, {wide} wide: {} of {norm}", rounded.norms[i]);
                assert!(within(rounded.rests[i], rest), "rest of row {i}, {wide} wide: {} of {rest}", rounded.rests[i]);
                assert!(
                    rest <= 0.5001 * f64::from(rounded.scales[i]) * (wide as f64).sqrt(),
                    "codes are the nearest ones"
                );
                assert_eq!(rounded.bases[i], -128 * (0..wide).map(|p| i32::from(code(p))).sum::<i32>());
            }
        }
    }

    #[test]
    fn rows_of_zeros_are_kept_and_those_out_of_range_refused() {
        assert_eq!(Rounded::new(&[0.0, 0.0, 1.0, 2.0], 2).unwrap().scales[..2], [0.0, 2.0 / 127.0]);
        for bad in [1e-30, 1e30, f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert!(Rounded::new(&[1.0, 1.0, bad, 0.0], 2).is_none(), "{bad}");
        }
    }
}
