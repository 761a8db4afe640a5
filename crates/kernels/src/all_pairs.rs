//! The `k` largest products of each row of a table with its other rows, exactly, from a quarter of the arithmetic.
//!
//! Rows are rounded to 8 bits, `x_i = x̂_i + r_i`, and `x̂_i·x̂_j` is exact in integers. With `N` the largest norm, Cauchy and Schwarz give
//!
//! ```text
//! |x_i·x_j - x̂_i·x̂_j| <= ‖x̂_i‖ ‖r_j‖ + ‖r_i‖ ‖x_j‖ <= e_i + e_j,   e_i = N ‖r_i‖ + ‖r_i‖² / 2 + γ N² / 2
//! ```
//!
//! where `γ`, some `k 2⁻²⁴`, is for the roundings of the score that `f32` arithmetic computes. So each score has an interval, and one integer
//! gives it to both rows of the pair. A row keeps who may be among its `k` largest: whose upper end reaches the `k`-th largest lower end so far. In the
//! end scores are computed in `f32` as [`Packed`](crate::packed::Packed) computes them, the likeliest first; who cannot reach the `k`-th of those is left out.
//! So lists are the same to the last bit, ties included.
//!
//! **Order.** Blocks of `ROWS` rows, each against itself and then against all later rows. A task has some later rows, and the limits of the
//! block's rows do not change in between: what is kept depends on the shapes alone, not on threads.

use crate::rounded::{KEYS, Rounded};
use crate::sieve::{self, CHAINS, Keys, Reaching, Rows};
use crate::threshold::at_most;
use crate::{dot8, portable, rounded, tasks};
use ndarray::ArrayView2;
use std::cmp::Ordering;

/// Rows of a block.
const ROWS: usize = 256;
/// Rows multiplied by keys before the limits of the keys are looked at again: whole panels.
const PART: usize = 64;
/// Later rows of a task: a multiple of [`KEYS`].
const LATER: usize = 512;
/// Lists settled by a task.
const LISTS: usize = 64;
/// The bounds help as long as a row keeps no more than one of so many candidates, on average: a product on its own costs some 30 times what it costs in a block.
const KEPT: usize = 64;

/// The rows of a table that may be among the largest of each row.
struct Shortlists<'a> {
    rows: &'a [f32],
    wide: usize,
    k: usize,
    lists: Vec<Shortlist>,
    /// `e` of each row.
    errors: Vec<f32>,
}

/// Finds the `k` largest products of each row of `table` `[n, w]` with its other rows, largest first, ties to the lower row. A row of zeros gets an
/// empty list.
///
/// `None` where bounds do not help: this processor has no fast products of 8-bit numbers, portable arithmetic was chosen, the table is small, a
/// norm is neither 0 nor in `[0.5, 2]`, or many products lie close together.
///
/// ```
/// use anchorrec_kernels::{Packed, all_pairs};
/// use ndarray::Array2;
///
/// // Rows of length 1 at angles that differ: the nearest of each is the one before or after it.
/// let angle = |i: usize| i as f32 * 0.003;
/// let table = Array2::from_shape_fn((2_000, 2), |(i, j)| if j == 0 { angle(i).cos() } else { angle(i).sin() });
/// if let Some(lists) = all_pairs::largest(table.view(), 1) {
///     assert!(lists[700][0].0.abs_diff(700) == 1);
/// }
/// ```
pub fn largest(table: ArrayView2<f32>, k: usize) -> Option<Vec<Vec<(u32, f32)>>> {
    let (items, wide) = table.dim();
    if k == 0 {
        return Some(vec![Vec::new(); items]);
    }
    // Twice as many are kept as are looked for, at the least.
    if 2 * k > items / KEPT || wide == 0 || wide > rounded::WIDEST || !dot8::is_fast() || portable::is_chosen() {
        return None;
    }
    let rows = table.to_slice()?;
    let rounded = Rounded::new(rows, wide)?;
    shortlists(rows, wide, k, &rounded).map(|lists| lists.settle())
}

