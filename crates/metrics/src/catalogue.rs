//! Who gets recommended: coverage of the catalogue, concentration, popularity.
//!
//! With `c_i` how often item `i` is in the lists of all users, cut at `K`, and `q_i` its number of training pairs:
//!
//! | figure | formula | reads as |
//! |---|---|---|
//! | coverage | `|{i: c_i > 0}| / I` | share of the catalogue that is ever shown |
//! | Gini | `Σ_r (2r - I - 1) c_(r) / (I Σ c)`, `c_(1) <= c_(2) <= ...` | 0: all items shown as often; near 1: one item takes all |
//! | popularity lift | `Σ c_i q_i / Σ c` over `Σ q_i² / Σ q` | 1: as popular as what users take; above: more |

/// Counts how often each of `items` items stands among the first `k` of the lists.
///
/// # Panics
/// When an item is not below `items`.
///
/// ```
/// use anchorrec_metrics::catalogue::exposure;
/// assert_eq!(exposure(&[vec![0, 1, 2], vec![0, 2, 1]], 4, 2), [2, 1, 1, 0]);
/// ```
pub fn exposure(lists: &[Vec<u32>], items: usize, k: usize) -> Vec<usize> {
    let mut counts = vec![0; items];
    for &item in lists.iter().flat_map(|list| &list[..list.len().min(k)]) {
        counts[item as usize] += 1;
    }
    counts
}

/// Returns the share of items with an exposure above 0.
///
/// ```
/// use anchorrec_metrics::catalogue::coverage;
/// assert_eq!(coverage(&[3, 1, 1, 0]), 3.0 / 4.0);
/// ```
pub fn coverage(exposure: &[usize]) -> f64 {
    exposure.iter().filter(|&&count| count > 0).count() as f64 / exposure.len().max(1) as f64
}

/// Returns the Gini coefficient of the exposures; 0 when nothing is shown.
///
/// ```
/// use anchorrec_metrics::catalogue::gini;
/// assert_eq!(gini(&[3, 3, 3]), 0.0);
/// assert_eq!(gini(&[0, 0, 0, 8]), 3.0 / 4.0);
/// ```
pub fn gini(exposure: &[usize]) -> f64 {
    let mut sorted = exposure.to_vec();
    sorted.sort_unstable();
    let (n, sum) = (sorted.len() as f64, sorted.iter().sum::<usize>() as f64);
    let weighted: f64 = sorted.iter().zip(1..).map(|(&count, r)| (2.0 * f64::from(r) - n - 1.0) * count as f64).sum();
    if sum > 0.0 { weighted / (n * sum) } else { 0.0 }
}

/// Returns the mean popularity of what is shown over the mean popularity of what users take; 0 when either is nothing.
///
/// `popularity` holds the number of training pairs `q_i` of each item.
///
/// # Panics
/// When the lengths differ.
///
/// ```
/// use anchorrec_metrics::catalogue::popularity_lift;
/// // Shown: the item with 3 pairs alone. Taken: 3 of 4 pairs are that item's, so (3 · 3 + 1 · 1) / 4.
/// assert_eq!(popularity_lift(&[8, 0], &[3, 1]), 3.0 / (10.0 / 4.0));
/// ```
pub fn popularity_lift(exposure: &[usize], popularity: &[usize]) -> f64 {
    assert_eq!(exposure.len(), popularity.len(), "popularity lift: items");
    let mean = |weights: &[usize]| {
        let sum: f64 = weights.iter().zip(popularity).map(|(&w, &q)| w as f64 * q as f64).sum();
        sum / weights.iter().sum::<usize>().max(1) as f64
    };
    let taken = mean(popularity);
    if taken > 0.0 { mean(exposure) / taken } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solved_by_hand() {
        let shown = exposure(&[vec![0, 1, 2], vec![0, 2, 1], vec![0]], 4, 2);
        assert_eq!(shown, [3, 1, 1, 0]);
        assert_eq!(coverage(&shown), 3.0 / 4.0);
        // Sorted 0, 1, 1, 3 with weights -3, -1, 1, 3.
        assert_eq!(gini(&shown), (-1.0 + 1.0 + 9.0) / (4.0 * 5.0));
        // Shown: (3·6 + 1·2 + 1·2) / 5; taken: (36 + 4 + 4 + 0) / 10.
        assert_eq!(popularity_lift(&shown, &[6, 2, 2, 0]), (22.0 / 5.0) / (44.0 / 10.0));
        assert_eq!((gini(&[0, 0]), coverage(&[]), popularity_lift(&[1], &[0])), (0.0, 0.0, 0.0));
    }
}
