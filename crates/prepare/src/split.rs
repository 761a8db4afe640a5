//! Which rows are for training, validation and test.
//!
//! | rule | validation and test |
//! |---|---|
//! | [`Rule::Random`] | of every user's `n` rows `held_out(n)` at random, keyed by the seed |
//! | [`Rule::UserTime`] | of every user's `n` rows `held_out(n)` by time: the last are test, those before validation |
//! | [`Rule::GlobalTime`] | of all `N` rows by time: the first `⌊8N / 10⌋` train, up to `⌊9N / 10⌋` validation, the rest test |
//!
//! `held_out` is that of [`anchorrec_data::split`]. **Ties** in time are broken by the order of rows: the earlier row counts as the earlier
//! event. A row without time is earlier than all others.
//!
//! **A user without a training row leaves validation and test**: nothing is known of such a user. Its rows get no split. Only `GlobalTime` makes
//! such users: the other rules leave every user a training row.

use crate::Event;
use anchorrec_data::{Pair, Split, split};
use std::fmt;

/// How to split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// At random, each user apart.
    Random {
        /// The seed.
        seed: u64,
    },
    /// By time, each user apart.
    UserTime,
    /// By time, all users together.
    GlobalTime,
}

/// As a report says it.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Rule::Random { seed } => write!(f, "random, seed {seed}"),
            Rule::UserTime => f.write_str("by the time of each user"),
            Rule::GlobalTime => f.write_str("by the time of all users"),
        }
    }
}

/// The split of every row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Splits {
    /// In the order of rows; `None` for rows of a user without a training row.
    pub of_rows: Vec<Option<Split>>,
    /// Users without a training row.
    pub untrained_users: usize,
    /// Their rows in validation and test, which were left out.
    pub left_out: [usize; 2],
}

impl Splits {
    /// How many rows are in training, validation, test.
    pub fn sizes(&self) -> [usize; 3] {
        let count = |split| self.of_rows.iter().filter(|&&row| row == Some(split)).count();
        [Split::Train, Split::Valid, Split::Test].map(count)
    }
}

/// Splits all rows; users are numbered below `users`.
pub fn split(rows: &[Event], users: usize, rule: Rule) -> Splits {
    let splits = match rule {
        Rule::Random { seed } => {
            let pairs: Vec<Pair> = rows.iter().map(|row| Pair { user: row.user, item: row.item }).collect();
            split::random_per_user(users, &pairs, seed)
        }
        Rule::UserTime => {
            let mut splits = vec![Split::Train; rows.len()];
            let order = ordered(rows, |row| row.user);
            for places in order.chunk_by(|&a, &b| rows[a as usize].user == rows[b as usize].user) {
                let (valid, test) = split::held_out(places.len());
                hold_out(&mut splits, places, valid, test);
            }
            splits
        }
        Rule::GlobalTime => {
            let mut splits = vec![Split::Train; rows.len()];
            let (train, valid) = (rows.len() * 8 / 10, rows.len() * 9 / 10);
            hold_out(&mut splits, &ordered(rows, |_| 0), valid - train, rows.len() - valid);
            splits
        }
    };
    leave(rows, users, splits)
}

/// The places of rows by key, then time, then place.
fn ordered(rows: &[Event], key: impl Fn(&Event) -> u32) -> Vec<u32> {
    let mut order: Vec<u32> = (0..rows.len() as u32).collect();
    order.sort_unstable_by_key(|&place| {
        let row = &rows[place as usize];
        (key(row), row.time, place)
    });
    order
}

/// The last `test` places are for test, the `valid` before them for validation.
fn hold_out(splits: &mut [Split], places: &[u32], valid: usize, test: usize) {
    let (rest, tests) = places.split_at(places.len() - test);
    let valids = &rest[rest.len() - valid..];
    valids.iter().for_each(|&place| splits[place as usize] = Split::Valid);
    tests.iter().for_each(|&place| splits[place as usize] = Split::Test);
}

fn leave(rows: &[Event], users: usize, splits: Vec<Split>) -> Splits {
    let (mut trained, mut present) = (vec![false; users], vec![false; users]);
    for (row, &split) in rows.iter().zip(&splits) {
        present[row.user as usize] = true;
        trained[row.user as usize] |= split == Split::Train;
    }
    let mut left_out = [0, 0];
    let of_rows = rows.iter().zip(splits).map(|(row, split)| {
        if trained[row.user as usize] {
            return Some(split);
        }
        left_out[usize::from(split == Split::Test)] += 1;
        None
    });
    let of_rows = of_rows.collect();
    let untrained_users = present.iter().zip(&trained).filter(|(present, trained)| **present && !**trained).count();
    Splits { of_rows, untrained_users, left_out }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Time;

    /// The split of rows of a user and a time, an item each.
    fn of(rows: &[(u32, i64)], rule: Rule) -> Splits {
        let event = |(item, &(user, time)): (usize, &(u32, i64))| Event {
            user,
            item: item as u32,
            time: Time::new(time),
            rating: None,
        };
        let users = rows.iter().map(|row| row.0 as usize + 1).max().unwrap();
        split(&rows.iter().enumerate().map(event).collect::<Vec<_>>(), users, rule)
    }

    fn letters(splits: &Splits) -> String {
        let letter = |split: &Option<Split>| match split {
            Some(Split::Train) => '0',
            Some(Split::Valid) => '1',
            Some(Split::Test) => '2',
            None => '-',
        };
        splits.of_rows.iter().map(letter).collect()
    }

    #[test]
    fn by_the_time_of_a_user_the_last_rows_are_held_out() {
        // User 0 has its rows in reverse; user 1 has all at one time; user 2 has too few.
        let rows = [(0, 9), (1, 5), (0, 8), (1, 5), (0, 7), (1, 5), (2, 1), (0, 6), (2, 0)];
        let splits = of(&rows, Rule::UserTime);
        assert_eq!(letters(&splits), "201102000");
        assert_eq!((splits.sizes(), splits.untrained_users), ([5, 2, 2], 0));
        // 15 rows: 1 for validation, 2 for test.
        let long: Vec<(u32, i64)> = (0..15).map(|t| (0, t)).collect();
        assert_eq!(letters(&of(&long, Rule::UserTime)), "000000000000122");
    }

    #[test]
    fn by_the_time_of_all_late_users_leave() {
        // 10 rows: 8 train, 1 validation, 1 test; user 1 comes last of all, user 2 has one row on each side.
        let rows = [(1, 50), (0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (0, 6), (0, 7), (2, 7), (2, 49)];
        let splits = of(&rows, Rule::GlobalTime);
        assert_eq!(letters(&splits), "-000000001");
        assert_eq!((splits.untrained_users, splits.left_out), (1, [0, 1]));
        // All at one time: the order of rows decides.
        let same: Vec<(u32, i64)> = (0..10).map(|_| (0, 3)).collect();
        assert_eq!(letters(&of(&same, Rule::GlobalTime)), "0000000012");
    }

    #[test]
    fn the_random_rule_is_keyed_by_its_seed() {
        let rows: Vec<(u32, i64)> = (0..200).map(|n| (n % 8, i64::from(n))).collect();
        let seeded = |seed| of(&rows, Rule::Random { seed });
        assert_eq!(seeded(1).sizes(), [160, 16, 24]);
        assert_eq!(seeded(1), seeded(1));
        assert_ne!(seeded(1), seeded(2));
    }
}
