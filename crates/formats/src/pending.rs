//! Rows whose users and items have no numbers yet: some thousand rows get them together, users beside items.

use crate::events::{Event, Events, Names, Time};
use crate::part::Part;
use crate::stood::Stood;

/// Rows that are numbered together.
const ROWS: usize = 1 << 13;

/// Rows that are right and not numbered yet.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    /// The names of users and items, one behind the other.
    text: String,
    /// Where the users' names are in the text.
    users: Vec<(u32, u32)>,
    items: Vec<(u32, u32)>,
    rows: Vec<Row>,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    time: Option<Time>,
    rating: Option<f32>,
    part: Option<Part>,
    place: u64,
}

/// A name that appeared for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    /// A number of [`Events::users`].
    User(u32),
    /// A number of [`Events::items`].
    Item(u32),
}

impl Pending {
    /// Returns how many rows are pending.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Takes a row in.
    pub(crate) fn push(
        &mut self,
        user: &str,
        item: &str,
        time: Option<Time>,
        rating: Option<f32>,
        part: Option<Part>,
        place: u64,
    ) {
        for (name, places) in [(user, &mut self.users), (item, &mut self.items)] {
            let start = self.text.len() as u32;
            self.text.push_str(name);
            places.push((start, self.text.len() as u32));
        }
        self.rows.push(Row { time, rating, part, place });
    }

    /// Returns whether it is time to number the pending rows.
    pub(crate) fn is_full(&self) -> bool {
        self.rows.len() >= ROWS
    }

    /// Numbers all rows in their order and appends them to `events` and `places`; new names, with the place of their row, in the order of rows.
    pub(crate) fn flush(&mut self, events: &mut Events, places: &mut Stood) -> Vec<(u64, Who)> {
        let Events { users, items, rows, parts } = events;
        let (text, of_users, of_items) = (&self.text, &self.users, &self.items);
        let numbers = |names: &mut Names, of: &[(u32, u32)]| names.number_all(text, of);
        let ((users, new_users), (items, new_items)) =
            rayon::join(|| numbers(users, of_users), || numbers(items, of_items));
        for (at, row) in self.rows.iter().enumerate() {
            rows.push(Event { user: users[at], item: items[at], time: row.time, rating: row.rating });
            parts.extend(row.part);
            places.push(row.place);
        }
        let user = |at: usize| (at, 0, Who::User(users[at]));
        let item = |at: usize| (at, 1, Who::Item(items[at]));
        let mut new: Vec<(usize, u8, Who)> =
            new_users.into_iter().map(user).chain(new_items.into_iter().map(item)).collect();
        new.sort_unstable_by_key(|&(at, kind, _)| (at, kind));
        let new = new.into_iter().map(|(at, _, who)| (self.rows[at].place, who)).collect();
        self.text.clear();
        self.users.clear();
        self.items.clear();
        self.rows.clear();
        new
    }
}
