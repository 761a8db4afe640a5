//! Rows user by user, in a few passes through memory.
//!
//! Rows of a user lie anywhere among those of others. To go from row to row of a user, in a table larger than the caches and than the processor's
//! list of pages, costs a wait for memory for each; a sort of all rows costs `log n` passes. Here rows with their keys first go to partitions of
//! neighbouring users, each read and written from front to back, and a partition, which fits into a cache, is put in order there.

use rayon::prelude::*;

/// Rows of a partition, if users have about as many rows each.
const ROWS: usize = 1 << 16;

/// Users of a partition at most.
const MOST: u32 = 1 << 16;

/// A row: its key, its place and its user.
type Record<K> = (K, u32, u32);

/// Shows each user's rows, as keys with places, sorted by key and then by place, and collects what `visit` makes of them: users of a task, one
/// after the other, add to one result, and results come in the order of users. Users without a row are not shown. Needs the size of a key and 8
/// bytes a row for as long as it runs.
///
/// ```
/// use anchorrec_data::by_user::each_user;
/// let rows = [(7, 'c'), (2, 'b'), (7, 'a')];
/// let see = |lists: &mut Vec<String>, of_user: &[(char, u32)]| lists.push(format!("{of_user:?}"));
/// let lists = each_user(&rows, |row| row.0, |row| row.1, see).concat();
/// assert_eq!(lists, ["[('b', 1)]", "[('a', 2), ('c', 0)]"]);
/// ```
///
/// # Panics
/// With 2³² rows.
pub fn each_user<R, K: Ord + Copy + Default + Send + Sync, T: Default + Send>(
    rows: &[R],
    user: impl Fn(&R) -> u32,
    key: impl Fn(&R) -> K,
    visit: impl Fn(&mut T, &[(K, u32)]) + Sync,
) -> Vec<T> {
    assert!(u32::try_from(rows.len()).is_ok(), "{} rows, at most 2^32 - 1", rows.len());
    let Some(last) = rows.iter().map(&user).max() else { return Vec::new() };
    // Users of a partition: 2^shift.
    let shift = (last as usize / rows.len().div_ceil(ROWS)).checked_ilog2().unwrap_or(0).min(MOST.ilog2());
    let mut next = vec![0u32; (last >> shift) as usize + 1];
    for row in rows {
        next[(user(row) >> shift) as usize] += 1;
    }
    let sizes = next.clone();
    let mut sum = 0;
    for start in &mut next {
        (*start, sum) = (sum, sum + *start);
    }
    let mut records: Vec<Record<K>> = vec![Default::default(); rows.len()];
    for (place, row) in rows.iter().enumerate() {
        let user = user(row);
        let next = &mut next[(user >> shift) as usize];
        records[*next as usize] = (key(row), place as u32, user);
        *next += 1;
    }
    let mut rest = &records[..];
    let partitions = sizes.into_iter().enumerate().map(|(partition, size)| {
        let (records, later) = rest.split_at(size as usize);
        rest = later;
        ((partition as u32) << shift, records)
    });
    let partitions: Vec<(u32, &[Record<K>])> = partitions.filter(|(_, records)| !records.is_empty()).collect();
    let task = |room: &mut Room<K>, (first, records): (u32, &[Record<K>])| {
        let mut result = T::default();
        room.each(first, records, |of_user| visit(&mut result, of_user));
        result
    };
    partitions.into_par_iter().map_init(Room::default, task).collect()
}

/// What a task works in.
#[derive(Default)]
struct Room<K> {
    /// At first where each user's rows begin, at last where they end.
    ends: Vec<u32>,
    /// The rows user by user.
    rows: Vec<(K, u32)>,
}

impl<K: Ord + Copy + Default> Room<K> {
    /// Shows each user's rows of a partition that begins with the user `first`.
    fn each(&mut self, first: u32, records: &[Record<K>], mut visit: impl FnMut(&[(K, u32)])) {
        let Room { ends, rows } = self;
        ends.clear();
        for &(_, _, user) in records {
            let user = (user - first) as usize;
            if ends.len() <= user {
                ends.resize(user + 1, 0);
            }
            ends[user] += 1;
        }
        let mut sum = 0;
        for end in &mut *ends {
            (*end, sum) = (sum, sum + *end);
        }
        rows.clear();
        rows.resize(records.len(), Default::default());
        for &(key, place, user) in records {
            let next = &mut ends[(user - first) as usize];
            rows[*next as usize] = (key, place);
            *next += 1;
        }
        let mut start = 0;
        for &end in &*ends {
            let of_user = &mut rows[start..end as usize];
            of_user.sort_unstable();
            if !of_user.is_empty() {
                visit(of_user);
            }
            start = end as usize;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_those_of_a_sort_of_all() {
        let mut state = 7u64;
        let mut draw = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            ((state >> 33) % below) as u32
        };
        // One partition and several, users without rows, more users than rows, one user only.
        for (rows, users) in
            [(0, 1), (1, 1), (5_000, 60_000), (200_000, 300), (200_000, 40_000), (70_000, 1), (3, 1 << 31)]
        {
            let rows: Vec<(u32, u32)> = (0..rows).map(|_| (draw(users), draw(9))).collect();
            let mut want: Vec<(u32, u32, u32)> =
                rows.iter().enumerate().map(|(place, &(user, key))| (user, key, place as u32)).collect();
            want.sort_unstable();
            let see = |seen: &mut Vec<(u32, u32, u32)>, of_user: &[(u32, u32)]| {
                let user = rows[of_user[0].1 as usize].0;
                seen.extend(of_user.iter().map(|&(key, place)| (user, key, place)));
            };
            assert!(each_user(&rows, |row| row.0, |row| row.1, see).concat() == want, "{} rows", rows.len());
            let lists = |lists: &mut usize, _: &[(u32, u32)]| *lists += 1;
            let lists: usize = each_user(&rows, |row| row.0, |row| row.1, lists).into_iter().sum();
            want.dedup_by_key(|row| row.0);
            assert_eq!(lists, want.len());
        }
    }
}