/// Returns the candidates for the `k` largest; `None` when they are too many.
fn shortlists<'a>(rows: &'a [f32], wide: usize, k: usize, rounded: &Rounded) -> Option<Shortlists<'a>> {
    let items = rows.len() / wide;
    if rounded.norms.iter().any(|&norm| norm != 0.0 && !(0.5..=2.0).contains(&norm)) {
        return None;
    }
    let most = rounded.norms.iter().fold(0.0f32, |most, &norm| most.max(norm));
    // Roundings of the computed score, and of the bounds' own arithmetic.
    let slack = (wide + 64) as f32 * 2f32.powi(-24) * 1.01 * most * most;
    let error = |&rest: &f32| (most * rest + rest * rest / 2.0 + slack / 2.0) * 1.000_01;
    let errors: Vec<f32> = rounded.rests.iter().map(error).collect();
    // Rows of zeros, and those that fill up the panels, look for nobody.
    let limit = |&norm: &f32| if norm == 0.0 { f32::INFINITY } else { f32::NEG_INFINITY };
    let mut limits: Vec<f32> = rounded.norms.iter().map(limit).collect();
    let mut lists = vec![Shortlist::new(k); limits.len()];
    let pass = Pass { items, k, rounded, errors: &errors };
    for first in (0..items).step_by(ROWS) {
        let end = (first + ROWS).min(limits.len());
        let parts = pass.within(first, &mut lists[first..end], &mut limits[first..end]);
        let (block, later) = lists[first..].split_at_mut(end - first);
        for found in pass.with_later(&parts, end, later, &mut limits[end..]).iter().flatten() {
            block[found.row as usize - first].found.push((found.key, found.score));
        }
        let kept: usize = lists.iter().map(|list| list.found.len()).sum();
        if kept > items * (items / KEPT + 8 * k + ROWS / 2) {
            return None;
        }
    }
    lists.truncate(items);
    tasks::each(lists.chunks_mut(LISTS).enumerate(), |(n, lists)| {
        for (list, item) in lists.iter_mut().zip(n * LISTS..) {
            list.sift(k, item, &errors);
        }
    });
    let kept: usize = lists.iter().map(|list| list.found.len()).sum();
    (kept <= items * (items / KEPT)).then_some(Shortlists { rows, wide, k, lists, errors })
}

/// What the pass over all pairs reads.
struct Pass<'a> {
    items: usize,
    k: usize,
    rounded: &'a Rounded,
    errors: &'a [f32],
}

/// [`PART`] rows of a block.
struct Part {
    first: usize,
    /// What products are multiplied by, one for each row.
    scales: Vec<f32>,
    rows: Rows,
}

/// A later row that may be among the largest of a row of the block.
#[derive(Clone, Copy)]
struct Found {
    row: u32,
    key: u32,
    score: f32,
}

impl Pass<'_> {
    /// Products of a block's rows with each other. Returns the rows, with their limits so far.
    fn within(&self, first: usize, lists: &mut [Shortlist], limits: &mut [f32]) -> Vec<Part> {
        let end = first + lists.len();
        let parts = lists.chunks_mut(PART).zip(limits.chunks_mut(PART)).zip((first..).step_by(PART));
        tasks::map(parts, |((lists, limits), from)| {
            let mut part = self.part(from, limits);
            let mut reaching = Reaching::default();
            for keys in (first..end).step_by(KEYS) {
                part.rows.sift(self.rounded.width, &self.keys(keys, &[f32::INFINITY; KEYS]), &mut reaching);
                for (row, key, product) in reaching.pairs() {
                    let (item, score) = (from + row, product * part.scales[row]);
                    if key != item && key < self.items && score + self.errors[key] >= limits[row] {
                        let limit = lists[row].offer(key as u32, score, self.k, item, self.errors);
                        if let Some(limit) = limit {
                            limits[row] = limit;
                            part.limit(row, limit);
                        }
                    }
                }
            }
            part
        })
    }

    /// Products of a block with all later rows, whose lists and limits start at row `from`. Returns what is found for the block.
    fn with_later(&self, parts: &[Part], from: usize, lists: &mut [Shortlist], limits: &mut [f32]) -> Vec<Vec<Found>> {
        let later = lists.chunks_mut(LATER).zip(limits.chunks_mut(LATER)).zip((from..).step_by(LATER));
        tasks::map(later, |((lists, limits), from)| {
            let (mut reaching, mut found) = (Reaching::default(), Vec::new());
            for first in (from..from + lists.len()).step_by(KEYS) {
                for part in parts {
                    let here = &limits[first - from..][..KEYS];
                    part.rows.sift(self.rounded.width, &self.keys(first, here), &mut reaching);
                    for (row, key, product) in reaching.pairs().filter(|&(_, key, _)| key < self.items) {
                        let (item, score) = (part.first + row, product * part.scales[row]);
                        if part.rows.reaches(row, self.errors[key], product) {
                            found.push(Found { row: item as u32, key: key as u32, score });
                        }
                        if score + self.errors[item] >= limits[key - from] {
                            let limit = lists[key - from].offer(item as u32, score, self.k, key, self.errors);
                            limits[key - from] = limit.unwrap_or(limits[key - from]);
                        }
                    }
                }
            }
            found
        })
    }

    fn keys<'k>(&'k self, first: usize, limits: &'k [f32]) -> Keys<'k> {
        let Rounded { width, panels, bases, scales, .. } = self.rounded;
        Keys {
            first,
            panels: &panels[first * width..][..KEYS * width],
            bases: &bases[first..][..KEYS],
            scales: &scales[first..][..KEYS],
            errors: &self.errors[first..][..KEYS],
            limits,
        }
    }

    /// The rows from `first` on that have these limits.
    fn part(&self, first: usize, limits: &[f32]) -> Part {
        let Rounded { width, panels, scales, .. } = self.rounded;
        let scale = |&scale: &f32| if scale == 0.0 { 1.0 } else { scale };
        let scales: Vec<f32> = scales[first..][..limits.len()].iter().map(scale).collect();
        let rows = Rows::of_panels(&panels[first * width..][..limits.len() * width], *width);
        let mut part = Part { first, scales, rows };
        for (row, &limit) in limits.iter().enumerate() {
            let scale = part.scales[row];
            part.rows.limits[row] = [limit / scale, 1.0 / scale, self.errors[first + row] / scale];
        }
        part
    }
}

