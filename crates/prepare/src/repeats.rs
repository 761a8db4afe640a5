//! Rows that say again what an earlier row said.

use crate::{Event, Events, Names};
use anchorrec_data::by_user::each_user;
use anchorrec_data::note::{Kind, Note, either};
use anchorrec_files::few::SHOWN;
use anchorrec_formats::Part;

/// A row whose pair of user and item another row has too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// The row.
    pub row: usize,
    /// The row of the same pair that stays.
    pub stays: usize,
    /// Whether a row before it, in the order of time, has the same time too.
    pub same_time: bool,
}

/// How many rows were dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repeats {
    /// Rows with the user, item and time of an earlier row.
    pub same_time: usize,
    /// Rows with the user and item of an earlier row at another time; the earliest row stays.
    pub other_time: usize,
    /// Rows of either kind whose pair stays in another part of the split.
    pub other_part: usize,
    /// User and item of the first few of those of one part, and of those of two.
    first: [Vec<(u32, u32)>; 2],
}

impl Repeats {
    /// Returns the sum of all counts.
    pub fn all(&self) -> usize {
        self.same_time + self.other_time
    }

    fn add(&mut self, row: &Event, same_time: bool, other_part: bool) {
        *if same_time { &mut self.same_time } else { &mut self.other_time } += 1;
        self.other_part += usize::from(other_part);
        let first = &mut self.first[usize::from(other_part)];
        if first.len() < SHOWN {
            first.push(row.pair());
        }
    }

    /// Returns what is said of them: that rows of one pair became one, and that a pair stood in two parts of the split.
    pub fn notes(&self, users: &Names, items: &Names) -> Vec<Note> {
        let note = |count: usize, first: &[(u32, u32)], code: &str, text: &str| {
            let pair = |&(user, item): &(u32, u32)| {
                format!("user {} and item {}", brief(users.name(user)), brief(items.name(item)))
            };
            (count > 0).then(|| Note::new(Kind::Merged, code, count, text).with(first.iter().map(pair)))
        };
        let (one, two) = (self.all() - self.other_part, self.other_part);
        let of_one = either(
            one,
            "row has the user and the item of another one: the earliest of them stays",
            "rows have the user and the item of another one: the earliest of each pair stays",
        );
        let of_two = either(
            two,
            "row has the user and the item of one in another part of the split: the earliest stays, in its part",
            "rows have the user and the item of one in another part of the split: the earliest of each pair stays, in its part",
        );
        let [first, first_of_two] = &self.first;
        let notes = [note(one, first, "repeated-pairs", of_one), note(two, first_of_two, "pairs-across-split", of_two)];
        notes.into_iter().flatten().collect()
    }
}

/// The beginning of an id, so that both ids of a pair can be seen on a line.
fn brief(id: &str) -> String {
    match id.char_indices().nth(20) {
        Some((cut, _)) if id.chars().count() > 23 => format!("{}...", &id[..cut]),
        _ => id.to_owned(),
    }
}

/// Shows every repeat, pair by pair, to `see`, which adds to the result of a task; results come in the order of users.
fn each<T: Default + Send>(rows: &[Event], see: impl Fn(&mut T, Repeat) + Sync) -> Vec<T> {
    let key = |row: &Event| (row.item, row.time);
    each_user(
        rows,
        |row| row.user,
        key,
        |result, of_user| {
            let mut stays = of_user[0].1;
            for two in of_user.windows(2) {
                let [((before, at), _), ((item, time), row)] = [two[0], two[1]];
                if before == item {
                    see(result, Repeat { row: row as usize, stays: stays as usize, same_time: at == time });
                } else {
                    stays = row;
                }
            }
        },
    )
}

/// Finds all repeats, pair by pair.
///
/// The earliest row of a pair stays; where several rows have that time, the first of them stays. A row without time counts as earlier than all others.
pub fn find(rows: &[Event]) -> impl Iterator<Item = Repeat> {
    each(rows, |repeats: &mut Vec<Repeat>, repeat| repeats.push(repeat)).into_iter().flatten()
}

