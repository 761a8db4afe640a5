//! Training triples `(u, i, j)`: a user, an item of theirs, an item that is not.
//!
//! Every epoch uses every training pair once, in an order of its own; the last batch may be short. For every pair one
//! negative `j` is drawn uniformly from the items that occur in training and are not among the user's training items.
//! A user who has all of them has no negative: its pairs are not drawn.
//!
//! **Keys.** The order comes from (seed, shuffle, epoch), the negatives of a batch from (seed, negatives, epoch, batch):
//! any batch can be made alone, on any thread, without the ones before it.

use crate::{DataError, Interactions, ItemsByUser, Pair, Purpose, Split, keyed_rng};
use rand::{RngExt, seq::SliceRandom};

/// Draws training triples (user, positive, negative).
///
/// The negatives are uniform among the training items that the user does not have. A draw depends on seed, epoch and batch alone.
///
/// ```
/// use anchorrec_data::{Interactions, Pair, Sampler};
///
/// let train = vec![Pair { user: 0, item: 0 }, Pair { user: 1, item: 1 }];
/// let interactions = Interactions { users: 2, items: 2, train, valid: vec![], test: vec![] };
/// let batch = Sampler::new(&interactions, 999)?.epoch(0).batch(0, 2);
/// // Each user lacks one of the two items only.
/// assert!((0..2).all(|b| batch.positives[b] == batch.users[b] && batch.negatives[b] == 1 - batch.users[b]));
/// # Ok::<(), anchorrec_data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sampler {
    /// The training pairs of users who lack an item.
    pairs: Vec<Pair>,
    by_user: ItemsByUser,
    /// The items that occur in training, ascending.
    candidates: Vec<u32>,
    seed: u64,
}

/// The training pairs in the order of one epoch.
#[derive(Clone, Debug)]
pub struct EpochOrder<'a> {
    sampler: &'a Sampler,
    epoch: u64,
    /// Indices into the sampler's pairs: a permutation.
    order: Vec<u32>,
}

/// A batch: entry `b` of each list belongs together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TripleBatch {
    /// The users `u`.
    pub users: Vec<u32>,
    /// The positives `i`: a training item of the user.
    pub positives: Vec<u32>,
    /// The negatives `j`: a training item that the user does not have.
    pub negatives: Vec<u32>,
}

impl Sampler {
    /// Indexes the training pairs.
    ///
    /// # Errors
    /// When every user has all items that occur in training.
    ///
    /// # Panics
    /// When a pair's user or item is not below the counts of `interactions`, or with more than 2³² pairs.
    pub fn new(interactions: &Interactions, seed: u64) -> Result<Self, DataError> {
        let mut pairs = interactions.train.clone();
        assert!(u32::try_from(pairs.len()).is_ok(), "{} pairs, at most 2^32 - 1", pairs.len());
        let by_user = interactions.by_user(Split::Train);
        let mut occurs = vec![false; interactions.items];
        for pair in &pairs {
            let item = pair.item as usize;
            assert!(item < interactions.items, "item {item} of {}", interactions.items);
            occurs[item] = true;
        }
        let candidates: Vec<u32> = (0..interactions.items as u32).filter(|&item| occurs[item as usize]).collect();
        pairs.retain(|pair| by_user.of(pair.user).len() < candidates.len());
        if pairs.is_empty() {
            return Err(DataError::NoNegative { items: candidates.len() });
        }
        Ok(Sampler { pairs, by_user, candidates, seed })
    }

    /// Returns the number of batches of one epoch.
    ///
    /// # Panics
    /// When `batch_size` is 0.
    pub fn batches(&self, batch_size: usize) -> usize {
        assert!(batch_size > 0, "a batch has at least one triple");
        self.pairs.len().div_ceil(batch_size)
    }

    /// Draws the order of the training pairs in `epoch`.
    pub fn epoch(&self, epoch: u64) -> EpochOrder<'_> {
        let mut order: Vec<u32> = (0..self.pairs.len() as u32).collect();
        order.shuffle(&mut keyed_rng(self.seed, Purpose::Shuffle, epoch, 0));
        EpochOrder { sampler: self, epoch, order }
    }
}

