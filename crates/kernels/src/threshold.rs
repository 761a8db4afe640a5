//! A threshold that some scores reach, found by counting: a few passes that vectorise, where a selection moves every score.

/// Numbers looked at side by side.
const LANES: usize = 16;

/// Returns a number that at least `k` of `scores` reach, and hardly more: the `k`-th largest is some 2⁻¹² of their spread above it.
/// Negative infinity is no score; at least `k` must be.
#[inline(always)]
pub(crate) fn at_most(k: usize, scores: &[f32]) -> f32 {
    let (mut least, mut most) = ([f32::INFINITY; LANES], [f32::NEG_INFINITY; LANES]);
    let (blocks, last) = scores.as_chunks::<LANES>();
    // Loops, not `for_each`: that one is a call.
    for block in blocks {
        for lane in 0..LANES {
            least[lane] = lower(block[lane], least[lane]);
            most[lane] = if block[lane] > most[lane] { block[lane] } else { most[lane] };
        }
    }
    for (lane, &score) in last.iter().enumerate() {
        least[lane] = lower(score, least[lane]);
        most[lane] = if score > most[lane] { score } else { most[lane] };
    }
    let least = least.into_iter().fold(f32::INFINITY, f32::min);
    let most = most.into_iter().fold(f32::NEG_INFINITY, f32::max);
    let (mut reached, mut missed) = (least, most);
    for _ in 0..12 {
        let middle = (reached + missed) / 2.0;
        let count: u32 = scores.iter().map(|&score| u32::from(score >= middle)).sum();
        *(if count as usize >= k { &mut reached } else { &mut missed }) = middle;
    }
    reached
}

/// The lower of two, of which negative infinity is none.
#[inline(always)]
fn lower(score: f32, least: f32) -> f32 {
    if score < least && score > f32::NEG_INFINITY { score } else { least }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn a_threshold_is_reached_by_as_many_as_are_wanted_and_hardly_more() {
        let rng = &mut ChaCha8Rng::seed_from_u64(6);
        for (count, k) in [(1, 1), (9, 9), (40, 1), (300, 10), (300, 299)] {
            let mut scores: Vec<f32> = (0..count).map(|_| rng.random::<f32>()).collect();
            let threshold = at_most(k, &scores);
            scores.sort_unstable_by(|a, b| b.total_cmp(a));
            assert!(threshold <= scores[k - 1] && threshold >= scores[k - 1] - 1.0 / 4096.0, "{k} of {count}");
        }
        assert_eq!(at_most(3, &[0.5; 20]), 0.5);
        assert_eq!(at_most(2, &[1.0, f32::NEG_INFINITY, 2.0]), 1.0);
    }
}
