//! The `k` largest products of many queries with rows of a table, exactly, by the bounds of [`bounded`](mod@crate::bounded).
//!
//! Rows are in the order of their lengths, longest first. The scores of the first thousand give a query a threshold that is hardly raised later. Then
//! by Cauchy and Schwarz it is done where `‖q‖ ‖x‖` falls below it: of the catalogue of a trained model that is often a small part. Queries that
//! are done at about the same row go together, and of the rows in between only scores that reach the threshold ever leave the registers
//! (`sieve`). Lists are the same to the last bit as those of the plain form, and a query's list does not depend on its company.

use crate::dot8;
use crate::rounded::{self, KEYS, Rounded};
use crate::sieve::{self, CHAINS, GROUP, Keys, Reaching, Rows};
use crate::threshold::at_most;
use crate::{portable, rows};
use ndarray::ArrayView2;
use pulp::{Arch, Simd, WithSimd};

/// Rows whose scores are all looked at: a multiple of [`KEYS`].
const HEAD: usize = 1024;
/// Rows between two looks at who is done: a multiple of [`KEYS`].
const STRETCH: usize = 512;
/// Places of a row that is in no list.
const NOWHERE: u32 = u32::MAX;

/// Rows of a table, longest first, with bounds on their rounding to 8 bits.
#[derive(Clone, Debug)]
pub struct Catalogue {
    wide: usize,
    /// The row of each place.
    order: Vec<u32>,
    /// The place of each row.
    places: Vec<u32>,
    /// The rows, in order.
    rows: Vec<f32>,
    rounded: Rounded,
    /// A row's share of the bound.
    weights: Vec<f32>,
    usual: f32,
    /// The largest norm from each place on.
    longest: Vec<f32>,
}

impl Catalogue {
    /// Rounds the rows of a table `[n, w]` but those of `never`. `None` where this processor has no fast products of 8-bit numbers, portable
    /// arithmetic was chosen, or a row does not allow bounds.
    pub fn new(table: ArrayView2<f32>, never: &[u32]) -> Option<Self> {
        let (items, wide) = table.dim();
        if !dot8::is_fast() || portable::is_chosen() || wide == 0 || wide > rounded::WIDEST {
            return None;
        }
        let mut places = vec![0; items];
        never.iter().for_each(|&row| places[row as usize] = NOWHERE);
        let lengths = rows::norms(&table);
        let mut order: Vec<u32> = (0..items as u32).filter(|&row| places[row as usize] != NOWHERE).collect();
        order.sort_unstable_by(|&a, &b| lengths[b as usize].total_cmp(&lengths[a as usize]).then(a.cmp(&b)));
        (0..).zip(&order).for_each(|(place, &row)| places[row as usize] = place);
        let rows = rows::gather(&table, &order).into_raw_vec_and_offset().0;
        let rounded = Rounded::new(&rows, wide)?;
        let (weights, usual) = rounded.weights();
        let mut longest = rounded.norms[..order.len()].to_vec();
        for place in (1..longest.len()).rev() {
            longest[place - 1] = longest[place - 1].max(longest[place]);
        }
        Some(Catalogue { wide, order, places, rows, rounded, weights, usual, longest })
    }

    /// Finds the `k` largest products of each of `queries` `[n, w]` with the rows, largest first, ties to the lower row; on the calling thread. Rows of
    /// `masks[n]` are left out of list `n`. `None` where bounds do not help.
    ///
    /// # Panics
    /// When the width is not that of the rows, there is not a mask for each query, or a mask names a row that is not there.
    pub fn largest(&self, queries: ArrayView2<f32>, k: usize, masks: &[&[u32]]) -> Vec<Option<Vec<(u32, f32)>>> {
        assert!(
            queries.ncols() == self.wide && masks.len() == queries.nrows(),
            "catalogue: queries as wide as rows, a mask for each"
        );
        if k == 0 || 4 * k > self.order.len() || portable::is_chosen() {
            return vec![None; masks.len()];
        }
        let values: Vec<f32> = queries.iter().copied().collect();
        let lists = self.shortlists(&values, k, masks);
        lists.into_iter().zip(values.chunks(self.wide)).map(|(list, query)| self.settle(list, query, k)).collect()
    }

