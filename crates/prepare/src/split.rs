//! Which rows are for training, validation and test.
//!
//! | rule | validation and test |
//! |---|---|
//! | [`Rule::Random`] | of every user's `n` rows `held_out(n)` at random, keyed by the seed |
//! | [`Rule::UserTime`] | of every user's `n` rows `held_out(n)` by time: the last are test, those before validation |
//! | [`Rule::GlobalTime`] | of all `N` rows by time: the first `⌊8N / 10⌋` train, up to `⌊9N / 10⌋` validation, the rest test |
//! | [`Rule::Shares`] | as one of these, by other shares: of `n` rows the first `⌊n · train⌋` train (of a user at least one), up to `⌊n · (train + valid)⌋` validation |
//! | [`Rule::LeaveOneOut`] | of every user with three rows or more the last is test, the one before it validation |
//! | [`Rule::Dates`] | rows before the first date train, rows before the second validation, the rest test |
//! | [`Rule::Given`] | what the data say themselves |
//! | [`Rule::None`] | nothing: all rows train |
//!
//! `held_out` is that of [`anchorrec_data::split`]. A row without time is earlier than all others.
//!
//! **Ties.** Rows of one time stay on one side of a border: it moves back to the first row of its time. Where that would leave a user, who is split
//! apart, without a training row, it moves on behind the last row of its time. [`Rule::LeaveOneOut`] holds out one row for each part as its name
//! says, so that the order of rows breaks ties, and users with one at a border are [counted](Splits::tied_users).
//!
//! **A user without a training row leaves validation and test**: nothing is known of such a user. Its rows get no split. Only rules for
//! all users together and the data's own split make such users.

use crate::{Event, Time};
use anchorrec_data::by_user::each_user;
use anchorrec_data::{Pair, Purpose, Split, keyed_rng, split};
use anchorrec_formats::{Part, times};
use rand::seq::SliceRandom;
use rayon::slice::ParallelSliceMut;
use std::fmt;

/// Shares of validation and test, in millionths; the rest is for training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    /// The share of validation, in millionths.
    pub valid: u32,
    /// The share of test, in millionths.
    pub test: u32,
}

/// A whole, in millionths.
const WHOLE: u64 = 1_000_000;

impl Shares {
    /// How many of `n` rows are for training, and how many for training and validation together.
    fn borders(self, n: usize) -> (usize, usize) {
        let part = |share: u64| (n as u64 * share / WHOLE) as usize;
        let test = u64::from(self.test);
        (part(WHOLE - test - u64::from(self.valid)), part(WHOLE - test))
    }
}

/// The order in which rows are shared out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// At random, each user apart.
    Random {
        /// The seed.
        seed: u64,
    },
    /// Splits by time, for each user separately.
    UserTime,
    /// Splits by time, over all users together.
    GlobalTime,
}

/// How to split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// At random, each user apart.
    Random {
        /// The seed.
        seed: u64,
    },
    /// Splits by time, for each user separately.
    UserTime,
    /// Splits by time, over all users together.
    GlobalTime,
    /// In one of these orders, by other shares.
    Shares {
        /// The order.
        order: Order,
        /// The shares.
        shares: Shares,
    },
    /// The last two rows of every user, by time, else in the order of rows.
    LeaveOneOut,
    /// Splits at two dates.
    Dates {
        /// Where validation begins, in seconds.
        valid: i64,
        /// Where test begins, in seconds.
        test: i64,
    },
    /// As the data say.
    Given,
    /// Not at all: every row is for training.
    None,
}

impl Rule {
    /// Returns whether the split needs times.
    pub fn needs_times(self) -> bool {
        match self {
            Rule::UserTime | Rule::GlobalTime | Rule::Dates { .. } => true,
            Rule::Shares { order, .. } => !matches!(order, Order::Random { .. }),
            Rule::Random { .. } | Rule::LeaveOneOut | Rule::Given | Rule::None => false,
        }
    }
}

/// Shows the rule as a report says it.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Rule::Random { seed } => write!(f, "random, seed {seed}"),
            Rule::UserTime => f.write_str("by the time of each user"),
            Rule::GlobalTime => f.write_str("by the time of all users"),
            Rule::Shares { order, shares: Shares { valid, test } } => {
                match order {
                    Order::Random { seed } => write!(f, "random, seed {seed}")?,
                    Order::UserTime => f.write_str("by the time of each user")?,
                    Order::GlobalTime => f.write_str("by the time of all users")?,
                }
                let share = |millionths: u32| f64::from(millionths) / WHOLE as f64;
                write!(f, ", {} for validation and {} for test", share(*valid), share(*test))
            }
            Rule::LeaveOneOut => {
                f.write_str("leave one out: the last row of each user is test, the one before it validation")
            }
            Rule::Dates { valid, test } => {
                write!(f, "by dates: validation from {}, test from {}", times::day_of(*valid), times::day_of(*test))
            }
            Rule::Given => f.write_str("as the data say"),
            Rule::None => f.write_str("none: every row is for training"),
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
    /// The rows of such users in validation and test, which were left out.
    pub left_out: [usize; 2],
    /// Users with rows of one time on both sides of a border.
    pub tied_users: usize,
    /// Rows that borders moved over, so that those of one time stay on one side.
    pub moved: usize,
}

