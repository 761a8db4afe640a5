//! `items_text.jsonl`: what a text encoder reads of each item.
//!
//! One JSON object per line with `itemID` and `text`, every item from 0 exactly once, in any order; other keys are ignored.

use crate::{
    DataError,
    error::{Bound, BoundBy, FileProblem, LineProblem},
    lines::{Lines, parse_object},
};
use serde::Deserialize;
use std::path::Path;

#[derive(Deserialize)]
struct ItemText {
    #[serde(rename = "itemID")]
    id: u32,
    text: String,
}

/// Reads the texts, by item.
///
/// # Errors
/// With the first line that is not such an object, that names an item twice, or an item beyond the number of lines; when there are no lines.
pub fn item_texts(path: &Path) -> Result<Vec<String>, DataError> {
    let mut lines = Lines::open(path)?;
    let mut rows: Vec<ItemText> = Vec::new();
    while let Some((line, text)) = lines.next()? {
        let row = parse_object(text).map_err(|found| lines.error(line, LineProblem::NotAText { found }))?;
        rows.push(row);
    }
    if rows.is_empty() {
        return Err(DataError::File { path: path.to_owned(), problem: FileProblem::NoTexts });
    }
    let count = rows.len();
    let mut line_of = vec![None; count];
    for (row, &ItemText { id, .. }) in rows.iter().enumerate() {
        let line = row as u64 + 1;
        let problem = match line_of.get_mut(id as usize) {
            None => LineProblem::IdBeyond { kind: "item", id, bound: Bound { count, by: BoundBy::OwnRows } },
            Some(Some(first_line)) => LineProblem::RepeatedId { column: "itemID", id, first_line: *first_line },
            Some(unseen) => {
                *unseen = Some(line);
                continue;
            }
        };
        return Err(lines.error(line, problem));
    }
    // As many lines as ids, none twice and none beyond: all are there.
    rows.sort_by_key(|row| row.id);
    Ok(rows.into_iter().map(|row| row.text).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Vec<String>, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.jsonl");
        std::fs::write(&path, text).unwrap();
        let shown = format!("{}/", dir.path().display());
        item_texts(&path).map_err(|error| error.to_string().replace(&shown, ""))
    }

    #[test]
    fn texts_come_by_item() {
        let texts = of("{\"itemID\": 1, \"text\": \"b\\u00e9\", \"more\": 1}\r\n{\"itemID\":0,\"text\":\"\"}").unwrap();
        assert_eq!(texts, ["", "bé"]);
    }

    #[test]
    fn what_is_no_text_for_each_item_is_an_error_with_its_line() {
        let like = "expected a JSON object like {\"itemID\": 0, \"text\": \"...\"}, found";
        let first = "{\"itemID\": 0, \"text\": \"a\"}\n";
        let table = [
            (String::new(), "t.jsonl: expected a line for each item, found none: was it copied completely?".to_owned()),
            (format!("{first}[1, \"a\"]"), format!("t.jsonl:2: {like}: \"[1, \\\"a\\\"]\"")),
            (format!("{first}{{\"itemID\": 1}}"), format!("t.jsonl:2: {like}: missing field `text` (column 13)")),
            (
                format!("{first}{first}"),
                "t.jsonl:2: itemID 0 is already on line 1: keep one of the two lines".to_owned(),
            ),
            (
                format!("{first}{{\"itemID\": 2, \"text\": \"c\"}}"),
                "t.jsonl:2: item id 2 but the file has 2 data rows: expected ids from 0 without gaps, so at most 1"
                    .to_owned(),
            ),
        ];
        for (text, want) in table {
            assert_eq!(of(&text).unwrap_err(), want, "{text}");
        }
    }
}
