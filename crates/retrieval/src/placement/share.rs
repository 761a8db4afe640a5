//! How long the vectors of new items are: such that they take a share of the places in the lists.

use crate::retriever::List;

/// Items of a list.
const TOP: usize = 20;

/// How many times the best score of a known item that of a new one may be. A new item is first long before, for everybody who likes it at all. And a store that
/// computes squared distances has 24 bits for each: sixteen times the length costs eight of them, a thousand times twenty.
pub const LONGEST: f64 = 16.0;

/// How long the vectors of new items are, and what that gives them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Length {
    /// What the vectors, and with them the scores, are multiplied by.
    pub scale: f32,
    /// The share of the places in lists that was asked for.
    pub asked: f64,
    /// The share of the places in lists that new items take.
    pub reached: f64,
    /// Whether they take as much of it as was asked for, to a place.
    pub is_reached: bool,
}

/// Returns the number that the scores of new items are multiplied by so that they take the `share` of all places in the users' lists of 20: `known[u]`
/// are the best known items of a user, `new[u]` the best new ones, best first. No new item gets more than sixteen times the best score of a known one. Where they
/// cannot take so many places, because there are too few or they are like what few users like, it is the least number with which they take the most.
///
/// # Panics
/// When there are not as many lists of both.
pub fn scale(known: &[List], new: &[List], share: f64) -> Length {
    assert_eq!(known.len(), new.len(), "two lists for each user");
    let places = |scale: f64| known.iter().zip(new).map(|(known, new)| taken(known, new, scale)).sum::<usize>();
    let all = known.iter().zip(new).map(|(known, new)| (known.len() + new.len()).min(TOP)).sum::<usize>();
    // Between a millionth and a million, to a hundredth of a per cent.
    let (mut low, mut high) = (-20.0f64, 20.0f64);
    let longest = longest(known, new).log2().clamp(low, high);
    let (asked, most) = (share * all as f64, places(longest.exp2()));
    let wanted = asked.min(most as f64);
    for _ in 0..20 {
        let middle = (low + high) / 2.0;
        if (places(middle.exp2()) as f64) < wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
    high = high.min(longest);
    let reached = places(high.exp2()) as f64 / all.max(1) as f64;
    Length { scale: high.exp2() as f32, asked: share, reached, is_reached: most as f64 >= asked.floor() }
}

/// The largest number that scores of new items may be multiplied by; no bound where one of both has no positive score.
fn longest(known: &[List], new: &[List]) -> f64 {
    let best = |lists: &[List]| {
        lists.iter().filter_map(|list| list.first()).map(|entry| f64::from(entry.1)).fold(0.0, f64::max)
    };
    let (known, new) = (best(known), best(new));
    if known > 0.0 && new > 0.0 { LONGEST * known / new } else { f64::MAX }
}

/// How many new items are among the best, where equal scores go to the known ones.
fn taken(known: &[(u32, f32)], new: &[(u32, f32)], scale: f64) -> usize {
    let mut count = 0;
    while count < new.len().min(TOP) {
        let score = scale * f64::from(new[count].1);
        let above = known.partition_point(|entry| f64::from(entry.1) >= score);
        if above + count >= TOP {
            break;
        }
        count += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(scores: impl IntoIterator<Item = f32>) -> List {
        scores.into_iter().map(|score| (0, score)).collect()
    }

    #[test]
    fn new_items_take_the_places_that_they_are_to_have() {
        // One user: known items score 20, 19, ..., 1, new ones 3, 2, 1.
        let known = [list((1..=20).rev().map(|score| score as f32))];
        let new = [list([3.0, 2.0, 1.0])];
        for (share, places) in [(0.05, 1), (0.1, 2), (0.15, 3), (0.9, 3)] {
            let scale = f64::from(scale(&known, &new, share).scale);
            assert_eq!(taken(&known[0], &new[0], scale * 1.001), places, "{share}: {scale}");
            assert_eq!(taken(&known[0], &new[0], scale * 0.999), places - 1, "the least, {share}: {scale}");
        }
        // 2.7 comes before known items with 2 and 1; 1.8 would be the 20th of the known ones alone, and is the 21st of all.
        assert_eq!(taken(&known[0], &new[0], 0.9), 1);
    }

    #[test]
    fn scores_that_are_not_positive_take_what_they_can() {
        let (known, new) = ([list([5.0, 4.0])], [list([-1.0])]);
        let length = scale(&known, &new, 0.5);
        assert!(length.scale.is_finite() && length.scale > 0.0);
    }

    /// New items that almost nobody likes: whatever their length, they never have half of all places, and it stays within reason.
    #[test]
    fn a_share_that_cannot_be_reached_is_not_bought_with_length() {
        let known: Vec<List> = (0..10).map(|_| list((1..=20).rev().map(|score| score as f32))).collect();
        for tiny in [0.5, 1e-3, 1e-6] {
            let new: Vec<List> = (0..10)
                .map(|user| if user < 2 { list([10.0, tiny, tiny / 2.0]) } else { list([-1.0, -2.0]) })
                .collect();
            let asked = [0.01, 0.3, 0.9].map(|share| scale(&known, &new, share));
            for length in &asked {
                assert!(length.scale * 10.0 <= 16.0 * 20.0 * 1.001, "{tiny}: {length:?}");
                let places: usize = known
                    .iter()
                    .zip(&new)
                    .map(|(known, new)| taken(known, new, f64::from(length.scale) * 1.0001))
                    .sum();
                assert!((length.reached - places as f64 / 200.0).abs() < 1e-9, "{tiny}: {length:?}, {places} places");
            }
            assert!(asked[0].is_reached && asked[0].reached >= 0.01 && !asked[1].is_reached && !asked[2].is_reached);
            assert_eq!(asked[1].scale, asked[2].scale, "{tiny}: the most that they can take, by the least length");
        }
    }
}
