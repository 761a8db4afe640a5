//! The k-core: the largest part in which every user has k items and every item k users.

use crate::{Event, Events, steps::Size};

/// What one round dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// Users with fewer than k rows at the start of the round.
    pub users: usize,
    /// Items with fewer than k rows at the start of the round.
    pub items: usize,
    /// Rows of one or the other.
    pub rows: usize,
    /// Users, items and rows after the round.
    pub left: Size,
}

/// Users and items that have a row, and rows.
pub fn size(events: &Events) -> Size {
    Degrees::of(events).size()
}

/// Drops, round after round, every row whose user or item has fewer than `k` rows, until no row is dropped. The result does not depend on the
/// order of rows or rounds; the order of the rows that stay is kept. Names stay all: [`index`](crate::index::index) leaves out those
/// without rows.
///
/// Rows must have been freed of [repeats](crate::repeats).
pub fn k_core(events: &mut Events, k: usize) -> Vec<Round> {
    let mut rounds = Vec::new();
    let mut degrees = Degrees::of(events);
    loop {
        let few = |counts: &[u32]| -> Vec<bool> { counts.iter().map(|&count| (count as usize) < k).collect() };
        let (few_users, few_items) = (few(&degrees.users), few(&degrees.items));
        let dropped =
            |few: &[bool], counts: &[u32]| few.iter().zip(counts).filter(|(few, count)| **few && **count > 0).count();
        let (users, items) = (dropped(&few_users, &degrees.users), dropped(&few_items, &degrees.items));
        if users + items == 0 {
            return rounds;
        }
        let before = events.rows.len();
        events.retain(|_, row| {
            let stays = !few_users[row.user as usize] && !few_items[row.item as usize];
            if !stays {
                degrees.users[row.user as usize] -= 1;
                degrees.items[row.item as usize] -= 1;
            }
            stays
        });
        rounds.push(Round { users, items, rows: before - events.rows.len(), left: degrees.size() });
    }
}

/// How many rows each user and each item has.
struct Degrees {
    users: Vec<u32>,
    items: Vec<u32>,
}

impl Degrees {
    fn of(events: &Events) -> Self {
        let count = |names: usize, of: fn(&Event) -> u32| {
            let mut counts = vec![0; names];
            events.rows.iter().for_each(|row| counts[of(row) as usize] += 1);
            counts
        };
        let (users, items) =
            rayon::join(|| count(events.users.len(), |row| row.user), || count(events.items.len(), |row| row.item));
        Degrees { users, items }
    }

    fn size(&self) -> Size {
        let present = |counts: &[u32]| counts.iter().filter(|&&count| count > 0).count();
        let interactions = self.users.iter().map(|&count| count as usize).sum();
        Size { users: present(&self.users), items: present(&self.items), interactions }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Event;

    fn events(pairs: &[(u32, u32)]) -> Events {
        let mut events = Events::default();
        for &(user, item) in pairs {
            let user = events.users.number(&user.to_string());
            let item = events.items.number(&item.to_string());
            events.rows.push(Event { user, item, time: None, rating: None });
        }
        events
    }

    #[test]
    fn a_chain_falls_link_by_link() {
        // A square of two users and two items holds; a chain hangs on it by item 1: 2-3-3-4, each needs the next.
        let square = [(0, 0), (0, 1), (1, 0), (1, 1)];
        let chain = [(2, 1), (2, 3), (3, 3), (3, 4)];
        let mut got = events(&[&chain[..2], &square, &chain[2..]].concat());
        let rounds = k_core(&mut got, 2);
        let dropped: Vec<_> = rounds.iter().map(|round| (round.users, round.items, round.rows)).collect();
        assert_eq!(dropped, [(0, 1, 1), (1, 0, 1), (0, 1, 1), (1, 0, 1)]);
        let left: Vec<_> = rounds.iter().map(|round| (round.left.users, round.left.items)).collect();
        assert_eq!(left, [(4, 3), (3, 3), (3, 2), (2, 2)]);
        assert_eq!(size(&got), Size { users: 2, items: 2, interactions: 4 });
        let names: Vec<_> = got.rows.iter().map(|row| (got.users.name(row.user), got.items.name(row.item))).collect();
        assert_eq!(names, [("0", "0"), ("0", "1"), ("1", "0"), ("1", "1")]);
        assert_eq!(k_core(&mut got, 2), []);
        k_core(&mut got, 3);
        assert_eq!(size(&got), Size::default());
    }

    #[test]
    fn what_is_left_is_the_largest_core() {
        // A random graph against the definition, taken one vertex at a time in another order.
        let mut state = 1u64;
        let mut draw = |below: u32| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            ((state >> 33) % u64::from(below)) as u32
        };
        let mut pairs: Vec<(u32, u32)> = (0..600).map(|_| (draw(60), draw(60))).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let mut got = events(&pairs);
        k_core(&mut got, 6);
        let all = pairs.len();
        let mut want = pairs;
        let weak = |pairs: &[(u32, u32)]| {
            let degree = |at: (u32, bool)| pairs.iter().filter(|p| if at.1 { p.0 } else { p.1 } == at.0).count();
            pairs.iter().flat_map(|p| [(p.1, false), (p.0, true)]).find(|&at| degree(at) < 6)
        };
        while let Some((vertex, is_user)) = weak(&want) {
            want.retain(|p| if is_user { p.0 } else { p.1 } != vertex);
        }
        let name = |row: &Event| (got.users.name(row.user).to_owned(), got.items.name(row.item).to_owned());
        let want: Vec<_> = want.iter().map(|p| (p.0.to_string(), p.1.to_string())).collect();
        assert_eq!(got.rows.iter().map(name).collect::<Vec<_>>(), want);
        assert!(!want.is_empty() && want.len() < all, "{} rows: the case would test nothing", want.len());
    }
}
