//! From rows to lists.

use super::row::Row;
use crate::error::RetrievalError;
use std::path::Path;

/// Users ascending, their items best first, and how many items have the rank and score of the one before them.
type Ordered = (Vec<u32>, Vec<Vec<u32>>, usize);

/// Groups rows by user and orders each group.
pub(super) fn lists(path: &Path, rows: &[Row], users: &[u32], items: &[u32]) -> Result<Ordered, RetrievalError> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let key = |n: usize| (rows[n].rank.unwrap_or(0.0), -rows[n].score.unwrap_or(0.0));
    order.sort_by(|&a, &b| {
        let ((rank_a, score_a), (rank_b, score_b)) = (key(a), key(b));
        let by_number = rank_a.total_cmp(&rank_b).then(score_a.total_cmp(&score_b));
        users[a].cmp(&users[b]).then(by_number).then(items[a].cmp(&items[b]))
    });
    let (mut of_users, mut lists, mut tied) = (Vec::new(), Vec::new(), 0);
    for group in order.chunk_by(|&a, &b| users[a] == users[b]) {
        for pair in group.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            if key(a) == key(b) {
                if rows[a].rank.is_some() && rows[a].score.is_none() {
                    let expected = format!("a rank once for the user {:?}", rows[b].user);
                    return Err(row(path, &rows[b], expected, "it a second time".to_owned()));
                }
                tied += 1;
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
        of_users.push(users[group[0]]);
        lists.push(list);
    }
    Ok((of_users, lists, tied))
}

fn row(path: &Path, row: &Row, expected: String, found: String) -> RetrievalError {
    RetrievalError::Row { path: path.to_owned(), line: row.line, expected, found }
}
