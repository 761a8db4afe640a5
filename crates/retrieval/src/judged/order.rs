//! From rows to lists.

use super::row::Row;
use crate::error::RetrievalError;
use std::path::Path;

/// Rows as lists, and what the file left open or said in two ways.
#[derive(Default)]
pub(super) struct Ordered {
    /// Users, ascending.
    pub users: Vec<u32>,
    /// The items of each user, best first.
    pub lists: Vec<Vec<u32>>,
    /// Items with the rank and score of the one before them.
    pub tied: usize,
    /// Items with the score of the one before them, which come by their ranks.
    pub by_rank: usize,
    /// Items that come after one and are better by what decides nothing.
    pub against: usize,
}

/// Groups rows by user and orders each group.
pub(super) fn lists(path: &Path, rows: &[Row], users: &[u32], items: &[u32]) -> Result<Ordered, RetrievalError> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let key = |n: usize| (rows[n].rank.unwrap_or(0.0), -rows[n].score.unwrap_or(0.0));
    order.sort_by(|&a, &b| {
        let ((rank_a, score_a), (rank_b, score_b)) = (key(a), key(b));
        let by_number = rank_a.total_cmp(&rank_b).then(score_a.total_cmp(&score_b));
        users[a].cmp(&users[b]).then(by_number).then(items[a].cmp(&items[b]))
    });
    let mut ordered = Ordered::default();
    for group in order.chunk_by(|&a, &b| users[a] == users[b]) {
        for pair in group.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            let is_tied_first = rows[a].rank.is_some() && rows[a].score.is_some() && rows[a].rank == rows[b].rank;
            ordered.by_rank += usize::from(is_tied_first && key(a) != key(b));
            let better = rows[a].beside.zip(rows[b].beside).is_some_and(|(a, b)| b > a);
            ordered.against += usize::from(better);
            if key(a) == key(b) {
                if rows[a].rank.is_some() && rows[a].score.is_none() {
                    let expected = format!("a rank once for the user {:?}", rows[b].user);
                    return Err(row(path, &rows[b], expected, "it a second time".to_owned()));
                }
                ordered.tied += 1;
            }
        }
        let list: Vec<u32> = group.iter().map(|&n| items[n]).collect();
        let mut places: Vec<usize> = group.to_vec();
        places.sort_by_key(|&n| (items[n], rows[n].line));
        if let Some(pair) = places.windows(2).find(|pair| items[pair[0]] == items[pair[1]]) {
            let twice = &rows[pair[1]];
            let expected = format!("each item once for the user {:?}", twice.user);
            return Err(row(path, twice, expected, format!("{:?} a second time", twice.item)));
        }
        ordered.users.push(users[group[0]]);
        ordered.lists.push(list);
    }
    Ok(ordered)
}

fn row(path: &Path, row: &Row, expected: String, found: String) -> RetrievalError {
    RetrievalError::Row { path: path.to_owned(), line: row.line, expected, found }
}
