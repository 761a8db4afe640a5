//! Accuracy of rankings: per user at each cut-off `K`, then the mean over the users that have a positive.
//!
//! With `P` the held-out positives of a user, `hit_r` 1 when the item at rank `r = 1, 2, ...` is one of them, and
//! `M = min(|P|, K)`, the most hits there can be:
//!
//! | metric | formula |
//! |---|---|
//! | `recall@K` | `Σ_{r≤K} hit_r / |P|` |
//! | `ndcg@K` | `Σ_{r≤K} hit_r / log2(r + 1)  /  Σ_{r≤M} 1 / log2(r + 1)` |
//! | `precision@K` | `Σ_{r≤K} hit_r / K` |
//! | `map@K` | `Σ_{r≤K} hit_r (hits up to r) / r  /  M` |
//! | `pooled_recall@K` | hits of all users / positives of all users |
//!
//! The ideal DCG and the norm of MAP stop at `M`: a user with more positives than places can still reach 1. A ranking
//! may be shorter than `K` (masked items are left out); the missing places are no hits, and precision still divides
//! by `K`. These are the definitions the field's published tables use; `tests/all/golden_eval.rs` holds them to it.

use std::collections::BTreeMap;

/// The accuracy of the ranking of one user.
#[derive(Clone, Debug, PartialEq)]
pub struct UserAccuracy {
    /// The number of held-out positives `|P|`.
    pub positives: usize,
    /// The metrics at each `K`, in the order of the `K`s.
    pub at: Vec<AtK>,
}

/// The metrics of one user at one `K`; all 0 for a user without positives.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AtK {
    /// Positives among the first `K`.
    pub hits: usize,
    /// Share of the positives that were found: `hits / |P|`.
    pub recall: f64,
    /// Discounted gain over the ideal one.
    pub ndcg: f64,
    /// Share of the list that is positive: `hits / K`.
    pub precision: f64,
    /// Average precision, normalised by `min(|P|, K)`.
    pub map: f64,
}

/// Means over the users with at least one positive, for each `K` of `at`.
#[derive(Clone, Debug, PartialEq)]
pub struct Accuracy {
    /// The cut-offs `K`, ascending.
    pub at: Vec<usize>,
    /// How many users have a positive: those the means are over.
    pub users: usize,
    /// Mean recall.
    pub recall: Vec<f64>,
    /// Mean NDCG.
    pub ndcg: Vec<f64>,
    /// Mean precision.
    pub precision: Vec<f64>,
    /// Mean average precision.
    pub map: Vec<f64>,
    /// Hits of all users over positives of all users: users count by their number of positives.
    pub pooled_recall: Vec<f64>,
}

/// Judges one ranking (best first) against `positives` (ascending, no repeats) at each of `ks` (ascending).
///
/// # Panics
/// When `positives` or `ks` is not strictly ascending, or a `K` is 0.
///
/// ```
/// use anchorrec_metrics::accuracy::user;
///
/// let one = user(&[5, 1, 2], &[2, 5], &[1, 3]);
/// assert_eq!((one.at[0].recall, one.at[1].recall), (1.0 / 2.0, 2.0 / 2.0));
/// ```
pub fn user(ranking: &[u32], positives: &[u32], ks: &[usize]) -> UserAccuracy {
    assert_ascending(ks);
    assert!(positives.is_sorted_by(|a, b| a < b), "user: positives not strictly ascending: {positives:?}");
    if positives.is_empty() {
        return UserAccuracy { positives: 0, at: vec![AtK::default(); ks.len()] };
    }
    let (mut hits, mut gain, mut precisions) = (0, 0.0, 0.0);
    let mut ranks = ranking.iter().zip(1usize..).peekable();
    let at = ks.iter().map(|&k| {
        while let Some((item, rank)) = ranks.next_if(|&(_, rank)| rank <= k) {
            if positives.binary_search(item).is_ok() {
                hits += 1;
                gain += discount(rank);
                precisions += hits as f64 / rank as f64;
            }
        }
        let most = positives.len().min(k);
        AtK {
            hits,
            recall: hits as f64 / positives.len() as f64,
            ndcg: gain / (1..=most).map(discount).sum::<f64>(),
            precision: hits as f64 / k as f64,
            map: precisions / most as f64,
        }
    });
    UserAccuracy { at: at.collect(), positives: positives.len() }
}