/// Drops the repeats; the order of the rows that stay is kept. Needs 25 bytes a row and 4 a repeat for as long as it runs.
pub fn drop_repeats(events: &mut Events) -> Repeats {
    let part = |row: usize| -> Option<Part> { events.parts.get(row).copied() };
    let of_tasks = each(&events.rows, |(dropped, count): &mut (Vec<u32>, Repeats), repeat| {
        dropped.push(repeat.row as u32);
        count.add(&events.rows[repeat.row], repeat.same_time, part(repeat.row) != part(repeat.stays));
    });
    let mut repeats = Repeats::default();
    let mut keep = vec![true; events.rows.len()];
    for (dropped, count) in of_tasks {
        dropped.into_iter().for_each(|row| keep[row as usize] = false);
        repeats.same_time += count.same_time;
        repeats.other_time += count.other_time;
        repeats.other_part += count.other_part;
        for (all, of_task) in repeats.first.iter_mut().zip(count.first) {
            all.extend(of_task.into_iter().take(SHOWN - all.len()));
        }
    }
    if repeats.all() > 0 {
        events.retain(|place, _| keep[place]);
    }
    repeats
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Time;

    #[test]
    fn the_earliest_row_of_a_pair_stays() {
        let rows = [(0, 0, 5), (0, 1, 5), (0, 0, 3), (0, 0, 3), (1, 0, 3), (0, 0, 5), (0, 1, 5)];
        // The rating tells rows of one pair and time apart.
        let mut rating = -1.0;
        let rows = rows
            .map(|(user, item, time)| {
                rating += 1.0;
                Event { user, item, time: Time::new(time), rating: Some(rating) }
            })
            .to_vec();
        let want = [(3, 2, true), (0, 2, false), (5, 2, true), (6, 1, true)];
        let want = want.map(|(row, stays, same_time)| Repeat { row, stays, same_time });
        assert_eq!(find(&rows).collect::<Vec<_>>(), want);
        // (0, 0): 3, 3, 5, 5 in time; (0, 1): 5, 5.
        let mut events = Events { rows, ..Events::default() };
        let repeats = drop_repeats(&mut events);
        assert_eq!((repeats.same_time, repeats.other_time, repeats.other_part), (3, 1, 0));
        assert_eq!(repeats.first, [vec![(0, 0), (0, 0), (0, 0), (0, 1)], vec![]]);
        assert_eq!(events.rows.iter().map(|row| row.rating).collect::<Vec<_>>(), [1.0, 2.0, 4.0].map(Some));
        assert_eq!(drop_repeats(&mut events), Repeats::default());
    }

    #[test]
    fn both_ids_of_a_pair_can_be_told() {
        assert_eq!([brief("B0001"), brief("ÄÖÜ45678901234567890123")], ["B0001", "ÄÖÜ45678901234567890123"]);
        assert_eq!(brief(&"ü".repeat(64)), "ü".repeat(20) + "...");
    }

    #[test]
    fn pairs_in_two_parts_of_a_split_are_told_from_those_in_one() {
        let mut events = Events::default();
        let row = |(user, item)| Event { user, item, time: None, rating: None };
        events.rows = [(0, 0), (0, 1), (0, 0), (0, 0), (0, 1)].map(row).to_vec();
        events.parts = [Part::Train, Part::Train, Part::Train, Part::Test, Part::Valid].to_vec();
        ["ann"].iter().for_each(|name| _ = events.users.number(name));
        ["tea", "pot"].iter().for_each(|name| _ = events.items.number(name));
        let repeats = drop_repeats(&mut events);
        assert_eq!(events.parts, [Part::Train; 2]);
        let said: Vec<String> =
            repeats.notes(&events.users, &events.items).iter().map(|note| format!("[{}] {note}", note.code)).collect();
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[0].starts_with("[repeated-pairs] 1 row has the user and the item of another one"), "{said:?}");
        assert!(said[0].ends_with("(user ann and item tea)"), "{said:?}");
        assert!(
            said[1].starts_with("[pairs-across-split] 2 rows have the user and the item of one in another part"),
            "{said:?}"
        );
        assert!(said[1].ends_with("(user ann and item tea, user ann and item pot)"), "{said:?}");
    }
}