impl Part {
    fn limit(&mut self, row: usize, limit: f32) {
        self.rows.limits[row][0] = limit / self.scales[row];
    }
}

/// Rows that may be among the largest of one row, with their scores by integers.
#[derive(Clone)]
struct Shortlist {
    /// So many may be found before the list is sifted.
    room: usize,
    found: Vec<(u32, f32)>,
    /// The lower ends, while the list is sifted.
    ends: Vec<f32>,
}

impl Shortlist {
    fn new(k: usize) -> Self {
        Shortlist { room: k + CHAINS, found: Vec::new(), ends: Vec::new() }
    }

    /// Adds a row to the list of row `item`; returns the new limit when there is one.
    fn offer(&mut self, row: u32, score: f32, k: usize, item: usize, errors: &[f32]) -> Option<f32> {
        self.found.push((row, score));
        (self.found.len() >= self.room).then(|| self.sift(k, item, errors))
    }

    /// Keeps who reaches the `k`-th largest lower end; returns what that is less the item's own error.
    fn sift(&mut self, k: usize, item: usize, errors: &[f32]) -> f32 {
        if self.found.len() < k {
            return f32::NEG_INFINITY;
        }
        self.ends.clear();
        self.ends.extend(self.found.iter().map(|&(row, score)| score - errors[row as usize]));
        let limit = at_most(k, &self.ends) - 2.0 * errors[item];
        // All are written, and counted when they reach: which do is anybody's guess, also the processor's.
        let mut count = 0;
        for n in 0..self.found.len() {
            let (row, score) = self.found[n];
            self.found[count] = (row, score);
            count += usize::from(score + errors[row as usize] >= limit);
        }
        self.found.truncate(count);
        self.room = self.room.max(2 * count);
        limit
    }
}

