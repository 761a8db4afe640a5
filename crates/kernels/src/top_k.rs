//! The `k` largest of a row of scores.

use crate::Real;
use pulp::{Arch, Simd, WithSimd};
use std::cmp::Ordering;

/// Scores are compared with the threshold this many at a time.
const LANES: usize = 16;

/// The `k` largest scores seen so far with their indices: largest first, ties to the lower index.
///
/// Negative infinity marks what may not be chosen and is left out, so fewer than `k` can come back. NaN is never
/// chosen either: who may meet one looks for it first.
///
/// Scores above the threshold are put down unsorted; when the room for them is used up, the `k` largest stay and the least
/// of them is the new threshold. With scores in random order that happens about `ln(n/k)` times, so nearly all the work is
/// the comparison of whole blocks with the threshold.
///
/// ```
/// use anchorrec_kernels::TopK;
/// let mut best = TopK::new(2);
/// best.scan(0, &[1.0, 3.0]);
/// best.scan(2, &[3.0, 2.0]);
/// assert_eq!(best.into_sorted(), [(1, 3.0), (2, 3.0)]);
/// ```
#[derive(Clone, Debug)]
pub struct TopK<F> {
    k: usize,
    /// What is larger than the k-th largest so far.
    threshold: F,
    /// Room for candidates; the first `count` are.
    candidates: Vec<(u32, F)>,
    count: usize,
}

impl<F: Real> TopK<F> {
    /// Makes an empty list for the `k` largest.
    pub fn new(k: usize) -> Self {
        // A block is put down without asking for room in between; twice `k` keeps the selections rare.
        let room = if k == 0 { 0 } else { 2 * k + 2 * LANES };
        TopK { k, threshold: F::neg_infinity(), candidates: vec![(0, F::zero()); room], count: 0 }
    }

    /// Returns the chosen `(index, score)` pairs, largest score first.
    pub fn into_sorted(mut self) -> Vec<(u32, F)> {
        if self.count > self.k {
            self.select();
        }
        self.candidates.truncate(self.count);
        self.candidates.sort_unstable_by(before);
        self.candidates
    }

    /// Offers `scores`, whose indices are `first`, `first + 1`, ... Calls must come in ascending order of indices:
    /// that is what gives a tie to the lower one.
    pub fn scan(&mut self, first: u32, scores: &[F]) {
        if self.k > 0 {
            Arch::new().dispatch(Scan { best: self, first, scores });
        }
    }

    #[inline(always)]
    fn scan_blocks(&mut self, first: u32, scores: &[F]) {
        let (blocks, rest) = scores.as_chunks::<LANES>();
        for (n, block) in blocks.iter().enumerate() {
            let threshold = self.threshold;
            // No early exit inside: this is the loop that must vectorise.
            if block.iter().fold(false, |any, &s| any | (s > threshold)) {
                self.put_down(first + (n * LANES) as u32, block);
            }
        }
        self.put_down(first + (blocks.len() * LANES) as u32, rest);
    }

    /// Adds those of up to [`LANES`] scores that are above the threshold.
    #[inline(always)]
    fn put_down(&mut self, first: u32, scores: &[F]) {
        let threshold = self.threshold;
        let room = &mut self.candidates[self.count..][..LANES];
        let mut count = 0;
        for (lane, &score) in scores.iter().enumerate() {
            // Written always, counted when it is larger: which lanes are is anybody's guess, also the processor's.
            // Strictly larger: an equal score at a higher index stays behind.
            // Adding zero makes one zero of two: they are equal, and so tie.
            room[count % LANES] = (first + lane as u32, score + F::zero());
            count += usize::from(score > threshold);
        }
        self.count += count;
        if self.count + LANES > self.candidates.len() {
            self.select();
        }
    }

    /// Keeps the `k` largest candidates.
    #[cold]
    fn select(&mut self) {
        let candidates = &mut self.candidates[..self.count];
        let (_, &mut (_, least), _) = candidates.select_nth_unstable_by(self.k - 1, before);
        (self.threshold, self.count) = (least, self.k);
    }
}

/// A scan, compiled for the widest vectors there are.
struct Scan<'a, F> {
    best: &'a mut TopK<F>,
    first: u32,
    scores: &'a [F],
}

impl<F: Real> WithSimd for Scan<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.best.scan_blocks(self.first, self.scores);
    }
}

/// Larger scores first, then lower indices.
fn before<F: Real>(a: &(u32, F), b: &(u32, F)) -> Ordering {
    b.1.total_order(&a.1).then(a.0.cmp(&b.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(scores: &[f64], k: usize) -> Vec<u32> {
        let mut best = TopK::new(k);
        best.scan(0, scores);
        best.into_sorted().iter().map(|b| b.0).collect()
    }

    #[test]
    fn largest_first_and_ties_to_the_lower_index() {
        assert_eq!(of(&[1.0, 3.0, 2.0, 3.0, 2.0], 4), [1, 3, 2, 4]);
        assert_eq!(of(&[2.0; 70], 3), [0, 1, 2]);
        assert_eq!(of(&[-0.0, 0.0, -1.0, 0.0], 2), [0, 1]);
    }

    #[test]
    fn what_is_masked_or_nan_is_never_chosen() {
        let masked = f64::NEG_INFINITY;
        assert_eq!(of(&[masked, 1.0, masked, f64::NAN, -5.0], 4), [1, 4]);
        assert_eq!(of(&[masked; 3], 2), []);
        assert_eq!(of(&[], 2), []);
        assert_eq!(of(&[1.0], 0), []);
    }

    #[test]
    fn equals_a_full_sort_in_one_scan_or_many() {
        let scores: Vec<f64> = (0..1000u64).map(|i| (i * 7919 % 101) as f64).collect();
        let mut order: Vec<u32> = (0..1000).collect();
        order.sort_by(|&a, &b| scores[b as usize].total_cmp(&scores[a as usize]).then(a.cmp(&b)));
        for k in [1, 2, 31, 32, 33, 500, 1000, 2000] {
            assert_eq!(of(&scores, k), order[..k.min(1000)], "k {k}");
            let mut parts = TopK::new(k);
            for (i, part) in scores.chunks(77).enumerate() {
                parts.scan(i as u32 * 77, part);
            }
            assert!(
                parts.into_sorted().iter().map(|b| b.0).eq(order[..k.min(1000)].iter().copied()),
                "k {k}, in parts"
            );
        }
    }
}