impl Splits {
    /// Returns how many rows are in training, validation, test.
    pub fn sizes(&self) -> [usize; 3] {
        let count = |split| self.of_rows.iter().filter(|&&row| row == Some(split)).count();
        [Split::Train, Split::Valid, Split::Test].map(count)
    }
}

/// Splits all rows, whose `parts` are those that the data say; users are numbered below `users`.
///
/// # Panics
/// With [`Rule::Given`], when there is not a part for each row.
pub fn split(rows: &[Event], parts: &[Part], users: usize, rule: Rule) -> Splits {
    let mut splits = vec![Split::Train; rows.len()];
    let (mut tied_users, mut moved) = (0, 0);
    match rule {
        Rule::Random { seed } => {
            let pairs: Vec<Pair> = rows.iter().map(|row| Pair { user: row.user, item: row.item }).collect();
            splits = split::random_per_user(users, &pairs, seed);
        }
        Rule::UserTime => moved = by_user(rows, &mut splits, split::held_out),
        Rule::LeaveOneOut => tied_users = leave_one_out(rows, &mut splits),
        Rule::GlobalTime => moved = together(rows, &mut splits, (rows.len() * 8 / 10, rows.len() * 9 / 10)),
        Rule::Shares { order, shares } => {
            let shared = |n: usize| {
                let (train, valid) = shares.borders(n);
                let train = train.max(1).min(n);
                (valid.max(train) - train, n - valid.max(train))
            };
            match order {
                Order::UserTime => moved = by_user(rows, &mut splits, shared),
                Order::GlobalTime => moved = together(rows, &mut splits, shares.borders(rows.len())),
                Order::Random { seed } => {
                    // By place and not by time: the draw is of rows as they stand.
                    each_held(
                        rows,
                        |_| (),
                        &mut splits,
                        |held, (), of_user| {
                            let user = rows[of_user[0].1 as usize].user;
                            let mut places: Vec<u32> = of_user.iter().map(|&(_, place)| place).collect();
                            places.shuffle(&mut keyed_rng(seed, Purpose::Split, u64::from(user), 0));
                            let (valid, test) = shared(places.len());
                            hold(held, places.into_iter(), valid, test);
                        },
                    );
                }
            }
        }
        Rule::Dates { valid, test } => {
            for (row, split) in rows.iter().zip(&mut splits) {
                *split = match row.time.map(|time| time.seconds()) {
                    Some(time) if time >= test => Split::Test,
                    Some(time) if time >= valid => Split::Valid,
                    _ => Split::Train,
                };
            }
        }
        Rule::Given => {
            assert_eq!(parts.len(), rows.len(), "a part for each row");
            for (part, split) in parts.iter().zip(&mut splits) {
                *split = match part {
                    Part::Train => Split::Train,
                    Part::Valid => Split::Valid,
                    Part::Test => Split::Test,
                };
            }
        }
        Rule::None => {}
    }
    let leaves_all = match rule {
        Rule::GlobalTime | Rule::Dates { .. } | Rule::Given => false,
        Rule::Shares { order, .. } => order == Order::GlobalTime,
        Rule::Random { .. } | Rule::UserTime | Rule::LeaveOneOut | Rule::None => true,
    };
    let all = |splits: Vec<Split>| Splits {
        of_rows: splits.into_iter().map(Some).collect(),
        untrained_users: 0,
        left_out: [0, 0],
        tied_users: 0,
        moved: 0,
    };
    Splits { tied_users, moved, ..if leaves_all { all(splits) } else { leave(rows, users, splits) } }
}

/// What a task holds out, and how much it counted.
type Held<C> = (Vec<(u32, Split)>, C);