    /// Finds the rows that may be among the `k` largest of each query.
    fn shortlists(&self, queries: &[f32], k: usize, masks: &[&[u32]]) -> Vec<List> {
        let queries = queries.chunks(self.wide).zip(masks);
        let mut lists: Vec<List> = queries.map(|(query, mask)| self.list(query, mask, k)).collect();
        let (mut scores, mut reaching) = (Vec::new(), Reaching::default());
        for lists in lists.chunks_mut(GROUP) {
            self.head(lists, k, &mut scores);
        }
        let mut together: Vec<&mut List> = lists.iter_mut().collect();
        together.sort_by_cached_key(|list| self.end(list));
        for lists in together.chunks_mut(GROUP) {
            self.tail(lists, k, &mut reaching);
        }
        for list in &mut lists {
            list.sift(k);
            // A product on its own costs many times what it costs in a tile.
            list.helps &= list.found.places.len() <= 1024.max(self.order.len() / 8);
        }
        lists
    }

    /// The first place from which on no row reaches the list's threshold.
    fn end(&self, list: &List) -> usize {
        self.longest.partition_point(|&longest| list.helps && longest * list.longest >= list.threshold)
    }

    /// The rows after the head, for a group of lists.
    fn tail(&self, lists: &mut [&mut List], k: usize, reaching: &mut Reaching) {
        let width = self.rounded.width;
        let mut rows = Rows::of_queries(lists.iter().map(|list| &list.codes[..]), width);
        let (mut first, mut end) = (HEAD, usize::MAX);
        while first < end {
            for (limit, list) in rows.limits.iter_mut().zip(lists.iter_mut()) {
                list.sift(k);
                *limit = list.limit();
            }
            end = lists.iter().map(|list| self.end(list)).max().unwrap_or(0);
            let stretch = (first + STRETCH).min(end.next_multiple_of(KEYS));
            for first in (first..stretch).step_by(KEYS) {
                rows.sift_by_rows(width, &self.keys(first), reaching);
                for (row, key, score) in reaching.pairs().filter(|&(_, key, _)| key < self.order.len()) {
                    let list = &mut lists[row];
                    if list.masked.binary_search(&(key as u32)).is_err() {
                        list.found.push(key as u32, score, self.weights[key] * list.margin);
                        if list.found.places.len() >= list.room {
                            list.sift(k);
                            rows.limits[row] = list.limit();
                        }
                    }
                }
            }
            first = stretch.max(first + KEYS);
        }
    }

    /// A query's list, empty.
    fn list(&self, query: &[f32], mask: &[u32], k: usize) -> List {
        let mut codes = vec![0i8; self.rounded.width];
        let row = rounded::round(query, &mut codes);
        let margin = row.margin(self.wide, self.usual);
        let mut masked: Vec<u32> =
            mask.iter().map(|&row| self.places[row as usize]).filter(|&place| place != NOWHERE).collect();
        masked.sort_unstable();
        List {
            codes: codes.into_iter().map(|code| code as u8 ^ 128).collect(),
            masked,
            margin: margin.unwrap_or(0.0),
            longest: row.reach(self.wide),
            threshold: f32::NEG_INFINITY,
            room: 2 * k + 64,
            left: 0,
            found: Found::with_room(2 * k + 64),
            helps: margin.is_some(),
        }
    }

    /// The first rows, for a few lists: all scores, then a threshold.
    fn head(&self, lists: &mut [List], k: usize, scores: &mut Vec<f32>) {
        let Rounded { width, panels, bases, scales, .. } = &self.rounded;
        let head = HEAD.min(bases.len());
        let queries: Vec<u8> = lists.iter().flat_map(|list| list.codes.iter().copied()).collect();
        scores.resize(lists.len() * head, 0.0);
        dot8::products(&queries, *width, &panels[..head * width], &bases[..head], &scales[..head], scores);
        let valid = head.min(self.order.len());
        for (list, scores) in lists.iter_mut().zip(scores.chunks_mut(head)).filter(|(list, _)| list.helps) {
            Arch::new().dispatch(Begin { list, scores: &mut scores[..valid], weights: &self.weights[..valid], k });
        }
    }

