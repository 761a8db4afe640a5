//! Reads recommendation lists of any tool, to evaluate them.
//!
//! | file | what is read |
//! |---|---|
//! | `.csv`, `.tsv` | a header with `user`, `item`, and `rank` or `score` (also `user_id`, `item_id`, `prediction`, ...) |
//! | `.run`, `.trec`, `.txt` | `user Q0 item rank score tag`; the score decides, equal scores by rank |
//! | `.parquet` | the columns of the CSV |
//!
//! Ids are taken as they are: `1.0` is not `1`, and spaces belong to them. A column that none of these names is not read.
//!
//! A rank decides where there is one; else the higher score comes first, and equal scores go to the lower item number, as in every list of this
//! product. What a file leaves open, or says in two ways, is counted in the notes.

mod columns;
mod order;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(not(feature = "parquet"))]
#[path = "judged/absent.rs"]
mod parquet;
mod row;
mod text;

use crate::error::RetrievalError;
use crate::ids::Ids;
use anchorrec_data::Dataset;
use anchorrec_data::note::{Kind, Note, either};
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
        let (rows, mut said) = match ending.as_str() {
            "run" | "trec" | "txt" => (text::trec(path)?, Vec::new()),
            "parquet" => parquet::table(path)?,
            _ => (text::table(path)?, Vec::new()),
        };
        let place = path.display().to_string();
        let users = Ids::of_users(dataset).find_all(&place, rows.iter().map(|row| row.user.as_str()))?;
        let items = Ids::of_items(dataset).find_all(&place, rows.iter().map(|row| row.item.as_str()))?;
        let ordered = order::lists(path, &rows, &users, &items)?;
        said.extend(notes(&ordered, rows.first().is_some_and(|row| row.score.is_some())));
        Ok(Lists { notes: said, users: ordered.users, items: ordered.lists })
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
        true => (
            "item has a better rank than the one before it in its list and a lower score: the score decides, as in trec_eval",
            "items have a better rank than the one before them in their list and a lower score: the score decides, as in trec_eval",
        ),
        false => (
            "item has a higher score than the one before it in its list: the rank decides",
            "items have a higher score than the one before them in their list: the rank decides",
        ),
    };
    let tied = (
        "item has the score of the one before it in its list: the lower item number comes first",
        "items have the score of the one before them in their list: the lower item number comes first",
    );
    let by_rank = (
        "item has the score of the one before it in its list: the rank decides here; trec_eval takes the greater id first, whatever the ranks",
        "items have the score of the one before them in their list: the rank decides here; trec_eval takes the greater id first, whatever the ranks",
    );
    [
        (ordered.tied, "equal-scores", tied),
        (ordered.by_rank, "equal-scores-by-rank", by_rank),
        (ordered.against, "rank-against-score", against),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
    .map(|(count, code, (one, many))| Note::new(Kind::Guessed, code, count, either(count, one, many)))
    .collect()
}
