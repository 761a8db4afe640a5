//! Places of rows, user by user: two passes over the rows instead of a sort of all of them.

use crate::Event;
use rayon::prelude::*;

/// The places of all rows, those of user 0 first, each user's ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByUser {
    /// The places, one behind the other.
    places: Vec<u32>,
    /// Where the places of each user end.
    ends: Vec<u32>,
}

/// Places of at least so many rows are sorted by one task.
const TASK: usize = 1 << 15;

impl ByUser {
    /// Groups rows.
    ///
    /// # Panics
    /// With 2³² rows.
    pub fn new(rows: &[Event]) -> Self {
        assert!(u32::try_from(rows.len()).is_ok(), "{} rows, at most 2^32 - 1", rows.len());
        let users = rows.iter().map(|row| row.user as usize + 1).max().unwrap_or(0);
        // At first where each user begins; every place that is given moves it on, at last to where the user ends.
        let mut ends = vec![0u32; users];
        for row in rows {
            ends[row.user as usize] += 1;
        }
        let mut sum = 0;
        for end in &mut ends {
            (*end, sum) = (sum, sum + *end);
        }
        let mut places = vec![0; rows.len()];
        for (place, row) in rows.iter().enumerate() {
            let next = &mut ends[row.user as usize];
            places[*next as usize] = place as u32;
            *next += 1;
        }
        ByUser { places, ends }
    }

    /// Shows every user's places with their keys, sorted by key and then by place, and collects what `visit` makes of them: users of a task, one
    /// after the other, add to one result, and results come in the order of users.
    ///
    /// Keys are gathered before they are sorted: rows of a user lie far apart in memory.
    pub fn sorted<K: Ord + Copy, T: Default + Send>(
        &self,
        key: impl Fn(u32) -> K + Sync,
        visit: impl Fn(&mut T, &[(K, u32)]) + Sync,
    ) -> Vec<T> {
        let mut tasks = Vec::new();
        let (mut users, mut done) = (&self.ends[..], 0);
        while !users.is_empty() {
            let count = users.partition_point(|&end| (end as usize) < done + TASK);
            let (of_task, later) = users.split_at((count + 1).min(users.len()));
            tasks.push((of_task, done));
            (users, done) = (later, of_task.last().map_or(done, |&end| end as usize));
        }
        let task = |(ends, mut done): (&[u32], usize)| {
            let (mut result, mut keys) = (T::default(), Vec::new());
            for &end in ends {
                let of_user = &self.places[done..end as usize];
                keys.clear();
                keys.extend(of_user.iter().map(|&place| (key(place), place)));
                keys.sort_unstable();
                if !keys.is_empty() {
                    visit(&mut result, &keys);
                }
                done = end as usize;
            }
            result
        };
        tasks.into_par_iter().map(task).collect()
    }

    /// Iterates over the places of each user that has any.
    pub fn users(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, &end)| &self.places[start as usize..end as usize])
            .filter(|of| !of.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_a_sort_of_all_rows() {
        let mut state = 7u64;
        let mut draw = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            ((state >> 33) % below) as u32
        };
        for (rows, users) in [(0, 1), (1, 1), (70_000, 300), (5_000, 60_000), (70_000, 1)] {
            let row = |_| Event { user: draw(users), item: draw(9), time: None, rating: None };
            let rows: Vec<Event> = (0..rows).map(row).collect();
            let mut want: Vec<u32> = (0..rows.len() as u32).collect();
            want.sort_by_key(|&place| (rows[place as usize].user, place));
            let groups = ByUser::new(&rows);
            assert!(groups.places == want);
            want.sort_by_key(|&place| (rows[place as usize].user, rows[place as usize].item, place));
            let all = |all: &mut Vec<(u32, u32)>, of_user: &[(u32, u32)]| all.extend_from_slice(of_user);
            let got = groups.sorted(|place| rows[place as usize].item, all).concat();
            assert!(got.iter().map(|&(_, place)| place).eq(want.iter().copied()));
            assert!(got.iter().all(|&(item, place)| rows[place as usize].item == item));
            assert_eq!(groups.users().map(<[u32]>::len).sum::<usize>(), rows.len());
            assert!(groups.users().all(|of| of.iter().all(|&p| rows[p as usize].user == rows[of[0] as usize].user)));
        }
    }
}