    fn keys(&self, first: usize) -> Keys<'_> {
        let Rounded { width, panels, bases, scales, .. } = &self.rounded;
        Keys {
            first,
            panels: &panels[first * width..][..KEYS * width],
            bases: &bases[first..][..KEYS],
            scales: &scales[first..][..KEYS],
            errors: &self.weights[first..][..KEYS],
            limits: &[0.0; KEYS],
        }
    }

    /// The list's rows, computed as the plain form does.
    fn settle(&self, list: List, query: &[f32], k: usize) -> Option<Vec<(u32, f32)>> {
        if !list.helps {
            return None;
        }
        let row = |place: u32| &self.rows[place as usize * self.wide..][..self.wide];
        let mut found = Vec::with_capacity(list.found.places.len());
        for places in list.found.places.chunks(CHAINS) {
            let products = sieve::chains(query, std::array::from_fn(|n| row(places[n.min(places.len() - 1)])));
            // Adding zero makes one zero of two, as in `TopK`.
            let pairs = places
                .iter()
                .zip(products)
                .map(|(&place, product)| sortable(self.order[place as usize], product + 0.0));
            found.extend(pairs);
        }
        if found.len() > k {
            found.select_nth_unstable(k - 1);
            found.truncate(k);
        }
        found.sort_unstable();
        Some(found.into_iter().map(unsorted).collect())
    }
}

/// A row and its score as one number: the smaller, the larger is the score, or with equal ones the lower is the row.
fn sortable(row: u32, score: f32) -> u64 {
    let bits = score.to_bits();
    // Of negative numbers the larger has the smaller bits.
    let ascending = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
    u64::from(!ascending) << 32 | u64::from(row)
}

/// The row and the score of [`sortable`].
fn unsorted(key: u64) -> (u32, f32) {
    let ascending = !((key >> 32) as u32);
    (key as u32, f32::from_bits(if ascending >> 31 == 1 { ascending ^ 1 << 31 } else { !ascending }))
}

/// A query and the rows that may be among its `k` largest. Scores are divided by the query's scale.
struct List {
    codes: Vec<u8>,
    /// Places that may not be found, ascending.
    masked: Vec<u32>,
    margin: f32,
    /// What a row's norm is multiplied by for the largest score that it can have.
    longest: f32,
    /// `k` rows have at least this score.
    threshold: f32,
    /// So many may be found before the list is sifted.
    room: usize,
    /// How many were left when it was.
    left: usize,
    found: Found,
    helps: bool,
}

/// Places with the ends of their scores.
struct Found {
    places: Vec<u32>,
    lower: Vec<f32>,
    upper: Vec<f32>,
}

impl Found {
    fn with_room(room: usize) -> Found {
        Found { places: Vec::with_capacity(room), lower: Vec::with_capacity(room), upper: Vec::with_capacity(room) }
    }

    #[inline(always)]
    fn push(&mut self, place: u32, score: f32, error: f32) {
        self.places.push(place);
        self.lower.push(score - error);
        self.upper.push(score + error);
    }
}

impl List {
    /// What the sieve compares with.
    fn limit(&self) -> [f32; 3] {
        if self.helps { [self.threshold, self.margin, 0.0] } else { [f32::INFINITY, 0.0, 0.0] }
    }

    /// Raises the threshold, and keeps who reaches it.
    fn sift(&mut self, k: usize) {
        if self.helps && self.found.places.len() > k.max(self.left) {
            Arch::new().dispatch(Sift { list: self, k });
            self.left = self.found.places.len();
            self.room = self.room.max(2 * self.left);
        }
    }
}

/// [`List::sift`], compiled for the widest vectors there are.
struct Sift<'a> {
    list: &'a mut List,
    k: usize,
}

impl WithSimd for Sift<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Found { places, lower, upper } = &mut self.list.found;
        let threshold = self.list.threshold.max(at_most(self.k, lower));
        let count = places.len();
        let (places, lower, upper) = (&mut places[..count], &mut lower[..count], &mut upper[..count]);
        // All are written, and counted when they reach: which do is anybody's guess, also the processor's.
        let mut kept = 0;
        for n in 0..count {
            (places[kept], lower[kept]) = (places[n], lower[n]);
            let end = upper[n];
            upper[kept] = end;
            kept += usize::from(end >= threshold);
        }
        self.list.threshold = threshold;
        let Found { places, lower, upper } = &mut self.list.found;
        places.truncate(kept);
        lower.truncate(kept);
        upper.truncate(kept);
    }
}

