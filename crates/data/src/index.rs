//! From the rows of a file to [`Interactions`]: the rules that need all rows.
//!
//! Ids are limited by what else is known (features, mappings), else by the number of rows: ids are numbered from 0
//! without gaps, so a larger one is a mistake, and nothing is ever allocated by an id that was not compared first.

use crate::{
    DataError, Interactions, Pair, Split,
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
    check_pairs(file, users)?;

    let (mut user_known, mut item_known) = (vec![false; users], vec![false; items]);
    let mut mentioned = [user_known.clone(), item_known.clone()];
    for (pair, split) in rows {
        mentioned[0][pair.user as usize] = true;
        mentioned[1][pair.item as usize] = true;
        user_known[pair.user as usize] |= *split == Split::Train;
        item_known[pair.item as usize] |= *split == Split::Train;
    }
    let unknown = |known: &[bool]| known.iter().filter(|known| !**known).count();
    let mut untrained =
        Untrained { users: unknown(&user_known), items: unknown(&item_known), mentioned, ..Default::default() };
    let mut interactions = Interactions { users, items, train: Vec::new(), valid: Vec::new(), test: Vec::new() };
    for &(pair, split) in rows {
        match (split, user_known[pair.user as usize]) {
            (Split::Train, _) => interactions.train.push(pair),
            (Split::Valid, true) => interactions.valid.push(pair),
            (Split::Test, true) => interactions.test.push(pair),
            (Split::Valid, false) => untrained.dropped_valid += 1,
            (Split::Test, false) => untrained.dropped_test += 1,
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

/// Finds the first row that repeats an earlier one; users are below `users`.
fn check_pairs(file: &Rows, users: usize) -> Result<(), DataError> {
    // Rows user by user, then each user's by item: most users have a few, so that this is faster than a sort of all rows.
    let mut next = vec![0u32; users + 1];
    for (pair, _) in &file.rows {
        next[pair.user as usize + 1] += 1;
    }
    for user in 0..users {
        next[user + 1] += next[user];
    }
    let mut items = vec![(0u32, 0u32); file.rows.len()];
    for (row, (pair, _)) in file.rows.iter().enumerate() {
        let place = &mut next[pair.user as usize];
        items[*place as usize] = (pair.item, row as u32);
        *place += 1;
    }
    let (mut rest, mut start) = (&mut items[..], 0);
    let mut repeat: Option<(u32, u32)> = None;
    for &end in &next[..users] {
        let (of_user, later) = std::mem::take(&mut rest).split_at_mut((end - start) as usize);
        of_user.sort_unstable();
        for two in of_user.windows(2).filter(|two| two[0].0 == two[1].0) {
            let (first, row) = (two[0].1, two[1].1);
            repeat = repeat.filter(|(_, before)| *before < row).or(Some((first, row)));
        }
        (rest, start) = (later, end);
    }
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
