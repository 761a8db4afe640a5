//! The steps that every preparation applies to its rows.
//!
//! ```text
//! Events -> repeats -> k-core -> ids from 0 -> split -> <name>.inter and the mappings
//! ```

use crate::ready::{ReadyError, ReadyFolder};
use crate::split::{Rule, Splits, split};
use crate::steps::{Log, Size};
use crate::{Events, core, index::index, repeats::drop_repeats};
use anchorrec_data::Note;
use anchorrec_files::{counted, grouped};

/// Rows of a source to what a data set has: no pair twice, every user and item with at least `k`, numbered from 0; with what is said of it.
pub fn reduce(mut events: Events, k: usize, log: &mut Log) -> (Events, Vec<Note>) {
    let before = core::size(&events);
    let repeats = drop_repeats(&mut events);
    log.add(
        "repeats",
        // One row of each pair stays, and so do its user and its item.
        Size { interactions: events.rows.len(), ..before },
        repeats.all(),
        format!(
            "{} with the same user, item and time; {} of the same user and item",
            grouped(repeats.same_time),
            counted(repeats.other_time, "later row", "later rows")
        ),
    );
    let notes = repeats.notes(&events.users, &events.items);
    for (number, round) in core::k_core(&mut events, k).iter().enumerate() {
        log.add(
            &format!("{k}-core, round {}", number + 1),
            round.left,
            round.rows,
            format!("rows of {} and {} with fewer than {k}", users(round.users), counted(round.items, "item", "items")),
        );
    }
    let indexed = index(events);
    log.add("ids", indexed_size(&indexed), 0, "from 0 in order of first appearance".to_owned());
    (indexed, notes)
}

/// Counts what has been [indexed](index): every user and item has a row.
pub fn indexed_size(events: &Events) -> Size {
    Size { users: events.users.len(), items: events.items.len(), interactions: events.rows.len() }
}

fn users(count: usize) -> String {
    counted(count, "user", "users")
}

/// Splits rows that are [reduced](reduce) and writes them with their names.
///
/// # Errors
/// When no row is for training, or the folder cannot be written.
pub fn write_split(folder: &ReadyFolder, events: &Events, rule: Rule, log: &mut Log) -> Result<Splits, ReadyError> {
    let splits = split(&events.rows, &events.parts, events.users.len(), rule);
    let sizes = splits.sizes();
    if sizes[0] == 0 {
        return Err(folder.no_training(rule));
    }
    let [left_valid, left_test] = splits.left_out;
    let [train, valid, test] = sizes.map(grouped);
    let borders = match splits.moved {
        0 => String::new(),
        moved => {
            format!("; borders moved over {} so that rows of one time stay on one side", counted(moved, "row", "rows"))
        }
    };
    log.add(
        "split",
        Size { users: events.users.len(), items: events.items.len(), interactions: sizes.iter().sum() },
        left_valid + left_test,
        format!(
            "rows of {} without a training row ({left_valid} validation, {left_test} test); {train} training, {valid} validation, {test} test{borders}",
            users(splits.untrained_users)
        ),
    );
    let (inter, mappings) = rayon::join(|| folder.inter(events, &splits.of_rows), || folder.mappings(events));
    inter.and(mappings)?;
    Ok(splits)
}
