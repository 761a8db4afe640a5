//! The items of users that a model does not know: a CSV or TSV with the columns `user` and `item`.

use crate::error::{RetrievalError, file_error, row_error};
use crate::ids::Ids;
use anchorrec_files::Excerpt;
use csv::ReaderBuilder;
use std::collections::HashMap;
use std::path::Path;

/// Users with their items, in the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Histories {
    /// The ids of the users.
    pub users: Vec<String>,
    /// The items of each, ascending, each once.
    pub items: Vec<Vec<u32>>,
    /// How many rows repeat one before them.
    pub repeats: usize,
}

/// Reads a file; `items` are those of the data set.
///
/// # Errors
/// When it has no such columns, no row, a row without a user or an item, or an item that is not known.
pub fn read(path: &Path, items: &Ids) -> Result<Histories, RetrievalError> {
    let text = std::fs::read_to_string(path).map_err(file_error(path, "read"))?;
    let delimiter = if text.lines().next().is_some_and(|line| line.contains('\t')) { b'\t' } else { b',' };
    let wrong = |error: csv::Error| row_error(path, &error);
    let mut table = ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let header = table.headers().map_err(wrong)?.clone();
    let find = |names: [&str; 2]| header.iter().position(|column| names.contains(&column.to_lowercase().as_str()));
    let (Some(user), Some(item)) = (find(["user", "user_id"]), find(["item", "item_id"])) else {
        return Err(RetrievalError::Table {
            path: path.to_owned(),
            expected: "a header with the columns `user` and `item`".to_owned(),
            found: Excerpt::of(&header.iter().collect::<Vec<_>>().join(", ")).to_string(),
        });
    };
    let mut rows: Vec<(String, String)> = Vec::new();
    for row in table.records() {
        let row = row.map_err(wrong)?;
        for (what, field) in [("a user id", &row[user]), ("an item id", &row[item])] {
            if field.is_empty() {
                return Err(RetrievalError::Row {
                    path: path.to_owned(),
                    line: row.position().map_or(1, csv::Position::line),
                    expected: what.to_owned(),
                    found: "nothing".to_owned(),
                });
            }
        }
        rows.push((row[user].to_owned(), row[item].to_owned()));
    }
    if rows.is_empty() {
        let (expected, found) = ("rows of a user and an item".to_owned(), "none".to_owned());
        return Err(RetrievalError::Table { path: path.to_owned(), expected, found });
    }
    let numbers = items.find_all(&path.display().to_string(), rows.iter().map(|row| row.1.as_str()))?;
    let mut histories = Histories { users: Vec::new(), items: Vec::new(), repeats: 0 };
    let mut places: HashMap<&str, usize> = HashMap::new();
    for ((user, _), number) in rows.iter().zip(numbers) {
        let place = *places.entry(user).or_insert_with(|| {
            histories.users.push(user.clone());
            histories.items.push(Vec::new());
            histories.users.len() - 1
        });
        histories.items[place].push(number);
    }
    for items in &mut histories.items {
        let all = items.len();
        items.sort_unstable();
        items.dedup();
        histories.repeats += all - items.len();
    }
    Ok(histories)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_user_are_one_history() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new.csv");
        let items = Ids::new("item", ["pot", "pan", "cup"].map(str::to_owned).into_iter());
        std::fs::write(&path, "item,user\ncup,Bo\npot,Al\npot,Bo\ncup,Bo\n").unwrap();
        let found = read(&path, &items).unwrap();
        let users = ["Bo", "Al"].map(str::to_owned).to_vec();
        assert_eq!(found, Histories { users, items: vec![vec![0, 2], vec![0]], repeats: 1 });
        for (text, message) in [
            ("user,item\nAl,jug\n", "1 of 1 item ids are not known to the data set: jug"),
            ("user,thing\nAl,pot\n", "expected a header with the columns `user` and `item`"),
            ("user,item\n", "expected rows of a user and an item, found none"),
            ("user,item\nAl,pot\n,pan\n", "new.csv:3: expected a user id, found nothing"),
            ("user,item\nAl,\n", "new.csv:2: expected an item id, found nothing"),
            ("user,item\nAl\n", "new.csv:2: expected as many fields as in the header, 2, found 1"),
            ("user,item\n\"Al,pot\n", "new.csv:2: expected as many fields as in the header, 2, found 1"),
        ] {
            std::fs::write(&path, text).unwrap();
            let refused = read(&path, &items).unwrap_err().to_string();
            assert!(refused.contains(message), "{refused}");
        }
    }
}
