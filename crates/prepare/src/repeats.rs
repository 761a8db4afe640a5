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

/// Shows every repeat, pair by pair, to `see`, which adds to the result of a task; results come in the order of users.
fn each<T: Default + Send>(rows: &[Event], see: impl Fn(&mut T, Repeat) + Sync) -> Vec<T> {
    let key = |place: u32| {
        let row = &rows[place as usize];
        (row.item, row.time)
    };
    ByUser::new(rows).sorted(key, |result, of_user| {
        let mut stays = of_user[0].1;
        for two in of_user.windows(2) {
            let [((before, at), _), ((item, time), row)] = [two[0], two[1]];
            if before == item {
                see(result, Repeat { row: row as usize, stays: stays as usize, same_time: at == time });
            } else {
                stays = row;
            }
        }
    })
}

/// Finds all repeats, pair by pair.
///
/// The earliest row of a pair stays; where several rows have that time, the first of them stays. A row without time counts as earlier than all others.
pub fn find(rows: &[Event]) -> impl Iterator<Item = Repeat> {
    each(rows, |repeats: &mut Vec<Repeat>, repeat| repeats.push(repeat)).into_iter().flatten()
}

/// Drops the repeats; the order of the rows that stay is kept. Needs 5 bytes a row and 4 a repeat for as long as it runs.
pub fn drop_repeats(events: &mut Events) -> Repeats {
    let of_tasks = each(&events.rows, |(dropped, count): &mut (Vec<u32>, Repeats), repeat| {
        dropped.push(repeat.row as u32);
        *if repeat.same_time { &mut count.same_time } else { &mut count.other_time } += 1;
    });
    let mut repeats = Repeats::default();
    let mut keep = vec![true; events.rows.len()];
    for (dropped, count) in of_tasks {
        dropped.into_iter().for_each(|row| keep[row as usize] = false);
        repeats.same_time += count.same_time;
        repeats.other_time += count.other_time;
    }
    if repeats != Repeats::default() {
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
        assert_eq!(drop_repeats(&mut events), Repeats { same_time: 3, other_time: 1 });
        assert_eq!(events.rows.iter().map(|row| row.rating).collect::<Vec<_>>(), [1.0, 2.0, 4.0].map(Some));
        assert_eq!(drop_repeats(&mut events), Repeats::default());
    }
}
