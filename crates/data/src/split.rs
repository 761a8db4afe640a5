//! The random split of every user's interactions (the rule of the published frameworks, with a seed).
//!
//! With `n` pairs: `n < 10` gives 1 to validation and 1 to test; else `h = ⌊n / 5⌋`, of which `⌊h / 2⌋` go to validation
//! and the rest to test. Everything else is training; with `n < 3` that is everything, or nothing would be.

use crate::{ItemsByUser, Pair, Purpose, Split, keyed_rng};
use rand::seq::SliceRandom;

/// Returns how many of a user's `n` pairs go to validation and to test.
///
/// ```
/// use anchorrec_data::split::held_out;
/// assert_eq!([5, 9, 10, 15, 100].map(held_out), [(1, 1), (1, 1), (1, 1), (1, 2), (10, 10)]);
/// ```
pub fn held_out(n: usize) -> (usize, usize) {
    match n {
        0..3 => (0, 0),
        3..10 => (1, 1),
        _ => {
            let h = n / 5;
            (h / 2, h - h / 2)
        }
    }
}

/// Draws the split of every pair, in the order of `pairs`; the draws of a user do not depend on the other users.
///
/// # Panics
/// When a pair's user is not below `users`.
pub fn random_per_user(users: usize, pairs: &[Pair], seed: u64) -> Vec<Split> {
    // The places of a user's pairs, as if they were items.
    let places: Vec<Pair> =
        pairs.iter().enumerate().map(|(place, pair)| Pair { user: pair.user, item: place as u32 }).collect();
    let by_user = ItemsByUser::new(users, &places);
    let mut splits = vec![Split::Train; pairs.len()];
    for user in 0..users as u32 {
        let mut places = by_user.of(user).to_vec();
        let (valid, test) = held_out(places.len());
        places.shuffle(&mut keyed_rng(seed, Purpose::Split, u64::from(user), 0));
        for (rank, &place) in places[..valid + test].iter().enumerate() {
            splits[place as usize] = if rank < valid { Split::Valid } else { Split::Test };
        }
    }
    splits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_user_is_split_by_the_rule() {
        // n, and how many of them are training, validation, test
        let table = [
            (0, [0, 0, 0]),
            (2, [2, 0, 0]),
            (3, [1, 1, 1]),
            (9, [7, 1, 1]),
            (10, [8, 1, 1]),
            (14, [12, 1, 1]),
            (15, [12, 1, 2]),
            (20, [16, 2, 2]),
            (57, [46, 5, 6]),
        ];
        let mut pairs = Vec::new();
        for item in 0..57 {
            let users = (0..table.len()).filter(|&user| item < table[user].0);
            pairs.extend(users.map(|user| Pair { user: user as u32, item: item as u32 }));
        }
        let splits = random_per_user(table.len(), &pairs, 5);
        for (user, (n, want)) in table.into_iter().enumerate() {
            let of_user = || pairs.iter().zip(&splits).filter(|(pair, _)| pair.user == user as u32);
            let count = |split| of_user().filter(|(_, s)| **s == split).count();
            assert_eq!([Split::Train, Split::Valid, Split::Test].map(count), want, "n = {n}");
        }
        assert_eq!(splits, random_per_user(table.len(), &pairs, 5));
        assert_ne!(splits, random_per_user(table.len(), &pairs, 6));
    }
}
