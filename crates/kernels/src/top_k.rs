//! The `k` largest of a row of scores.

use crate::Real;
use pulp::Arch;

/// Scores are compared with the threshold this many at a time.
const LANES: usize = 32;

/// The `k` largest scores with their indices, largest first, ties to the lower index, into `best` (cleared first).
///
/// Negative infinity marks what may not be chosen and is left out, so fewer than `k` can come back. NaN is never
/// chosen either: who may meet one looks for it first.
///
/// The list is kept sorted while the row is read once; with scores in random order it changes about `k ln(n/k)`
/// times, so nearly all the work is the comparison of whole blocks with the k-th best so far.
pub fn top_k<F: Real>(scores: &[F], k: usize, best: &mut Vec<(u32, F)>) {
    best.clear();
    if k == 0 {
        return;
    }
    Arch::new().dispatch(
        #[inline(always)]
        || scan(scores, k, best),
    );
}

#[inline(always)]
fn scan<F: Real>(scores: &[F], k: usize, best: &mut Vec<(u32, F)>) {
    let mut threshold = F::neg_infinity();
    for (block, chunk) in scores.chunks(LANES).enumerate() {
        // No early exit inside: this is the loop that must vectorise.
        if !chunk.iter().fold(false, |any, &s| any | (s > threshold)) {
            continue;
        }
        for (lane, &score) in chunk.iter().enumerate() {
            // Strictly greater: an equal score at a higher index stays behind.
            if score > threshold {
                let place = best.partition_point(|&(_, s)| s >= score);
                if best.len() == k {
                    best.pop();
                }
                best.insert(place, ((block * LANES + lane) as u32, score));
                if best.len() == k {
                    threshold = best[k - 1].1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(scores: &[f64], k: usize) -> Vec<u32> {
        let mut best = vec![(99, 0.0)];
        top_k(scores, k, &mut best);
        best.iter().map(|b| b.0).collect()
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
    fn equals_a_full_sort() {
        let scores: Vec<f64> = (0..1000u64).map(|i| (i * 7919 % 101) as f64).collect();
        let mut order: Vec<u32> = (0..1000).collect();
        order.sort_by(|&a, &b| scores[b as usize].total_cmp(&scores[a as usize]).then(a.cmp(&b)));
        for k in [1, 2, 31, 32, 33, 500, 1000, 2000] {
            assert_eq!(of(&scores, k), order[..k.min(1000)], "k {k}");
        }
    }
}
