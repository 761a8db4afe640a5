//! Accuracy apart for the few and the many: users by their number of training pairs, positives by that of their item.
//!
//! Groups are quantiles of the degree, as even as ties allow: equal degrees are never parted.

use crate::UserAccuracy;
use std::ops::Range;

/// Cuts `degrees` into at most `groups` ranges, ascending, that together hold every one of them: each ends where the share of
/// those so far reaches the next `1/groups`.
///
/// # Panics
/// When `groups` is 0.
///
/// ```
/// use anchorrec_metrics::groups::by_degree;
/// assert_eq!(by_degree(&[1, 1, 1, 2, 5, 9], 2), [1..2, 2..10]);
/// ```
pub fn by_degree(degrees: &[usize], groups: usize) -> Vec<Range<usize>> {
    assert!(groups > 0, "at least one group");
    let mut sorted = degrees.to_vec();
    sorted.sort_unstable();
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    while start < sorted.len() {
        let wanted = (sorted.len() * (ranges.len() + 1)).div_ceil(groups).max(start + 1);
        let last = sorted[wanted.min(sorted.len()) - 1];
        let end = sorted.partition_point(|&degree| degree <= last);
        ranges.push(sorted[start]..last + 1);
        start = end;
    }
    ranges
}

/// Picks the users of `accuracies` whose degree is in `range`: to be averaged with [`accuracy::mean`](crate::accuracy::mean).
///
/// # Panics
/// When there is not a degree for each user.
///
/// ```
/// use anchorrec_metrics::{accuracy::user, groups::users_within};
///
/// let users = [user(&[0], &[0], &[1]), user(&[0], &[1], &[1])];
/// let few: Vec<_> = users_within(&users, &[2, 9], 1..5).collect();
/// assert_eq!(few, [&users[0]]);
/// ```
pub fn users_within<'a>(
    accuracies: &'a [UserAccuracy],
    degrees: &'a [usize],
    range: Range<usize>,
) -> impl Iterator<Item = &'a UserAccuracy> {
    assert_eq!(accuracies.len(), degrees.len(), "a degree for each user");
    accuracies.iter().zip(degrees).filter(move |(_, degree)| range.contains(degree)).map(|(accuracy, _)| accuracy)
}

/// Counts hits and positives at `K` among the items whose degree is in `range`, over all users: `(hits, positives)`.
///
/// A user's mean over a part of its positives would count the users with few of them most, so here every positive counts as one.
///
/// # Panics
/// When the families differ in length or an item has no degree.
///
/// ```
/// use anchorrec_metrics::groups::item_recall;
///
/// // Of the positives 0, 1 and 2 only 1 and 2 have a degree in 1..5, and 1 stands among the first two.
/// assert_eq!(item_recall(&[vec![0, 1, 2]], &[vec![0, 1, 2]], &[9, 2, 3], 1..5, 2), (1, 2));
/// ```
pub fn item_recall(
    rankings: &[Vec<u32>],
    positives: &[Vec<u32>],
    degrees: &[usize],
    range: Range<usize>,
    k: usize,
) -> (usize, usize) {
    assert_eq!(rankings.len(), positives.len(), "a ranking and positives for each user");
    let within = |item: &u32| range.contains(&degrees[*item as usize]);
    let of_user = |(ranking, positives): (&Vec<u32>, &Vec<u32>)| {
        let wanted: Vec<u32> = positives.iter().copied().filter(|item| within(item)).collect();
        let hits = ranking.iter().take(k).filter(|item| wanted.contains(item)).count();
        (hits, wanted.len())
    };
    rankings.iter().zip(positives).map(of_user).fold((0, 0), |(h, p), (hits, count)| (h + hits, p + count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accuracy;

    #[test]
    fn groups_hold_everything_and_part_no_ties() {
        assert_eq!(by_degree(&[3, 1, 2, 4], 4), [1..2, 2..3, 3..4, 4..5]);
        assert_eq!(by_degree(&[7, 7, 7], 3), std::slice::from_ref(&(7..8)));
        assert_eq!(by_degree(&[1, 1, 1, 1, 1, 2], 3), [1..2, 2..3]);
        assert!(by_degree(&[], 3).is_empty());
        let degrees: Vec<usize> = (0..1000).map(|n| n * n % 97).collect();
        let ranges = by_degree(&degrees, 5);
        assert!(ranges.len() <= 5 && degrees.iter().all(|d| ranges.iter().filter(|r| r.contains(d)).count() == 1));
    }

    #[test]
    fn recall_of_rare_and_of_popular_items() {
        let degrees = [1, 9, 1, 9];
        let (rankings, positives) = ([vec![1, 0], vec![3, 1]], [vec![0, 1], vec![2, 3]]);
        assert_eq!(item_recall(&rankings, &positives, &degrees, 0..5, 2), (1, 2));
        assert_eq!(item_recall(&rankings, &positives, &degrees, 5..10, 2), (2, 2));
        assert_eq!(item_recall(&rankings, &positives, &degrees, 0..5, 1), (0, 2));
        let users: Vec<UserAccuracy> =
            rankings.iter().zip(&positives).map(|(r, p)| accuracy::user(r, p, &[1, 2])).collect();
        let some: Vec<_> = users_within(&users, &[3, 40], 10..50).collect();
        assert_eq!(accuracy::mean(some, &[1, 2]).recall, [0.5, 0.5]);
    }
}