impl Shortlists<'_> {
    /// Computes the scores of those who are left as the plain form does.
    fn settle(self) -> Vec<Vec<(u32, f32)>> {
        let Shortlists { rows, wide, k, lists, errors } = self;
        let row = |item: usize| &rows[item * wide..][..wide];
        let compute = |item: usize, some: &mut [(u32, f32)]| {
            for some in some.chunks_mut(CHAINS) {
                let products =
                    sieve::chains(row(item), std::array::from_fn(|n| row(some[n.min(some.len() - 1)].0 as usize)));
                // Adding zero makes one zero of two, as in `TopK`.
                some.iter_mut().zip(products).for_each(|(found, product)| found.1 = product + 0.0);
            }
        };
        let settled = tasks::map(lists.chunks(LISTS).enumerate(), |(n, lists)| {
            let mut settled = Vec::with_capacity(lists.len());
            for (list, item) in lists.iter().zip(n * LISTS..) {
                let mut found = list.found.clone();
                found.sort_unstable_by(|a, b| b.1.total_cmp(&a.1));
                let likely = k.next_multiple_of(CHAINS).min(found.len());
                let rest = found.split_off(likely);
                compute(item, &mut found);
                found.sort_unstable_by(before);
                let least = found.get(k - 1).map_or(f32::NEG_INFINITY, |&(_, score)| score) - errors[item];
                let from = found.len();
                found.extend(rest.into_iter().filter(|&(row, score)| score + errors[row as usize] >= least));
                compute(item, &mut found[from..]);
                found.sort_unstable_by(before);
                found.truncate(k);
                settled.push(found);
            }
            settled
        });
        settled.concat()
    }
}

