//! The `k` largest products of a query with rows of a table, exactly, from a quarter of the arithmetic.
//!
//! Rows are rounded to 8 bits, `x ≈ x̂ = s b` with whole `|b| ≤ 127`. For a query `q ≈ q̂ = t a` the product `q̂·x̂ = t s (a·b)` is exact in
//! integers, and by Cauchy and Schwarz
//!
//! ```text
//! |q·x - q̂·x̂| <= ‖q̂‖ ‖x - x̂‖ + ‖q - q̂‖ ‖x‖
//! ```
//!
//! The score that `f32` arithmetic *computes* is within `γ ‖q‖ ‖x‖` of `q·x`, `γ` some `k 2⁻²⁴`. So each score has an interval. Who is not among the
//! intervals that reach the `k`-th largest lower end is not among the `k` largest, ties included; the others are computed in `f32`, each sum one chain
//! of fused multiply-adds in the order of the columns, as [`Packed`](crate::Packed) computes it: lists are the same to the last bit.
//!
//! Where bounds say little (nothing is excluded), or a norm is outside of `[1e-15, 1e15]` (sums might overflow or vanish), the answer is `None`: the
//! caller takes the plain form, which gives the same list.

use crate::rounded::{self, Rounded};
use crate::sieve::{self, CHAINS};
use crate::{dot8, portable};
use ndarray::ArrayView2;
use pulp::{Arch, Simd, WithSimd};

/// Keys whose products are in the cache at once, and queries beside them.
const KEYS: usize = 512;
/// Scores compared with the threshold at a time.
const LANES: usize = 16;

/// Rows of a table as 8-bit numbers with bounds on the rounding.
#[derive(Clone, Debug)]
pub struct Bounded {
    items: usize,
    rows: Vec<f32>,
    rounded: Rounded,
    /// A row's share of the bound: its norm, or more where its rounding is worse than usual.
    weights: Vec<f32>,
    /// The usual rounding of a row as a part of its norm.
    usual: f32,
}

impl Bounded {
    /// Rounds the rows of a table `[n, k]`. `None` where this processor has no fast products of 8-bit numbers, portable arithmetic was chosen, or a row
    /// does not allow bounds.
    pub fn new(table: ArrayView2<f32>) -> Option<Self> {
        let (items, k) = table.dim();
        if !dot8::is_fast() || portable::is_chosen() || k == 0 || k > rounded::WIDEST || items == 0 {
            return None;
        }
        let rows: Vec<f32> = table.iter().copied().collect();
        let rounded = Rounded::new(&rows, k)?;
        let (weights, usual) = rounded.weights();
        Some(Bounded { items, rows, rounded, weights, usual })
    }

