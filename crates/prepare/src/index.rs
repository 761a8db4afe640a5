//! Ids from 0 without gaps.

use crate::{Event, Events};

/// What the new numbers stand for: the old number of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Old {
    /// Users.
    pub users: Vec<u32>,
    /// Items.
    pub items: Vec<u32>,
}

/// Numbers users and items from 0 in order of first appearance; what has no row gets no number.
pub fn renumber(rows: &mut [Event]) -> Old {
    let mut old = Old::default();
    let (mut users, mut items) = (Vec::new(), Vec::new());
    for row in rows {
        row.user = number(row.user, &mut users, &mut old.users);
        row.item = number(row.item, &mut items, &mut old.items);
    }
    old
}

/// No number: there are fewer than 2³² - 1 rows to give one to.
const NONE: u32 = u32::MAX;

/// The new number of an old one; `new` holds those that were given.
fn number(old: u32, new: &mut Vec<u32>, list: &mut Vec<u32>) -> u32 {
    if new.len() <= old as usize {
        new.resize(old as usize + 1, NONE);
    }
    let number = &mut new[old as usize];
    if *number == NONE {
        *number = list.len() as u32;
        list.push(old);
    }
    *number
}

/// Numbers users and items from 0 in order of first appearance; names without a row are left out.
pub fn index(events: Events) -> Events {
    let Events { users, items, mut rows, parts } = events;
    let old = renumber(&mut rows);
    let (users, items) = rayon::join(|| users.select(&old.users), || items.select(&old.items));
    Events { users, items, rows, parts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_the_first_appearance_of_what_is_left() {
        let mut events = Events::default();
        ["gone", "u1", "u0"].iter().for_each(|name| {
            events.users.number(name);
        });
        ["i0", "gone", "i1"].iter().for_each(|name| {
            events.items.number(name);
        });
        let event = |(user, item)| Event { user, item, time: None, rating: None };
        events.rows = [(2, 2), (1, 2), (2, 0)].map(event).to_vec();
        let mut rows = events.rows.clone();
        assert_eq!(renumber(&mut rows), Old { users: vec![2, 1], items: vec![2, 0] });
        let indexed = index(events);
        assert_eq!(indexed.rows, rows);
        assert_eq!(indexed.rows.iter().map(Event::pair).collect::<Vec<_>>(), [(0, 0), (1, 0), (0, 1)]);
        assert_eq!([0, 1].map(|n| indexed.users.name(n)), ["u0", "u1"]);
        assert_eq!([0, 1].map(|n| indexed.items.name(n)), ["i1", "i0"]);
        assert_eq!((indexed.users.len(), indexed.items.len()), (2, 2));
    }
}
