//! Ids from 0 without gaps.

use crate::{Event, Events, Names};

/// The same rows with users and items numbered from 0 in order of first appearance; names without a row are left out.
pub fn index(events: &Events) -> Events {
    let mut indexed =
        Events { users: Names::default(), items: Names::default(), rows: Vec::with_capacity(events.rows.len()) };
    for row in &events.rows {
        let user = indexed.users.number(events.users.name(row.user));
        let item = indexed.items.number(events.items.name(row.item));
        indexed.rows.push(Event { user, item, time: row.time });
    }
    indexed
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
        events.rows = [(2, 2), (1, 2), (2, 0)].map(|(user, item)| Event { user, item, time: None }).to_vec();
        let indexed = index(&events);
        assert_eq!(indexed.rows.iter().map(|row| (row.user, row.item)).collect::<Vec<_>>(), [(0, 0), (1, 0), (0, 1)]);
        assert_eq!([0, 1].map(|n| indexed.users.name(n)), ["u0", "u1"]);
        assert_eq!([0, 1].map(|n| indexed.items.name(n)), ["i1", "i0"]);
        assert_eq!((indexed.users.len(), indexed.items.len()), (2, 2));
    }
}
