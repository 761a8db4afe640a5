//! Places of rows, user by user: two passes over the rows in place of a sort of all of them.

use crate::Event;
use rayon::prelude::*;

/// Iterates over the places of all rows, those of user 0 first, each user's ascending until they are [sorted](ByUser::sort_by_key).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByUser {
    /// The places, one behind the other.
    pub places: Vec<u32>,
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

    /// Sorts the places of each user by a key; all keys of a user are different.
    pub fn sort_by_key<K: Ord>(&mut self, key: impl Fn(u32) -> K + Sync) {
        let mut tasks = Vec::new();
        let (mut rest, mut done) = (&mut self.places[..], 0);
        let mut users = &self.ends[..];
        while !users.is_empty() {
            let count = users.partition_point(|&end| (end as usize) < done + TASK);
            let (of_task, later) = users.split_at((count + 1).min(users.len()));
            let end = of_task.last().map_or(done, |&end| end as usize);
            let (places, after) = std::mem::take(&mut rest).split_at_mut(end - done);
            tasks.push((places, of_task, done));
            (rest, users, done) = (after, later, end);
        }
        tasks.into_par_iter().for_each(|(mut places, ends, first)| {
            let mut done = first;
            for &end in ends {
                let (of_user, later) = std::mem::take(&mut places).split_at_mut(end as usize - done);
                of_user.sort_unstable_by_key(|&place| key(place));
                (places, done) = (later, end as usize);
            }
        });
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
            let mut groups = ByUser::new(&rows);
            assert!(groups.places == want);
            want.sort_by_key(|&place| (rows[place as usize].user, rows[place as usize].item, place));
            groups.sort_by_key(|place| (rows[place as usize].item, place));
            assert!(groups.places == want);
            assert_eq!(groups.users().map(<[u32]>::len).sum::<usize>(), rows.len());
            assert!(groups.users().all(|of| of.iter().all(|&p| rows[p as usize].user == rows[of[0] as usize].user)));
        }
    }
}
