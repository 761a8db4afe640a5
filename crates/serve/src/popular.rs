//! The items that most users took: what a user gets of whom nothing is known, where that is asked for.

use anchorrec_data::Interactions;
use anchorrec_retrieval::List;

/// Items by the number of their training rows, the most first; ties to the lower number.
pub struct Popular(Vec<(u32, u32)>);

impl Popular {
    /// Counts. The items of `never`, ascending, are left out.
    pub fn new(interactions: &Interactions, never: &[u32]) -> Self {
        let mut counts = vec![0u32; interactions.items];
        interactions.train.iter().for_each(|pair| counts[pair.item as usize] += 1);
        let shown = (0..).zip(counts).filter(|(item, _)| never.binary_search(item).is_err());
        let mut items: Vec<(u32, u32)> = shown.collect();
        items.sort_by_key(|&(item, count)| (std::cmp::Reverse(count), item));
        Popular(items)
    }

    /// Returns the `top` first that are not in `left_out`, ascending; scores are training rows.
    pub fn list(&self, left_out: &[u32], top: usize) -> List {
        let left = self.0.iter().filter(|(item, _)| left_out.binary_search(item).is_err());
        left.take(top).map(|&(item, count)| (item, count as f32)).collect()
    }

    /// Returns how many items there are that may be shown.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Returns all items, the most popular first.
    pub fn all(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().map(|&(item, _)| item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_data::Pair;

    #[test]
    fn most_rows_first_and_ties_to_the_lower_number() {
        let pair = |(user, item)| Pair { user, item };
        let train = [(0, 1), (1, 1), (0, 2), (1, 3), (2, 3), (0, 0)].map(pair).to_vec();
        let interactions = Interactions { users: 3, items: 5, train, valid: vec![], test: vec![] };
        assert_eq!(Popular::new(&interactions, &[0]).list(&[], 9), [(1, 2.0), (3, 2.0), (2, 1.0), (4, 0.0)]);
        assert_eq!(Popular::new(&interactions, &[]).list(&[1], 2), [(3, 2.0), (0, 1.0)]);
    }
}
