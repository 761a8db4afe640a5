//! The `k` largest of a row of scores.

use crate::Real;
use pulp::Arch;

/// Scores are compared with the threshold this many at a time.
const LANES: usize = 32;

/// The `k` largest scores seen so far with their indices: largest first, ties to the lower index.
///
/// Negative infinity marks what may not be chosen and is left out, so fewer than `k` can come back. NaN is never
/// chosen either: who may meet one looks for it first.
///
/// The list is kept sorted while the scores are read once; with scores in random order it changes about `k ln(n/k)`
/// times, so nearly all the work is the comparison of whole blocks with the k-th best so far.
///
/// ```
/// use anchorrec_kernels::TopK;
/// let mut best = TopK::new(2);
/// best.scan(0, &[1.0, 3.0]);
/// best.scan(2, &[3.0, 2.0]);
/// assert_eq!(best.entries(), [(1, 3.0), (2, 3.0)]);
/// ```
#[derive(Clone, Debug)]
pub struct TopK<F> {
    k: usize,
    best: Vec<(u32, F)>,
}

impl<F: Real> TopK<F> {
    /// An empty list for the `k` largest.
    pub fn new(k: usize) -> Self {
        TopK { k, best: Vec::with_capacity(k) }
    }

    /// Forgets what was seen.
    pub fn clear(&mut self) {
        self.best.clear();
    }

    /// The chosen `(index, score)` pairs, largest score first.
    pub fn entries(&self) -> &[(u32, F)] {
        &self.best
    }

    /// Offers `scores`, whose indices are `first`, `first + 1`, ... Calls must come in ascending order of indices:
    /// that is what gives a tie to the lower one.
    pub fn scan(&mut self, first: u32, scores: &[F]) {
        if self.k > 0 {
            Arch::new().dispatch(
                #[inline(always)]
                || self.scan_blocks(first, scores),
            );
        }
    }

    #[inline(always)]
    fn scan_blocks(&mut self, first: u32, scores: &[F]) {
        let mut threshold = if self.best.len() == self.k { self.best[self.k - 1].1 } else { F::neg_infinity() };
        for (block, chunk) in scores.chunks(LANES).enumerate() {
            // No early exit inside: this is the loop that must vectorise.
            if !chunk.iter().fold(false, |any, &s| any | (s > threshold)) {
                continue;
            }
            for (lane, &score) in chunk.iter().enumerate() {
                // Strictly greater: an equal score at a higher index stays behind.
                if score > threshold {
                    let place = self.best.partition_point(|&(_, s)| s >= score);
                    if self.best.len() == self.k {
                        self.best.pop();
                    }
                    self.best.insert(place, (first + (block * LANES + lane) as u32, score));
                    if self.best.len() == self.k {
                        threshold = self.best[self.k - 1].1;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(scores: &[f64], k: usize) -> Vec<u32> {
        let mut best = TopK::new(k);
        best.scan(0, scores);
        best.entries().iter().map(|b| b.0).collect()
    }

    #[test]
    fn largest_first_and_ties_to_the_lower_index() {
        assert_eq!(of(&[1.0, 3.0, 2.0, 3.0, 2.0], 4), [1, 3, 2, 4]);
        assert_eq!(of(&[2.0; 70], 3), [0, 1, 2]);
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
            assert!(parts.entries().iter().map(|b| b.0).eq(order[..k.min(1000)].iter().copied()), "k {k}, in parts");
        }
    }
}
