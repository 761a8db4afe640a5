//! From the rows of a file to [`Interactions`]: the rules that need all rows.
//!
//! Ids are limited by what else is known (features, mappings), else by the number of rows: ids are numbered from 0
//! without gaps, so a larger one is a mistake, and nothing is ever allocated by an id that was not compared first.

use crate::{
    DataError, Interactions, Pair, Split,
    by_user::each_user,
    error::{Bound, BoundBy, FileProblem, LineProblem},
    inter::Rows,
};

/// What was left out, and what is there but cannot be learned from.
#[derive(Default)]
pub(crate) struct Untrained {
    pub(crate) users: usize,
    pub(crate) items: usize,
    pub(crate) dropped_valid: usize,
    pub(crate) dropped_test: usize,
    /// Users and items that a row of any split mentions.
    pub(crate) mentioned: [Vec<bool>; 2],
}

/// A row of any split mentions this user or item.
const MENTIONED: u8 = 1;
/// A training row does.
const TRAINED: u8 = 2;

/// Checks ids and pairs and sorts the rows into splits. A bound of `None` is the number of rows.
pub(crate) fn index(
    file: &Rows,
    user_bound: Option<Bound>,
    item_bound: Option<Bound>,
) -> Result<(Interactions, Untrained), DataError> {
    let rows = &file.rows;
    let path = &file.input.path;
    let both = |(users, items): (u32, u32), (pair, _): &(Pair, Split)| (users.max(pair.user), items.max(pair.item));
    let (user, item) = rows.iter().fold((0, 0), both);
    check_ids(file, "user", |pair| pair.user, user, user_bound.as_ref())?;
    check_ids(file, "item", |pair| pair.item, item, item_bound.as_ref())?;
    let users = user_bound.map_or(user as usize + 1, |bound| bound.count);
    let items = item_bound.map_or(item as usize + 1, |bound| bound.count);
    check_pairs(file)?;

    // One look at a user's and an item's place for both facts.
    let (mut of_users, mut of_items) = (vec![0u8; users], vec![0u8; items]);
    for (pair, split) in rows {
        let seen = if *split == Split::Train { MENTIONED | TRAINED } else { MENTIONED };
        of_users[pair.user as usize] |= seen;
        of_items[pair.item as usize] |= seen;
    }
    let unknown = |seen: &[u8]| seen.iter().filter(|seen| **seen & TRAINED == 0).count();
    let mentioned = |seen: &[u8]| seen.iter().map(|seen| seen & MENTIONED != 0).collect();
    let mut untrained = Untrained {
        users: unknown(&of_users),
        items: unknown(&of_items),
        mentioned: [&of_users, &of_items].map(|seen| mentioned(seen)),
        ..Default::default()
    };
    let mut interactions = Interactions { users, items, train: Vec::new(), valid: Vec::new(), test: Vec::new() };
    for &(pair, split) in rows {
        let is_known = || of_users[pair.user as usize] & TRAINED != 0;
        match split {
            Split::Train => interactions.train.push(pair),
            Split::Valid if is_known() => interactions.valid.push(pair),
            Split::Test if is_known() => interactions.test.push(pair),
            Split::Valid => untrained.dropped_valid += 1,
            Split::Test => untrained.dropped_test += 1,
        }
    }
    if interactions.train.is_empty() {
        let problem = FileProblem::NoTraining { rows: rows.len() };
        return Err(DataError::File { path: path.clone(), problem });
    }
    Ok((interactions, untrained))
}

/// Finds the first row whose id is not below its bound, if the largest one is not.
fn check_ids(
    file: &Rows,
    kind: &'static str,
    id: fn(&Pair) -> u32,
    largest: u32,
    bound: Option<&Bound>,
) -> Result<(), DataError> {
    let count = bound.map_or(file.rows.len(), |bound| bound.count);
    if (largest as usize) < count {
        return Ok(());
    }
    match file.rows.iter().position(|(pair, _)| id(pair) as usize >= count) {
        None => Ok(()),
        Some(row) => {
            let bound = bound.cloned().unwrap_or(Bound { count, by: BoundBy::OwnRows });
            let problem = LineProblem::IdBeyond { kind, id: id(&file.rows[row].0), bound };
            Err(DataError::Line { path: file.input.path.clone(), line: line(row), problem })
        }
    }
}

/// Finds the first row that repeats an earlier one.
fn check_pairs(file: &Rows) -> Result<(), DataError> {
    let first = |first: &mut Option<(u32, u32)>, of_user: &[(u32, u32)]| {
        let same = of_user.windows(2).filter(|two| two[0].0 == two[1].0).map(|two| (two[0].1, two[1].1));
        *first = first.iter().copied().chain(same).min_by_key(|&(_, row)| row);
    };
    let repeat = each_user(&file.rows, |(pair, _)| pair.user, |(pair, _)| pair.item, first);
    let repeat = repeat.into_iter().flatten().min_by_key(|&(_, row)| row);
    match repeat {
        None => Ok(()),
        Some((first, row)) => {
            let Pair { user, item } = file.rows[row as usize].0;
            let problem = LineProblem::RepeatedPair { user, item, first_line: line(first as usize) };
            Err(DataError::Line { path: file.input.path.clone(), line: line(row as usize), problem })
        }
    }
}

/// Rows are counted from 0, lines from 1, and the header is one.
fn line(row: usize) -> u64 {
    row as u64 + 2
}
