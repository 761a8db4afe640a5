//! Rows that say again what an earlier row said.

use crate::Events;

/// How many rows were dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repeats {
    /// The same user, item and time.
    pub same_time: usize,
    /// The same user and item at another time; the earliest row stays.
    pub other_time: usize,
}

/// Drops rows that repeat a pair; the order of the others stays. Needs 5 bytes a row for as long as it runs.
///
/// Of a pair the earliest row stays, of several at the same time the first. A row without time is earlier than all others.
pub fn drop_repeats(events: &mut Events) -> Repeats {
    let rows = &events.rows;
    let mut order: Vec<u32> = (0..rows.len() as u32).collect();
    // By pair, then time, then place: all keys are different, so the order is one.
    order.sort_unstable_by_key(|&place| (rows[place as usize], place));
    let mut repeats = Repeats::default();
    let mut keep = vec![true; rows.len()];
    for pair in order.windows(2) {
        let (before, row) = (rows[pair[0] as usize], rows[pair[1] as usize]);
        if (before.user, before.item) == (row.user, row.item) {
            keep[pair[1] as usize] = false;
            *if before.time == row.time { &mut repeats.same_time } else { &mut repeats.other_time } += 1;
        }
    }
    let mut keep = keep.into_iter();
    events.rows.retain(|_| keep.next() == Some(true));
    repeats
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Event, events::Time};

    #[test]
    fn the_earliest_row_of_a_pair_stays() {
        let rows = [(0, 0, 5), (0, 1, 5), (0, 0, 3), (0, 0, 3), (1, 0, 3), (0, 0, 5), (0, 1, 5)];
        let event = |(user, item, time)| Event { user, item, time: Time::new(time) };
        let mut events = Events { rows: rows.map(event).to_vec(), ..Events::default() };
        // (0, 0): 3, 3, 5, 5 in time; (0, 1): 5, 5.
        assert_eq!(drop_repeats(&mut events), Repeats { same_time: 3, other_time: 1 });
        assert_eq!(events.rows, [(0, 1, 5), (0, 0, 3), (1, 0, 3)].map(event));
        assert_eq!(drop_repeats(&mut events), Repeats::default());
    }
}