/// Holds out what `hold_out` says of each user's rows, sorted by key and then by place, and returns what it counts.
fn each_held<K: Ord + Copy + Default + Send + Sync, C: Default + Send>(
    rows: &[Event],
    key: impl Fn(&Event) -> K,
    splits: &mut [Split],
    hold_out: impl Fn(&mut Vec<(u32, Split)>, &mut C, &[(K, u32)]) + Sync,
) -> Vec<C> {
    let see = |(held, count): &mut Held<C>, of_user: &[(K, u32)]| hold_out(held, count, of_user);
    let put = |(held, count): Held<C>| {
        held.into_iter().for_each(|(place, split)| splits[place as usize] = split);
        count
    };
    each_user(rows, |row| row.user, key, see).into_iter().map(put).collect()
}

/// Holds out the last places of a user: `test` of them for test, the `valid` before them for validation.
fn hold(held: &mut Vec<(u32, Split)>, places: impl ExactSizeIterator<Item = u32>, valid: usize, test: usize) {
    let (train, test_from) = (places.len() - test - valid, places.len() - test);
    let split = |at: usize| if at < test_from { Split::Valid } else { Split::Test };
    held.extend(places.enumerate().skip(train).map(|(at, place)| (place, split(at))));
}

/// Whether the rows before and behind a border are of one time.
fn is_tied(of_user: &[(Option<Time>, u32)], border: usize) -> bool {
    let time = |at: usize| of_user.get(at).and_then(|&(time, _)| time);
    border > 0 && time(border).is_some() && time(border) == time(border - 1)
}

/// Holds out the last rows of each user, so many for validation and test, and returns over how many rows borders moved.
fn by_user(rows: &[Event], splits: &mut [Split], held_out: impl Fn(usize) -> (usize, usize) + Sync) -> usize {
    let moved = each_held(
        rows,
        |row| row.time,
        splits,
        |held, moved: &mut usize, of_user| {
            let (valid, test) = held_out(of_user.len());
            let aside = |border: usize| {
                let mut back = border;
                while is_tied(of_user, back) {
                    back -= 1;
                }
                let mut on = border;
                while back == 0 && is_tied(of_user, on) {
                    on += 1;
                }
                if back == 0 { on } else { back }
            };
            let (train, before_test) = (of_user.len() - test - valid, of_user.len() - test);
            let (train_aside, before_test_aside) = (aside(train), aside(before_test));
            *moved += train.abs_diff(train_aside) + before_test.abs_diff(before_test_aside);
            hold(
                held,
                of_user.iter().map(|&(_, place)| place),
                before_test_aside - train_aside,
                of_user.len() - before_test_aside,
            );
        },
    );
    moved.into_iter().sum()
}

/// Holds out the last two rows of each user that has three, and returns how many users have rows of one time on both sides of a border.
fn leave_one_out(rows: &[Event], splits: &mut [Split]) -> usize {
    let tied = each_held(
        rows,
        |row| row.time,
        splits,
        |held, tied: &mut usize, of_user| {
            let n = of_user.len();
            if n >= 3 {
                hold(held, of_user.iter().map(|&(_, place)| place), 1, 1);
                *tied += usize::from(is_tied(of_user, n - 1) || is_tied(of_user, n - 2));
            }
        },
    );
    tied.into_iter().sum()
}

/// Splits all rows by time at two borders, each moved back to the first row of its time; over how many rows they moved.
fn together(rows: &[Event], splits: &mut [Split], (train, valid): (usize, usize)) -> usize {
    let order = by_time(rows);
    let time = |at: usize| rows[order[at] as usize].time;
    let back = |mut border: usize| {
        while border > 0 && border < order.len() && time(border) == time(border - 1) {
            border -= 1;
        }
        border
    };
    let moved = train - back(train) + valid - back(valid);
    let (train, valid) = (back(train), back(valid));
    hold_out(splits, &order, valid - train, rows.len() - valid);
    moved
}