    /// Finds the `k` largest products of each of `queries` `[n, k]` with the rows, largest first, ties to the lower row; on the calling thread. Rows of
    /// `masks[n]` and of `never`, both ascending, are left out of list `n`. `None` where bounds do not help.
    ///
    /// # Panics
    /// When the width is not that of the rows, or there is not a mask for each query.
    pub fn largest(
        &self,
        queries: ArrayView2<f32>,
        k: usize,
        masks: &[&[u32]],
        never: &[u32],
    ) -> Vec<Option<Vec<(u32, f32)>>> {
        let wide = self.rows.len() / self.items;
        assert!(
            queries.ncols() == wide && masks.len() == queries.nrows(),
            "bounded: queries as wide as rows, a mask for each"
        );
        let Rounded { width, panels, bases, scales, .. } = &self.rounded;
        let mut codes = vec![0i8; *width];
        let mut unsigned = Vec::with_capacity(queries.nrows() * width);
        let mut shortlists = Vec::with_capacity(queries.nrows());
        let whole: Vec<f32> = queries.iter().copied().collect();
        for query in whole.chunks(wide) {
            let row = rounded::round(query, &mut codes);
            unsigned.extend(codes.iter().map(|&code| code as u8 ^ 128));
            let margin = row.margin(wide, self.usual).filter(|_| !portable::is_chosen());
            let (fits, margin) = (margin.is_some(), margin.unwrap_or(0.0));
            shortlists.push(Shortlist {
                k,
                margin,
                threshold: f32::MIN,
                room: 4 * k + 64,
                found: Vec::new(),
                helps: fits && k > 0,
            });
        }
        let mut scores = vec![0.0; queries.nrows() * KEYS.min(bases.len())];
        let mut masks = masks.to_vec();
        for first in (0..bases.len()).step_by(KEYS) {
            let end = (first + KEYS).min(bases.len());
            let (keys, valid) = (end - first, end.min(self.items) - first);
            let tile = &mut scores[..queries.nrows() * keys];
            let panels = &panels[first * width..end * width];
            dot8::products(&unsigned, *width, panels, &bases[first..end], &scales[first..end], tile);
            let within = |item: usize| never.partition_point(|&never| (never as usize) < item);
            let never = &never[within(first)..within(end)];
            for ((row, mask), list) in tile.chunks_mut(keys).zip(&mut masks).zip(&mut shortlists) {
                let (here, later) = mask.split_at(mask.partition_point(|&item| (item as usize) < end));
                here.iter().chain(never).for_each(|&item| row[item as usize - first] = f32::NEG_INFINITY);
                *mask = later;
                if list.helps {
                    let weights = &self.weights;
                    Arch::new().dispatch(Offer { list, first, scores: &row[..valid], weights });
                    list.helps = list.room <= 1024.max(self.items / 8);
                }
            }
        }
        let finish = |(list, query): (Shortlist, &[f32])| {
            list.helps.then(|| Arch::new().dispatch(Settle { list, query, rows: &self.rows, weights: &self.weights }))
        };
        shortlists.into_iter().zip(whole.chunks(wide)).map(finish).collect()
    }
}

/// Rows that may be among the `k` largest products of a query. Scores are divided by the query's scale.
struct Shortlist {
    k: usize,
    margin: f32,
    /// `k` rows have at least this score.
    threshold: f32,
    room: usize,
    found: Vec<(u32, f32)>,
    helps: bool,
}

impl Shortlist {
    #[inline(always)]
    fn offer(&mut self, first: usize, scores: &[f32], weights: &[f32]) {
        let here = &weights[first..first + scores.len()];
        for (n, (block, here)) in scores.chunks(LANES).zip(here.chunks(LANES)).enumerate() {
            let (margin, threshold) = (self.margin, self.threshold);
            let reaches = |(&score, &weight): (&f32, &f32)| score + weight * margin >= threshold;
            // No early exit inside: this is the loop that must vectorise.
            if block.iter().zip(here).fold(false, |any, pair| any | reaches(pair)) {
                for (lane, pair) in block.iter().zip(here).enumerate().filter(|(_, pair)| reaches(*pair)) {
                    self.found.push(((first + n * LANES + lane) as u32, *pair.0));
                }
                if self.found.len() >= self.room {
                    self.sift(weights);
                }
            }
        }
    }

    /// Raises the threshold to the `k`-th largest lower end, and keeps who reaches it.
    fn sift(&mut self, weights: &[f32]) {
        let Shortlist { k, margin, found, .. } = self;
        if found.len() > *k {
            let mut least: Vec<f32> =
                found.iter().map(|&(row, score)| score - weights[row as usize] * *margin).collect();
            let (_, &mut end, _) = least.select_nth_unstable_by(*k - 1, |a, b| b.total_cmp(a));
            self.threshold = self.threshold.max(end);
            found.retain(|&(row, score)| score + weights[row as usize] * *margin >= self.threshold);
        }
        if 2 * self.found.len() > self.room {
            self.room *= 2;
        }
    }
}

/// Scores of a tile for a query's list, compiled for the widest vectors there are.
struct Offer<'a> {
    list: &'a mut Shortlist,
    first: usize,
    scores: &'a [f32],
    weights: &'a [f32],
}

impl WithSimd for Offer<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.list.offer(self.first, self.scores, self.weights);
    }
}

/// The end of a list: who is left is computed as the plain form does.
struct Settle<'a> {
    list: Shortlist,
    query: &'a [f32],
    rows: &'a [f32],
    weights: &'a [f32],
}

