//! Pairs of a user and an item: repeats, k-core, numbers of their own, splits.

use super::write::SplitRule;
use crate::events::Event;
use anchorrec_data::split::{held_out, random_per_user};
use anchorrec_data::{ItemsByUser, Pair, Split};

/// Rows without repeats.
pub(crate) struct Distinct {
    /// The rows that stay, ascending: of equal pairs the earliest, of equal times the first in the file.
    pub(crate) kept: Vec<usize>,
    /// The row that stays and one that does not, ascending by the latter.
    pub(crate) repeats: Vec<(usize, usize)>,
}

pub(crate) fn distinct(rows: &[Event]) -> Distinct {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_unstable_by_key(|&row| (rows[row], row));
    let (mut kept, mut repeats): (Vec<usize>, Vec<(usize, usize)>) = (Vec::new(), Vec::new());
    for row in order {
        let pair = |row: usize| (rows[row].user, rows[row].item);
        match kept.last() {
            Some(&first) if pair(first) == pair(row) => repeats.push((first, row)),
            _ => kept.push(row),
        }
    }
    kept.sort_unstable();
    repeats.sort_unstable_by_key(|&(_, again)| again);
    Distinct { kept, repeats }
}

/// Takes away users and items with fewer than `k` pairs until none is left; returns the rows that stay.
pub(crate) fn k_core(rows: &[Event], kept: Vec<usize>, users: usize, items: usize, k: usize) -> Vec<usize> {
    let mut kept = kept;
    loop {
        let (mut by_user, mut by_item) = (vec![0usize; users], vec![0usize; items]);
        for &row in &kept {
            by_user[rows[row].user as usize] += 1;
            by_item[rows[row].item as usize] += 1;
        }
        let before = kept.len();
        kept.retain(|&row| by_user[rows[row].user as usize] >= k && by_item[rows[row].item as usize] >= k);
        if kept.len() == before {
            return kept;
        }
    }
}

/// Numbers by first appearance, and what they stood for.
pub(crate) struct Indexed {
    pub(crate) pairs: Vec<Pair>,
    /// The source's number of each user.
    pub(crate) users: Vec<u32>,
    /// The source's number of each item.
    pub(crate) items: Vec<u32>,
}

pub(crate) fn index(rows: &[Event], kept: &[usize], users: usize, items: usize) -> Indexed {
    let mut indexed = Indexed { pairs: Vec::with_capacity(kept.len()), users: Vec::new(), items: Vec::new() };
    let (mut user_of, mut item_of) = (vec![None; users], vec![None; items]);
    fn number(place: &mut Option<u32>, old: u32, list: &mut Vec<u32>) -> u32 {
        *place.get_or_insert_with(|| {
            list.push(old);
            list.len() as u32 - 1
        })
    }
    for &row in kept {
        let Event { user, item, .. } = rows[row];
        indexed.pairs.push(Pair {
            user: number(&mut user_of[user as usize], user, &mut indexed.users),
            item: number(&mut item_of[item as usize], item, &mut indexed.items),
        });
    }
    indexed
}

/// The split of every pair. `times[p]` is the time of pair `p`; equal times keep the order of the file.
///
/// By user and time: of a user's `n` pairs the last go to test and those before them to validation, as many as
/// [`held_out`] says. By global time: the first 80 % of all pairs are training, the next 10 % validation, the rest test.
pub(crate) fn split(rule: SplitRule, users: usize, pairs: &[Pair], times: &[Option<i64>], seed: u64) -> Vec<Split> {
    let mut splits = vec![Split::Train; pairs.len()];
    match rule {
        SplitRule::Random => return random_per_user(users, pairs, seed),
        SplitRule::UserTime => {
            let places: Vec<Pair> =
                pairs.iter().enumerate().map(|(place, pair)| Pair { user: pair.user, item: place as u32 }).collect();
            let by_user = ItemsByUser::new(users, &places);
            for user in 0..users as u32 {
                let mut places = by_user.of(user).to_vec();
                places.sort_by_key(|&place| (times[place as usize], place));
                let (valid, test) = held_out(places.len());
                let n = places.len();
                places[n - test..].iter().for_each(|&place| splits[place as usize] = Split::Test);
                places[n - test - valid..n - test].iter().for_each(|&place| splits[place as usize] = Split::Valid);
            }
        }
        SplitRule::GlobalTime => {
            let mut order: Vec<usize> = (0..pairs.len()).collect();
            order.sort_by_key(|&place| (times[place], place));
            let n = order.len();
            let held = n / 10;
            order[n - held..].iter().for_each(|&place| splits[place] = Split::Test);
            order[n - 2 * held..n - held].iter().for_each(|&place| splits[place] = Split::Valid);
        }
    }
    splits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::Time;

    fn event(user: u32, item: u32, time: i64) -> Event {
        Event { user, item, time: Time::new(time) }
    }

    #[test]
    fn of_equal_pairs_the_earliest_stays() {
        let rows = [event(0, 0, 5), event(1, 0, 1), event(0, 0, 3), event(0, 0, 3)];
        let distinct = distinct(&rows);
        assert_eq!(distinct.kept, [1, 2]);
        assert_eq!(distinct.repeats, [(2, 0), (2, 3)]);
    }

    #[test]
    fn the_core_is_taken_until_nothing_falls_away() {
        // User 2 has one pair; without it item 1 has one; without that user 1 has one, and so on to the square.
        let pairs = [(0, 0), (0, 2), (1, 0), (1, 2), (1, 1), (2, 1)];
        let rows = pairs.map(|(user, item)| event(user, item, 0));
        assert_eq!(k_core(&rows, (0..6).collect(), 3, 3, 2), [0, 1, 2, 3]);
        assert_eq!(k_core(&rows, (0..6).collect(), 3, 3, 3), [0; 0]);
    }

    #[test]
    fn numbers_follow_the_first_appearance() {
        let rows = [event(5, 1, 0), event(0, 9, 0), event(5, 9, 0)];
        let indexed = index(&rows, &[1, 2], 6, 10);
        assert_eq!(indexed.pairs, [Pair { user: 0, item: 0 }, Pair { user: 1, item: 0 }]);
        assert_eq!((indexed.users, indexed.items), (vec![0, 5], vec![9]));
    }

    #[test]
    fn splits_by_time_hold_out_the_latest() {
        let pairs: Vec<Pair> = (0..5).map(|item| Pair { user: 0, item }).collect();
        let times = [Some(9), Some(1), Some(5), Some(7), Some(2)];
        let got = split(SplitRule::UserTime, 1, &pairs, &times, 0);
        assert_eq!(got, [Split::Test, Split::Train, Split::Train, Split::Valid, Split::Train]);
        let pairs: Vec<Pair> = (0..10).map(|item| Pair { user: item % 2, item }).collect();
        let times: Vec<Option<i64>> = (0..10).rev().map(Some).collect();
        let got = split(SplitRule::GlobalTime, 2, &pairs, &times, 0);
        assert_eq!((got[0], got[1]), (Split::Test, Split::Valid));
        assert!(got[2..].iter().all(|split| *split == Split::Train));
    }
}