/// The scores of the first rows for a list, compiled for the widest vectors there are.
struct Begin<'a> {
    list: &'a mut List,
    scores: &'a mut [f32],
    weights: &'a [f32],
    k: usize,
}

impl WithSimd for Begin<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Begin { list, scores, weights, k } = self;
        let masked = &list.masked[..list.masked.partition_point(|&place| (place as usize) < scores.len())];
        masked.iter().for_each(|&place| scores[place as usize] = f32::NEG_INFINITY);
        let margin = list.margin;
        let mut lower = [0.0; HEAD];
        let lower = &mut lower[..scores.len()];
        for ((lower, &score), &weight) in lower.iter_mut().zip(&*scores).zip(weights) {
            *lower = score - weight * margin;
        }
        if scores.len() - masked.len() >= k {
            list.threshold = at_most(k, lower);
        }
        let reaches = |score: f32, weight: f32| score + weight * margin >= list.threshold.max(f32::MIN);
        let blocks = scores.chunks(CHAINS).zip(weights.chunks(CHAINS)).enumerate();
        for (n, (scores, weights)) in blocks {
            // No early exit inside: this is the loop that must vectorise.
            if scores.iter().zip(weights).fold(false, |any, (&score, &weight)| any | reaches(score, weight)) {
                for (lane, (&score, &weight)) in scores.iter().zip(weights).enumerate() {
                    if reaches(score, weight) {
                        list.found.push((n * CHAINS + lane) as u32, score, weight * margin);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::largest_cases::{self, normal, plain};
    use ndarray::{Array2, array, s};
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    /// Compares bit for bit; returns how many lists bounds gave.
    fn compare(table: &Array2<f32>, queries: &Array2<f32>, k: usize, what: &str) -> usize {
        let mask: Vec<u32> = (0..table.nrows() as u32).step_by(7).collect();
        let masks: Vec<&[u32]> = (0..queries.nrows()).map(|n| if n % 2 == 0 { &mask[..] } else { &[] }).collect();
        let never = [1, 3, 7];
        let never = &never[..if table.nrows() > 7 { 3 } else { 0 }];
        let Some(catalogue) = Catalogue::new(table.view(), never) else { return 0 };
        let got = catalogue.largest(queries.view(), k, &masks);
        let want = plain(table, queries, k, &masks, never);
        largest_cases::compare(&got, &want, &format!("{what}, k {k}"))
    }

    #[test]
    fn lists_are_those_of_the_plain_form_to_the_last_bit() {
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        // Fewer rows than the head, as many, more; queries that fill their groups and do not; widths that are no multiple of 4 or 16.
        for (rows, width, queries) in [
            (300, 64, 9),
            (HEAD, 20, 8),
            (HEAD + 3, 16, 7),
            (3000, 64, 40),
            (3000, 33, 17),
            (2000, 130, 1),
            (1, 1, 1),
            (5, 3, 2),
        ] {
            let (table, asked) = (normal(rows, width, rng), normal(queries, width, rng));
            for k in [0, 1, 10, 50, rows / 2, rows + 3] {
                let by_bounds = compare(&table, &asked, k, &format!("{rows} x {width}"));
                // Three rows are in no list.
                let few = k > 0 && 4 * k <= if rows > 7 { rows - 3 } else { rows };
                assert_eq!(by_bounds, if few && dot8::is_fast() { queries } else { 0 }, "{rows} x {width}, k {k}");
            }
        }
    }

    #[test]
    fn hostile_rows_change_nothing() {
        let rng = &mut ChaCha8Rng::seed_from_u64(2);
        let mut asked = normal(11, 40, rng);
        asked.row_mut(4).fill(0.0);
        let cases = largest_cases::hostile(&asked, rng);
        let mut by_bounds = 0;
        for (what, table) in &cases {
            for factor in [1.0, 1e-14, 1e14, 1e25, 1e-38, 0.0, f32::NAN] {
                for k in [1, 20] {
                    by_bounds += compare(table, &(&asked * factor), k, &format!("{what} x {factor:e}"));
                }
            }
        }
        assert!(!dot8::is_fast() || by_bounds > 200, "{by_bounds} lists by bounds");
    }

    #[test]
    fn few_rows_are_left_of_usual_ones_and_a_list_does_not_depend_on_its_company() {
        if !dot8::is_fast() {
            return println!("skipped: no fast products of 8-bit numbers here");
        }
        let rng = &mut ChaCha8Rng::seed_from_u64(3);
        let (table, asked) = (normal(18_357, 64, rng), normal(20, 64, rng));
        let masks: [&[u32]; 20] = [&[]; 20];
        let catalogue = Catalogue::new(table.view(), &[]).unwrap();
        let alone = |n: usize| catalogue.largest(asked.slice(s![n..n + 1, ..]), 50, &masks[..1]).remove(0);
        assert_eq!(catalogue.largest(asked.view(), 50, &masks), (0..20).map(alone).collect::<Vec<_>>());

        let left = catalogue.shortlists(asked.as_slice().unwrap(), 50, &masks);
        let left = left.iter().map(|list| list.found.places.len()).sum::<usize>() as f64 / 20.0;
        assert!((50.0..120.0).contains(&left), "{left} for each query");
        let equal = Array2::from_elem((18_357, 64), 0.3);
        assert_eq!(Catalogue::new(equal.view(), &[]).unwrap().largest(asked.view(), 50, &masks), vec![None; 20]);
    }

    #[test]
    fn rows_are_looked_at_while_their_length_may_reach_a_list_and_no_longer() {
        if !dot8::is_fast() {
            return println!("skipped: no fast products of 8-bit numbers here");
        }
        let rng = &mut ChaCha8Rng::seed_from_u64(4);
        let (rows, width) = (6000, 24);
        // The longest rows are at right angles to the queries; the others are about as long as each other and point to them more or less.
        let (noise, long) = (normal(rows, width, rng), HEAD + 100);
        let direction = Array2::from_shape_fn((rows, width), |(i, j)| match j {
            _ if j == width - 1 => f32::from(i < long),
            _ if i < long => 0.0,
            0 => 1.0,
            _ => noise[[i, j]] * (i * 7919 % 997) as f32 / 997.0,
        });
        let length = |i: usize| if i < long { 3.0 } else { 1.1 - 0.01 * (i - long) as f32 / (rows - long) as f32 };
        let mut table = rows::normalised(&direction);
        table.rows_mut().into_iter().enumerate().for_each(|(i, mut row)| row *= length(i));
        let asked = Array2::from_shape_fn((9, width), |(n, j)| if j == 0 { 1.0 + n as f32 } else { 0.0 });
        assert_eq!(compare(&table, &asked, 10, "long rows at right angles"), 9);

        let falling = Array2::from_shape_fn((rows, width), |(i, j)| noise[[i, j]] / (1.0 + i as f32 / 300.0));
        let asked = normal(9, width, rng);
        assert_eq!(compare(&falling, &asked, 10, "lengths that fall"), 9);
        let catalogue = Catalogue::new(falling.view(), &[]).unwrap();
        let masks: [&[u32]; 9] = [&[]; 9];
        let lists = catalogue.shortlists(asked.as_slice().unwrap(), 10, &masks);
        let ends: Vec<usize> = lists.iter().map(|list| catalogue.end(list)).collect();
        assert!(ends.iter().all(|&end| (10..rows / 2).contains(&end)), "{ends:?}");
    }

    #[test]
    fn a_score_and_its_row_make_one_number_that_sorts() {
        let scores = [f32::MAX, 2.0, 1.0 + f32::EPSILON, 1.0, 1e-40, 0.0, -1e-40, -1.0, -2.0, f32::MIN];
        let pairs: Vec<(u32, f32)> =
            scores.iter().flat_map(|&score| [(0, score), (7, score), (u32::MAX, score)]).collect();
        let keys: Vec<u64> = pairs.iter().map(|&(row, score)| sortable(row, score)).collect();
        assert!(keys.is_sorted_by(|a, b| a < b));
        assert_eq!(keys.into_iter().map(unsorted).collect::<Vec<_>>(), pairs);
    }

    #[test]
    #[should_panic(expected = "catalogue: queries as wide as rows")]
    fn widths_that_differ_are_refused() {
        let Some(catalogue) = Catalogue::new(array![[1.0, 2.0]].view(), &[]) else {
            panic!("catalogue: queries as wide as rows")
        };
        catalogue.largest(array![[1.0]].view(), 1, &[&[]]);
    }
}
