//! Rows that say again what an earlier row said.

use crate::by_user::ByUser;
use crate::{Event, Events};

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repeats {
    /// Rows with the user, item and time of an earlier row.
    pub same_time: usize,
    /// Rows with the user and item of an earlier row at another time; the earliest row stays.
    pub other_time: usize,
}

/// Finds all repeats, pair by pair.
///
/// Of a pair the earliest row stays, of several at the same time the first. A row without time is earlier than all others.
pub fn find(rows: &[Event]) -> impl Iterator<Item = Repeat> {
    let mut groups = ByUser::new(rows);
    // By pair, then time, then place: all keys are different, so the order is one.
    groups.sort_by_key(|place| {
        let row = &rows[place as usize];
        (row.item, row.time, place)
    });
    let order = groups.places;
    let mut stays = 0;
    (0..order.len()).filter_map(move |at| {
        let row = order[at] as usize;
        let before = at.checked_sub(1).map(|before| &rows[order[before] as usize]);
        match before.filter(|before| before.pair() == rows[row].pair()) {
            Some(before) => Some(Repeat { row, stays, same_time: before.time == rows[row].time }),
            None => {
                stays = row;
                None
            }
        }
    })
}

/// Drops the repeats; the order of the rows that stay is kept. Needs 5 bytes a row for as long as it runs.
pub fn drop_repeats(events: &mut Events) -> Repeats {
    let mut repeats = Repeats::default();
    let mut keep = vec![true; events.rows.len()];
    for repeat in find(&events.rows) {
        keep[repeat.row] = false;
        *if repeat.same_time { &mut repeats.same_time } else { &mut repeats.other_time } += 1;
    }
    events.retain(|place, _| keep[place]);
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
        assert_eq!(drop_repeats(&mut events), Repeats { same_time: 3, other_time: 1 });
        assert_eq!(events.rows.iter().map(|row| row.rating).collect::<Vec<_>>(), [1.0, 2.0, 4.0].map(Some));
        assert_eq!(drop_repeats(&mut events), Repeats::default());
    }
}