/// The places of rows by time, then place.
fn by_time(rows: &[Event]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..rows.len() as u32).collect();
    order.par_sort_unstable_by_key(|&place| (rows[place as usize].time, place));
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
    Splits { of_rows, untrained_users, left_out, tied_users: 0, moved: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The split of rows of a user and a time, an item each.
    fn of(rows: &[(u32, i64)], rule: Rule) -> Splits {
        let event = |(item, &(user, time)): (usize, &(u32, i64))| Event {
            user,
            item: item as u32,
            time: Time::new(time),
            rating: None,
        };
        let users = rows.iter().map(|row| row.0 as usize + 1).max().unwrap();
        split(&rows.iter().enumerate().map(event).collect::<Vec<_>>(), &[], users, rule)
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
        // User 0 has its rows in reverse; user 1 has all at one time, so that none can be held out; user 2 has too few.
        let rows = [(0, 9), (1, 5), (0, 8), (1, 5), (0, 7), (1, 5), (2, 1), (0, 6), (2, 0)];
        let splits = of(&rows, Rule::UserTime);
        assert_eq!(letters(&splits), "201000000");
        assert_eq!((splits.sizes(), splits.untrained_users, splits.moved), ([7, 1, 1], 0, 2 + 1));
        // 15 rows: 1 for validation, 2 for test.
        let long: Vec<(u32, i64)> = (0..15).map(|t| (0, t)).collect();
        assert_eq!(letters(&of(&long, Rule::UserTime)), "000000000000122");
    }

    #[test]
    fn rows_of_one_time_of_a_user_stay_on_one_side() {
        let shares = Shares { valid: 250_000, test: 250_000 };
        let rule = Rule::Shares { order: Order::UserTime, shares };
        // Borders of eight rows are at the fourth and the sixth.
        for (times, want, moved) in [
            ([1, 2, 3, 4, 5, 6, 7, 8], "00001122", 0),
            ([1, 2, 3, 3, 3, 3, 7, 8], "00111122", 2),
            ([1, 2, 3, 4, 5, 5, 5, 8], "00002222", 2),
            ([1, 2, 3, 3, 3, 3, 3, 8], "00222222", 2 + 4),
            // The first time is at both borders: nothing would be left to train on.
            ([3, 3, 3, 3, 3, 3, 3, 8], "00000002", 3 + 1),
            ([3, 3, 3, 3, 3, 5, 5, 8], "00000222", 1 + 1),
            ([3, 3, 3, 3, 3, 3, 3, 3], "00000000", 4 + 2),
        ] {
            let splits = of(&times.map(|time| (0, time)), rule);
            assert_eq!((&letters(&splits)[..], splits.moved), (want, moved), "{times:?}");
            assert_eq!(splits.tied_users, 0);
        }
        // Leave-one-out leaves one out: the first of the file comes first.
        let splits = of(&[(0, 3), (0, 5), (0, 5), (1, 1), (1, 2), (1, 3)], Rule::LeaveOneOut);
        assert_eq!((&letters(&splits)[..], splits.tied_users), ("012012", 1));
    }

    #[test]
    fn by_the_time_of_all_late_users_leave() {
        // 10 rows: 8 train, 1 validation, 1 test; user 1 comes last of all, user 2 has one row on each side.
        let rows = [(1, 50), (0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (0, 6), (0, 7), (2, 7), (2, 49)];
        let splits = of(&rows, Rule::GlobalTime);
        assert_eq!(letters(&splits), "-000000001");
        assert_eq!((splits.untrained_users, splits.left_out), (1, [0, 1]));
        // Rows of one time stay together: the border of ten rows at the eighth and the ninth moves back to the seventh.
        let days = [1, 2, 3, 4, 5, 6, 9, 9, 9, 9].map(|day| (0, day));
        let tied = of(&days, Rule::GlobalTime);
        assert_eq!((&letters(&tied)[..], tied.moved), ("0000002222", 2 + 3));
    }

    #[test]
    fn shares_dates_and_the_last_two_are_what_they_say() {
        let rows: Vec<(u32, i64)> = (0..10).map(|t| (0, t)).collect();
        let shares = Shares { valid: 100_000, test: 200_000 };
        for order in [Order::UserTime, Order::GlobalTime] {
            assert_eq!(letters(&of(&rows, Rule::Shares { order, shares })), "0000000122");
        }
        let random = |seed| of(&rows, Rule::Shares { order: Order::Random { seed }, shares });
        assert_eq!(random(1).sizes(), [7, 1, 2]);
        assert_eq!(random(1), random(1));
        assert!((2..9).any(|seed| random(seed) != random(1)));
        // A user keeps a row for training.
        let all_test = Shares { valid: 0, test: 1_000_000 };
        assert_eq!(letters(&of(&rows[..2], Rule::Shares { order: Order::UserTime, shares: all_test })), "02");
        assert_eq!(letters(&of(&rows, Rule::LeaveOneOut)), "0000000012");
        assert_eq!(letters(&of(&rows[..2], Rule::LeaveOneOut)), "00");
        assert_eq!(letters(&of(&rows, Rule::Dates { valid: 3, test: 7 })), "0001111222");
        assert_eq!(letters(&of(&rows, Rule::None)), "0000000000");
    }

    #[test]
    fn what_the_data_say_is_taken() {
        let row = |item| Event { user: 0, item, time: Time::new(5), rating: None };
        let rows: Vec<Event> = (0..4).map(row).collect();
        let parts = [Part::Test, Part::Train, Part::Valid, Part::Train];
        assert_eq!(letters(&split(&rows, &parts, 1, Rule::Given)), "2010");
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
