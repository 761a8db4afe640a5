//! How long the vectors of new items are: such that they take a share of the places in the lists.

use crate::retriever::List;

/// Items of a list.
const TOP: usize = 20;

/// Returns the number that the scores of new items are multiplied by so that they take the `share` of all places in the users' lists of 20: `known[u]`
/// are the best known items of a user, `new[u]` the best new ones, best first. Where they cannot take so many, because there are too few or the scores
/// are not positive, it is the least number with which they take the most.
///
/// # Panics
/// When there are not as many lists of both.
pub fn scale(known: &[List], new: &[List], share: f64) -> f32 {
    assert_eq!(known.len(), new.len(), "two lists for each user");
    let places = |scale: f64| known.iter().zip(new).map(|(known, new)| taken(known, new, scale)).sum::<usize>();
    let wanted =
        share * known.iter().zip(new).map(|(known, new)| (known.len() + new.len()).min(TOP)).sum::<usize>() as f64;
    // Between a millionth and a million, to a hundredth of a per cent.
    let (mut low, mut high) = (-20.0f64, 20.0f64);
    let wanted = wanted.min(places(high.exp2()) as f64);
    for _ in 0..20 {
        let middle = (low + high) / 2.0;
        if (places(middle.exp2()) as f64) < wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
    high.exp2() as f32
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
            let scale = f64::from(scale(&known, &new, share));
            assert_eq!(taken(&known[0], &new[0], scale * 1.001), places, "{share}: {scale}");
            assert_eq!(taken(&known[0], &new[0], scale * 0.999), places - 1, "the least, {share}: {scale}");
        }
        // 2.7 comes before known items with 2 and 1; 1.8 would be the 20th of the known ones alone, and is the 21st of all.
        assert_eq!(taken(&known[0], &new[0], 0.9), 1);
    }

    #[test]
    fn scores_that_are_not_positive_take_what_they_can() {
        let (known, new) = ([list([5.0, 4.0])], [list([-1.0])]);
        let scale = scale(&known, &new, 0.5);
        assert!(scale.is_finite() && scale > 0.0);
    }
}