/// Averages `users` at each of `ks`, added in their order. Users without positives are left out; when none is left
/// every mean is 0.
///
/// # Panics
/// When `ks` is not strictly ascending or holds a 0, or a user was measured at another number of `K`s.
///
/// ```
/// use anchorrec_metrics::accuracy::{mean, user};
///
/// // One user finds one of two positives, one finds its only one, one has nothing to find.
/// let users = [user(&[0, 1], &[1, 2], &[2]), user(&[0, 1], &[0], &[2]), user(&[0, 1], &[], &[2])];
/// let mean = mean(&users, &[2]);
/// assert_eq!((mean.users, mean.recall[0]), (2, (1.0 / 2.0 + 1.0) / 2.0));
/// ```
pub fn mean<'a>(users: impl IntoIterator<Item = &'a UserAccuracy>, ks: &[usize]) -> Accuracy {
    assert_ascending(ks);
    let zeros = vec![0.0; ks.len()];
    let mut mean = Accuracy {
        at: ks.to_vec(),
        users: 0,
        recall: zeros.clone(),
        ndcg: zeros.clone(),
        precision: zeros.clone(),
        map: zeros.clone(),
        pooled_recall: zeros,
    };
    let mut positives = 0;
    for user in users.into_iter().filter(|user| user.positives > 0) {
        assert_eq!(user.at.len(), ks.len(), "mean: a user measured at {} of {} Ks", user.at.len(), ks.len());
        mean.users += 1;
        positives += user.positives;
        // Taken apart here and below, so that a metric cannot be forgotten: the compiler names the field.
        for (place, &AtK { hits, recall, ndcg, precision, map }) in user.at.iter().enumerate() {
            mean.recall[place] += recall;
            mean.ndcg[place] += ndcg;
            mean.precision[place] += precision;
            mean.map[place] += map;
            mean.pooled_recall[place] += hits as f64;
        }
    }
    let divide = |sums: &mut Vec<f64>, by: usize| sums.iter_mut().for_each(|sum| *sum /= by.max(1) as f64);
    let Accuracy { at: _, users, recall, ndcg, precision, map, pooled_recall } = &mut mean;
    for sums in [recall, ndcg, precision, map] {
        divide(sums, *users);
    }
    divide(pooled_recall, positives);
    mean
}

impl Accuracy {
    /// Returns every mean under its name: `recall@20`, `ndcg@20`, `precision@20`, `map@20`, `pooled_recall@20`.
    ///
    /// ```
    /// use anchorrec_metrics::accuracy::{mean, user};
    /// assert_eq!(mean(&[user(&[7], &[7], &[1])], &[1]).by_name()["recall@1"], 1.0);
    /// ```
    pub fn by_name(&self) -> BTreeMap<String, f64> {
        let Accuracy { at, users: _, recall, ndcg, precision, map, pooled_recall } = self;
        let metrics = [
            ("recall", recall),
            ("ndcg", ndcg),
            ("precision", precision),
            ("map", map),
            ("pooled_recall", pooled_recall),
        ];
        let named = |(name, means)| {
            let means: &Vec<f64> = means;
            at.iter().zip(means).map(move |(k, &mean)| (format!("{name}@{k}"), mean))
        };
        metrics.into_iter().flat_map(named).collect()
    }

    /// Returns `recall@k`, or `None` when `k` is not one of the cut-offs.
    ///
    /// ```
    /// use anchorrec_metrics::accuracy::{mean, user};
    /// let mean = mean(&[user(&[7], &[7], &[1])], &[1]);
    /// assert_eq!((mean.recall_at(1), mean.recall_at(20)), (Some(1.0), None));
    /// ```
    pub fn recall_at(&self, k: usize) -> Option<f64> {
        self.place(k).map(|place| self.recall[place])
    }

    /// Returns `ndcg@k`, or `None` when `k` is not one of the cut-offs.
    ///
    /// ```
    /// use anchorrec_metrics::accuracy::{mean, user};
    /// // The only positive is at rank 3: 1 / log2(3 + 1).
    /// assert_eq!(mean(&[user(&[5, 6, 7], &[7], &[3])], &[3]).ndcg_at(3), Some(1.0 / 2.0));
    /// ```
    pub fn ndcg_at(&self, k: usize) -> Option<f64> {
        self.place(k).map(|place| self.ndcg[place])
    }