impl WithSimd for Settle<'_> {
    type Output = Vec<(u32, f32)>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Vec<(u32, f32)> {
        let Settle { mut list, query, rows, weights } = self;
        list.sift(weights);
        let wide = query.len();
        for some in list.found.chunks_mut(CHAINS) {
            let at = |n: usize| &rows[some[n.min(some.len() - 1)].0 as usize * wide..][..wide];
            let sums = sieve::chains(query, std::array::from_fn(at));
            // Adding zero makes one zero of two, as in `TopK`.
            some.iter_mut().zip(sums).for_each(|(found, sum)| found.1 = sum + 0.0);
        }
        list.found.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        list.found.truncate(list.k);
        list.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::largest_cases::{self, normal, plain};
    use ndarray::{Array2, array};
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    /// Compares bit for bit; returns how many lists bounds gave.
    fn compare(table: &Array2<f32>, queries: &Array2<f32>, k: usize, what: &str) -> usize {
        let mask: Vec<u32> = (0..table.nrows() as u32).step_by(7).collect();
        let masks: Vec<&[u32]> = (0..queries.nrows()).map(|n| if n % 2 == 0 { &mask[..] } else { &[] }).collect();
        let never = [1, 3];
        let never = &never[..if table.nrows() > 3 { 2 } else { 0 }];
        let Some(bounded) = Bounded::new(table.view()) else { return 0 };
        let got = bounded.largest(queries.view(), k, &masks, never);
        let want = plain(table, queries, k, &masks, never);
        largest_cases::compare(&got, &want, &format!("{what}, k {k}"))
    }

    #[test]
    fn lists_are_those_of_the_plain_form_to_the_last_bit() {
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let mut by_bounds = 0;
        for (rows, width, queries) in
            [(1, 1, 1), (5, 3, 2), (40, 64, 9), (1500, 64, 20), (3000, 33, 17), (700, 700, 8), (600, 130, 3)]
        {
            let (table, asked) = (normal(rows, width, rng), normal(queries, width, rng));
            for k in [0, 1, 10, 50, rows + 3] {
                by_bounds += compare(&table, &asked, k, &format!("{rows} x {width}"));
            }
        }
        assert!(!dot8::is_fast() || by_bounds > 100, "{by_bounds} lists by bounds");
    }

    #[test]
    fn hostile_rows_change_nothing() {
        let rng = &mut ChaCha8Rng::seed_from_u64(2);
        let asked = normal(11, 40, rng);
        let cases = largest_cases::hostile(&asked, rng);
        for (what, table) in &cases {
            for factor in [1.0, 1e-14, 1e14, 1e25, 1e-38, 0.0] {
                for k in [1, 20] {
                    compare(table, &(&asked * factor), k, &format!("{what} x {factor:e}"));
                }
            }
        }
    }

    #[test]
    fn few_rows_are_left_of_usual_ones_and_equal_ones_are_handed_back() {
        if !dot8::is_fast() {
            return println!("skipped: no fast products of 8-bit numbers here");
        }
        let rng = &mut ChaCha8Rng::seed_from_u64(3);
        let (table, asked) = (normal(18_357, 64, rng), normal(16, 64, rng));
        assert_eq!(compare(&table, &asked, 50, "usual"), 16);
        let equal = Array2::from_elem((18_357, 64), 0.3);
        assert_eq!(compare(&equal, &asked, 50, "equal"), 0);
        // A bound that holds for nobody's sake would keep everybody: the intervals are narrow.
        let bounded = Bounded::new(table.view()).unwrap();
        assert!(bounded.usual < 0.01, "{}", bounded.usual);
    }

    #[test]
    #[should_panic(expected = "bounded: queries as wide as rows")]
    fn widths_that_differ_are_refused() {
        let Some(bounded) = Bounded::new(array![[1.0, 2.0]].view()) else { panic!("bounded: queries as wide as rows") };
        bounded.largest(array![[1.0]].view(), 1, &[&[]], &[]);
    }
}