/// Larger scores first, then lower rows.
fn before(a: &(u32, f32), b: &(u32, f32)) -> Ordering {
    b.1.total_cmp(&a.1).then(a.0.cmp(&b.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::largest_cases::normal;
    use crate::rows::normalised;
    use crate::{Packed, TopK};
    use ndarray::Array2;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    type Lists = Vec<Vec<(u32, f32)>>;

    /// The plain form: all scores, as `Packed` computes them.
    fn plain(table: &Array2<f32>, k: usize) -> Lists {
        let mut scores = Packed::new(table.t()).product(table.view());
        let list = |(i, mut row): (usize, ndarray::ArrayViewMut1<f32>)| {
            row[i] = f32::NEG_INFINITY;
            let mut best = TopK::new(k);
            best.scan(0, row.as_slice().unwrap());
            best.into_sorted()
        };
        scores.rows_mut().into_iter().enumerate().map(list).collect()
    }

    /// Compares bit for bit; returns whether bounds gave the lists.
    fn compare(table: &Array2<f32>, k: usize, what: &str) -> bool {
        let Some(got) = largest(table.view(), k) else { return false };
        let bits = |list: &[(u32, f32)]| list.iter().map(|&(row, score)| (row, score.to_bits())).collect::<Vec<_>>();
        for (n, (got, want)) in got.iter().zip(plain(table, k)).enumerate() {
            if table.row(n).iter().all(|&x| x == 0.0) {
                assert_eq!(got.len(), 0, "{what}: row {n} is zero");
            } else {
                assert_eq!(bits(got), bits(&want), "{what}: row {n}, k {k}");
            }
        }
        true
    }

    /// Rows around some centres, as features are: `[n, width]`, of length 1.
    fn crowded(rows: usize, width: usize, centres: usize, rng: &mut ChaCha8Rng) -> Array2<f32> {
        let (centres, noise) = (normal(centres, width, rng), normal(rows, width, rng));
        let near = |(i, j): (usize, usize)| centres[[i * 7 % centres.nrows(), j]] + noise[[i, j]];
        normalised(&Array2::from_shape_fn((rows, width), near))
    }

    #[test]
    fn lists_are_those_of_the_plain_form_to_the_last_bit() {
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        // More than a block and not; the last one full, with one row, without a whole panel; widths that are no multiple of 4 or 16.
        for (rows, width, k) in
            [(1400, 33, 9), (2048, 64, 10), (1281, 384, 5), (1537, 7, 1), (3000, 130, 20), (200, 1000, 1)]
        {
            let table = crowded(rows, width, 60, rng);
            assert!(compare(&table, k, &format!("{rows} x {width}")) || !dot8::is_fast(), "{rows} x {width}");
        }
        for (rows, width, k) in [(1, 1, 1), (2, 3, 1), (40, 8, 30), (700, 5, 700)] {
            compare(&crowded(rows, width, 3, rng), k, &format!("{rows} x {width}"));
        }
    }

    #[test]
    fn hostile_rows_change_nothing() {
        let rng = &mut ChaCha8Rng::seed_from_u64(2);
        let (rows, width) = (1500, 40);
        let usual = crowded(rows, width, 100, rng);
        let one = normalised(&normal(1, width, rng));
        let changed = |change: &dyn Fn(usize, usize, f32) -> f32| {
            Array2::from_shape_fn((rows, width), |(i, j)| change(i, j, usual[[i, j]]))
        };
        let last_bit = |i: usize, x: f32| f32::from_bits(x.to_bits() ^ (i % 2) as u32);
        let cases: Vec<(&str, bool, Array2<f32>)> = vec![
            ("equal rows", false, changed(&|_, j, _| one[[0, j]])),
            ("rows that differ in a last bit", false, changed(&|i, j, _| last_bit(i * 31 + j * 17, one[[0, j]]))),
            ("twins", true, changed(&|i, j, _| usual[[i / 8, j]])),
            ("twins that differ in a last bit", true, changed(&|i, j, _| last_bit(i * 31 + j * 17, usual[[i / 8, j]]))),
            ("twins far apart", true, changed(&|i, j, _| usual[[i % 200, j]])),
            ("many equal rows", true, changed(&|i, j, x| if i % 60 == 0 { one[[0, j]] } else { x })),
            ("negative twins", true, changed(&|i, j, _| usual[[i / 2, j]] * if i % 2 == 0 { 1.0 } else { -1.0 })),
            ("zero rows", true, changed(&|i, _, x| if i % 30 == 0 { 0.0 } else { x })),
            ("negative zeros", true, changed(&|i, _, x| if i % 30 == 0 { -0.0 } else { x })),
            ("all zero", true, changed(&|_, _, _| 0.0)),
            ("one number each", false, changed(&|i, j, _| if j == i % width { 1.0 } else { 0.0 })),
            ("one large column", false, normalised(&changed(&|_, j, x| if j == 5 { x + 1e4 } else { x }))),
            ("norms from a half to two", true, changed(&|i, _, x| x * [0.55, 1.0, 1.9][i % 3])),
            ("norms far apart", false, changed(&|i, _, x| x * 10f32.powi(i as i32 % 25 - 12))),
            ("one tiny row", false, changed(&|i, _, x| if i == 3 { x * 1e-30 } else { x })),
            ("infinite", false, changed(&|i, j, x| if (i, j) == (7, 7) { f32::INFINITY } else { x })),
            ("not a number", false, changed(&|i, j, x| if (i, j) == (1499, 39) { f32::NAN } else { x })),
        ];
        for (what, helps, table) in &cases {
            for k in [1, 10] {
                let by_bounds = compare(table, k, what);
                assert!(by_bounds == *helps || !dot8::is_fast(), "{what}, k {k}: by bounds {by_bounds}");
            }
        }
    }

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let table = crowded(3000, 20, 300, &mut ChaCha8Rng::seed_from_u64(3));
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| (largest(table.view(), 10), kept(&table, 10)))
        };
        let one = on(1);
        assert!([2, 3, 7].iter().all(|&threads| on(threads) == one));
    }

    /// How many are left of all pairs, before scores are computed.
    fn kept(table: &Array2<f32>, k: usize) -> Option<usize> {
        let rounded = Rounded::new(table.as_slice().unwrap(), table.ncols())?;
        let lists = shortlists(table.as_slice().unwrap(), table.ncols(), k, &rounded)?;
        Some(lists.lists.iter().map(|list| list.found.len()).sum())
    }

    #[test]
    fn few_rows_are_left_of_usual_ones() {
        if !dot8::is_fast() {
            return println!("skipped: no fast products of 8-bit numbers here");
        }
        let table = crowded(4000, 256, 100, &mut ChaCha8Rng::seed_from_u64(4));
        let kept = kept(&table, 10).expect("bounds help") as f64 / 4000.0;
        assert!((10.0..=40.0).contains(&kept), "{kept} for each row");
    }

    #[test]
    fn chains_are_the_sums_of_the_plain_product() {
        if !dot8::is_fast() {
            return println!("skipped: no fast products of 8-bit numbers here");
        }
        let rng = &mut ChaCha8Rng::seed_from_u64(5);
        for width in [1, 15, 16, 17, 100, 700] {
            let (query, rows) = (normal(1, width, rng), normal(CHAINS, width, rng));
            let want = Packed::new(rows.t()).product(query.view());
            let got =
                sieve::chains(query.as_slice().unwrap(), std::array::from_fn(|n| rows.row(n).to_slice().unwrap()));
            assert_eq!(got.map(f32::to_bits)[..], want.mapv(f32::to_bits).as_slice().unwrap()[..], "{width} wide");
        }
    }
}
