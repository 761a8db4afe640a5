//! Reads recommendation lists of any tool, to evaluate them.
//!
//! | file | what is read |
//! |---|---|
//! | `.csv`, `.tsv` | a header with `user`, `item`, and `rank` or `score` (also `user_id`, `item_id`, `prediction`, ...) |
//! | `.run`, `.trec`, `.txt` | `user Q0 item rank score tag`; the score decides, equal scores by rank |
//! | `.parquet` | the columns of the CSV |
//!
//! A rank decides where there is one; else the higher score comes first, and equal scores go to the lower item number, as in every list of this
//! product. What a file leaves open, or says in two ways, is counted in the notes.

mod order;
mod row;
mod text;

use crate::error::RetrievalError;
use crate::ids::Ids;
use anchorrec_data::Dataset;
use anchorrec_data::note::{Kind, Note};
use row::Row;
use std::path::Path;

/// Recommendation lists of several users.
#[derive(Clone, Debug, PartialEq)]
pub struct Lists {
    /// The users, ascending.
    pub users: Vec<u32>,
    /// The items of each, best first.
    pub items: Vec<Vec<u32>>,
    /// Notes on what was ignored or changed while reading.
    pub notes: Vec<Note>,
}

impl Lists {
    /// Reads a file by its ending.
    ///
    /// # Errors
    /// When a row cannot be read, an id is not known, or a user has an item or a rank twice.
    pub fn read(path: &Path, dataset: &Dataset) -> Result<Self, RetrievalError> {
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        let rows = match ending.as_str() {
            "run" | "trec" | "txt" => text::trec(path)?,
            "parquet" => parquet(path)?,
            _ => text::table(path)?,
        };
        let place = path.display().to_string();
        let users = Ids::of_users(dataset).find_all(&place, rows.iter().map(|row| row.user.as_str()))?;
        let items = Ids::of_items(dataset).find_all(&place, rows.iter().map(|row| row.item.as_str()))?;
        let ordered = order::lists(path, &rows, &users, &items)?;
        Ok(Lists {
            notes: notes(&ordered, rows.first().is_some_and(|row| row.score.is_some())),
            users: ordered.users,
            items: ordered.lists,
        })
    }

    /// Returns the list of a user, best first; empty where there is none.
    pub fn of(&self, user: u32) -> &[u32] {
        self.users.binary_search(&user).map_or(&[], |place| &self.items[place])
    }

    /// Removes the lists of some users and returns these users.
    pub fn take_out(&mut self, is_out: impl Fn(u32) -> bool) -> Vec<u32> {
        let (out, users): (Vec<u32>, Vec<u32>) = self.users.iter().partition(|&&user| is_out(user));
        let mut all = self.users.iter();
        self.items.retain(|_| all.next().is_some_and(|&user| !is_out(user)));
        self.users = users;
        out
    }

    /// Returns the length of the longest list.
    pub fn longest(&self) -> usize {
        self.items.iter().map(Vec::len).max().unwrap_or(0)
    }
}

/// What was concluded where a file leaves the order open, or says it in two ways.
fn notes(ordered: &order::Ordered, by_score: bool) -> Vec<Note> {
    let against = match by_score {
        true => {
            "items have a better rank than the one before them in their list and a lower score: the score decides, as in trec_eval"
        }
        false => "items have a higher score than the one before them in their list: the rank decides",
    };
    [
        (
            ordered.tied,
            "equal-scores",
            "items have the score of the one before them in their list: the lower item number comes first",
        ),
        (
            ordered.by_rank,
            "equal-scores-by-rank",
            "items have the score of the one before them in their list: the rank decides here; trec_eval takes the greater id first, whatever the ranks",
        ),
        (ordered.against, "rank-against-score", against),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
    .map(|(count, code, text)| Note::new(Kind::Guessed, code, count, text))
    .collect()
}

/// Reads a Parquet file: a rank decides, else a score, both compared as 32-bit numbers.
#[cfg(feature = "parquet")]
fn parquet(path: &Path) -> Result<Vec<Row>, RetrievalError> {
    use anchorrec_formats::{ColumnNames, Positives, Reading, detect::detect, read::read};
    let named = |rating: &str| Reading {
        columns: ColumnNames { rating: Some(rating.to_owned()), ..ColumnNames::default() },
        positives: Positives { all: true, ..Positives::default() },
        ..Reading::default()
    };
    let try_as = |rating: &str| {
        let reading = named(rating);
        let found = detect(path.parent().unwrap_or(Path::new(".")), Some(path), &reading)?;
        read(&found, &reading)
    };
    let (source, by_rank) = match try_as("rank") {
        Ok((source, _)) => (source, true),
        Err(_) => (try_as("score")?.0, false),
    };
    if let Some(problem) = source.problems.into_iter().next() {
        return Err(problem.into());
    }
    let mut rows = Vec::new();
    for (event, line) in source.events.rows.iter().zip(1..) {
        let Some(number) = event.rating.map(f64::from) else {
            let (expected, found) = ("a rank or a score in every row".to_owned(), "a row without".to_owned());
            return Err(RetrievalError::Row { path: path.to_owned(), line, expected, found });
        };
        rows.push(Row {
            line,
            user: source.events.users.name(event.user).to_owned(),
            item: source.events.items.name(event.item).to_owned(),
            rank: by_rank.then_some(number),
            score: (!by_rank).then_some(number),
            beside: None,
        });
    }
    Ok(rows)
}

#[cfg(not(feature = "parquet"))]
fn parquet(path: &Path) -> Result<Vec<Row>, RetrievalError> {
    let expected = "a file of text: this program was built without Parquet (--features parquet)".to_owned();
    Err(RetrievalError::Table { path: path.to_owned(), expected, found: "Parquet".to_owned() })
}