    fn place(&self, k: usize) -> Option<usize> {
        self.at.binary_search(&k).ok()
    }
}

/// What a hit at `rank` (from 1) gains.
fn discount(rank: usize) -> f64 {
    1.0 / (rank as f64 + 1.0).log2()
}

fn assert_ascending(ks: &[usize]) {
    assert!(ks.is_sorted_by(|a, b| a < b) && ks.first() != Some(&0), "cut-offs from 1, strictly ascending: {ks:?}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rankings_solved_by_hand() {
        let second = 1.0 / f64::log2(3.0);
        let third = 1.0 / f64::log2(4.0);
        for (ranking, positives, k, hits, ndcg, map) in [
            // Hits at ranks 1 and 3.
            (&[5, 1, 2][..], &[2, 5][..], 3, 2, (1.0 + third) / (1.0 + second), (1.0 + 2.0 / 3.0) / 2.0),
            // Cut before the second hit: the ideal still has two.
            (&[5, 1, 2], &[2, 5], 2, 1, 1.0 / (1.0 + second), 1.0 / 2.0),
            // More positives than places: the ideal fills the places.
            (&[5, 1, 2], &[2, 5, 7], 1, 1, 1.0, 1.0),
            // A ranking shorter than K.
            (&[1, 5], &[2, 5], 4, 1, second / (1.0 + second), (1.0 / 2.0) / 2.0),
            (&[], &[2], 4, 0, 0.0, 0.0),
            (&[1, 3], &[2], 2, 0, 0.0, 0.0),
        ] {
            let want = AtK {
                hits,
                recall: hits as f64 / positives.len() as f64,
                ndcg,
                precision: hits as f64 / k as f64,
                map,
            };
            assert_eq!(user(ranking, positives, &[k]).at, [want], "{ranking:?} against {positives:?} at {k}");
        }
    }

    #[test]
    fn several_cut_offs_are_the_single_ones() {
        let (ranking, positives) = ([9, 4, 7, 1, 3, 8], [1, 3, 4, 6]);
        let ks = [1, 2, 4, 5, 6, 50];
        let all = user(&ranking, &positives, &ks);
        for (k, at) in ks.iter().zip(&all.at) {
            assert_eq!(user(&ranking, &positives, &[*k]).at, [*at], "K = {k}");
        }
    }

    #[test]
    fn the_mean_is_over_users_with_positives() {
        // Recall 1/2 of two, 1/1 of one, and a user who has nothing to find.
        let users = [user(&[0, 1], &[1, 2], &[2]), user(&[0, 1], &[], &[2]), user(&[0, 1], &[0], &[2])];
        let mean = mean(&users, &[2]);
        assert_eq!((mean.users, mean.recall_at(2)), (2, Some((0.5 + 1.0) / 2.0)));
        assert_eq!(mean.pooled_recall, [(1.0 + 1.0) / (2.0 + 1.0)]);
        assert_eq!(mean.precision, [(0.5 + 0.5) / 2.0]);
        assert_eq!(mean.ndcg_at(3), None);
    }

    #[test]
    fn nobody_to_measure_gives_zeros() {
        let mean = mean(&[user(&[0], &[], &[5, 10])], &[5, 10]);
        assert_eq!(mean.users, 0);
        assert!(mean.by_name().values().all(|&v| v == 0.0));
    }

    #[test]
    fn names_are_metric_at_k() {
        let names = mean(&[user(&[1], &[1], &[1, 20])], &[1, 20]).by_name();
        assert_eq!(names.len(), 5 * 2);
        assert_eq!(names["recall@20"], 1.0);
        assert_eq!(names["precision@20"], 1.0 / 20.0);
    }

    #[test]
    #[should_panic(expected = "[2, 1]")]
    fn unsorted_positives_are_refused() {
        user(&[1], &[2, 1], &[1]);
    }

    #[test]
    #[should_panic(expected = "[10, 5]")]
    fn unsorted_cut_offs_are_refused() {
        user(&[1], &[1], &[10, 5]);
    }
}