impl EpochOrder<'_> {
    /// Draws batch `index` of batches of `batch_size`; the last one holds what is left.
    ///
    /// # Panics
    /// When there is no such batch.
    pub fn batch(&self, index: usize, batch_size: usize) -> TripleBatch {
        let batches = self.sampler.batches(batch_size);
        assert!(index < batches, "batch {index} of {batches}");
        let start = index * batch_size;
        let end = self.order.len().min(start + batch_size);
        let Sampler { pairs, by_user, candidates, seed } = self.sampler;
        let mut rng = keyed_rng(*seed, Purpose::Negatives, self.epoch, index as u64);
        let mut triples = TripleBatch { users: Vec::new(), positives: Vec::new(), negatives: Vec::new() };
        for &place in &self.order[start..end] {
            let Pair { user, item } = pairs[place as usize];
            // Ends: `new` keeps pairs of users that lack at least one candidate.
            let negative = loop {
                let candidate = candidates[rng.random_range(0..candidates.len() as u32) as usize];
                if !by_user.has(user, candidate) {
                    break candidate;
                }
            };
            triples.users.push(user);
            triples.positives.push(item);
            triples.negatives.push(negative);
        }
        triples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 12 users, 10 items; user `u` has the items `u % 9 + {0, 1, 2}` below 9, so item 9 never occurs in training.
    fn planted() -> Interactions {
        let mut train = Vec::new();
        for user in 0..12 {
            let first = user % 9;
            train.extend((first..(first + 3).min(9)).map(|item| Pair { user, item }));
        }
        Interactions { users: 13, items: 10, train, valid: vec![Pair { user: 0, item: 9 }], test: vec![] }
    }

    fn all(order: &EpochOrder, batch_size: usize) -> Vec<(u32, u32, u32)> {
        let batches = order.sampler.batches(batch_size);
        let triples = (0..batches).map(|index| order.batch(index, batch_size));
        triples
            .flat_map(|t| (0..t.users.len()).map(|b| (t.users[b], t.positives[b], t.negatives[b])).collect::<Vec<_>>())
            .collect()
    }

    #[test]
    fn every_pair_once_per_epoch_and_negatives_are_negatives() {
        let data = planted();
        let sampler = Sampler::new(&data, 999).unwrap();
        let train = data.by_user(Split::Train);
        let mut want = data.train.clone();
        want.sort();
        for batch_size in [1, 7, 33, 34, 100] {
            for epoch in 0..20 {
                let triples = all(&sampler.epoch(epoch), batch_size);
                let mut pairs: Vec<Pair> = triples.iter().map(|&(user, item, _)| Pair { user, item }).collect();
                pairs.sort();
                assert_eq!(pairs, want, "batch size {batch_size}");
                for (user, _, negative) in triples {
                    assert!(!train.has(user, negative) && negative < 9, "user {user}, negative {negative}");
                }
            }
        }
        let sizes: Vec<usize> = (0..sampler.batches(7)).map(|b| sampler.epoch(0).batch(b, 7).users.len()).collect();
        assert_eq!(sizes, [7, 7, 7, 7, data.train.len() - 4 * 7], "the last batch is short");
    }

    #[test]
    fn a_batch_depends_on_its_key_alone() {
        let data = planted();
        let sampler = Sampler::new(&data, 999).unwrap();
        let again = Sampler::new(&data, 999).unwrap();
        assert_eq!(again.epoch(4).batch(3, 7), sampler.epoch(4).batch(3, 7), "the fourth without the three before");
        let pairs = |sampler: &Sampler, epoch| {
            let triples = all(&sampler.epoch(epoch), 7);
            (triples.iter().map(|t| (t.0, t.1)).collect::<Vec<_>>(), triples.iter().map(|t| t.2).collect::<Vec<_>>())
        };
        let other = Sampler::new(&data, 777).unwrap();
        for (name, a, b) in
            [("epochs", pairs(&sampler, 0), pairs(&sampler, 1)), ("seeds", pairs(&sampler, 0), pairs(&other, 0))]
        {
            assert!(a.0 != b.0 && a.1 != b.1, "different {name}, different order and negatives");
        }
    }

    #[test]
    fn negatives_are_uniform() {
        // User 0 has items 0, 1, 2: six candidates are left, and n draws of them should be n/6 each.
        let sampler = Sampler::new(&planted(), 111).unwrap();
        let mut counts = [0u32; 9];
        for epoch in 0..2000 {
            for (_, _, negative) in all(&sampler.epoch(epoch), 100).iter().filter(|t| t.0 == 0) {
                counts[*negative as usize] += 1;
            }
        }
        let n: u32 = counts.iter().sum();
        assert_eq!((counts[0], counts[1], counts[2], n), (0, 0, 0, 2000 * 3));
        let expected = f64::from(n) / 6.0;
        let chi2: f64 = counts[3..].iter().map(|&c| (f64::from(c) - expected).powi(2) / expected).sum();
        // Five degrees of freedom: the 99.9 % point is 20.5. The seed is fixed, so this never wobbles.
        assert!(chi2 < 20.5, "{counts:?}: {chi2}");
    }

    #[test]
    fn positions_in_an_epoch_are_uniform() {
        let data = planted();
        let sampler = Sampler::new(&data, 111).unwrap();
        let n = data.train.len();
        let mut counts = vec![0u32; n];
        for epoch in 0..(100 * n as u64) {
            let place = sampler.epoch(epoch).order.iter().position(|&p| p == 0).unwrap();
            counts[place] += 1;
        }
        let chi2: f64 = counts.iter().map(|&c| (f64::from(c) - 100.0).powi(2) / 100.0).sum();
        // About 32 degrees of freedom: the 99.9 % point is 62.5.
        assert!(chi2 < 62.5, "{counts:?}: {chi2}");
    }

    #[test]
    fn users_with_everything_are_left_out_and_somebody_must_be_left() {
        let pair = |(user, item)| Pair { user, item };
        let train = [(0, 0), (1, 0), (1, 2), (0, 4)].map(pair).to_vec();
        let mut data = Interactions { users: 2, items: 5, train, valid: vec![], test: vec![] };
        assert!(Sampler::new(&data, 1).is_ok());
        data.train.push(pair((1, 4)));
        let triples = Sampler::new(&data, 1).unwrap().epoch(0).batch(0, 9);
        assert_eq!(
            (triples.users, triples.negatives),
            (vec![0, 0], vec![2, 2]),
            "user 1 has all three, user 0 lacks 2"
        );
        data.train.push(pair((0, 2)));
        let message = Sampler::new(&data, 1).unwrap_err().to_string();
        assert!(message.contains("all 3 items"), "{message}");
    }
}
