//! Texts of items: a column of them instead of vectors, for the text encoder.

use super::faults::{Faults, at};
use super::said::counted;
use crate::error::{FormatError, Place, file_error};
use crate::source::check_id;
use crate::{Kind, Note};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The texts of a column, with an item id for each.
#[derive(Clone, Debug)]
pub struct TextTable {
    /// The file.
    pub path: PathBuf,
    /// The column.
    pub column: String,
    /// An item id for each text.
    pub ids: Vec<String>,
    /// The texts, none empty.
    pub texts: Vec<String>,
    /// What was ignored, guessed, merged or dropped.
    pub notes: Vec<Note>,
}

/// Texts in the order in which a reader finds them.
#[derive(Debug)]
pub(super) struct Texts {
    lines: bool,
    table: TextTable,
    /// The place of each item's text.
    first: HashMap<String, usize>,
    places: Vec<u64>,
    expected: String,
    ids_wrong: Faults,
    others: Faults,
    empty: Vec<String>,
    again: Vec<String>,
}

impl Texts {
    /// Starts without texts; `lines` says whether rows are lines of text.
    pub(super) fn new(path: &Path, lines: bool, column: &str) -> Self {
        Texts {
            lines,
            table: TextTable {
                path: path.to_owned(),
                column: column.to_owned(),
                ids: Vec::new(),
                texts: Vec::new(),
                notes: Vec::new(),
            },
            first: HashMap::new(),
            places: Vec::new(),
            expected: String::new(),
            ids_wrong: Faults::default(),
            others: Faults::default(),
            empty: Vec::new(),
            again: Vec::new(),
        }
    }

    /// Takes a text in.
    pub(super) fn push(&mut self, number: u64, id: Option<&str>, text: Option<&str>) {
        let place = |number| if self.lines { Place::Line(number) } else { Place::Row(number) };
        let id = id.unwrap_or("");
        if let Err((expected, found)) = check_id("an item", id) {
            self.expected = expected;
            return self.ids_wrong.add(place(number), || found);
        }
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return self.empty.push(id.to_owned()) };
        match self.first.get(id) {
            Some(&known) if self.table.texts[known] == text => self.again.push(id.to_owned()),
            Some(&known) => {
                let known = at(place(self.places[known]));
                self.others.add(place(number), || format!("{id:?} of {known} again"));
            }
            None => {
                self.first.insert(id.to_owned(), self.table.ids.len());
                self.places.push(number);
                self.table.ids.push(id.to_owned());
                self.table.texts.push(text.to_owned());
            }
        }
    }

    /// Checks all together.
    pub(super) fn finish(self, notes: Vec<Note>) -> Result<TextTable, FormatError> {
        let Texts { mut table, expected, ids_wrong, others, empty, again, .. } = self;
        let path = table.path.clone();
        ids_wrong.check(&path, &expected, "every row needs the id of its item")?;
        others.check(&path, "another item in each row", "an item has one text; keep one row of each")?;
        if table.ids.is_empty() {
            let found = format!("none in {}", anchorrec_files::counted(empty.len(), "row", "rows"));
            return Err(file_error(&path, format!("texts in the column {:?}", table.column), found));
        }
        table.notes = notes;
        let without = ["row of {} has no text and is left out", "rows of {} have no text and are left out"];
        let repeated = [
            "row of {} repeats the text of an item that has it already",
            "rows of {} repeat the text of an item that has it already",
        ];
        for (kind, code, items, words) in
            [(Kind::Dropped, "no-text", &empty, without), (Kind::Merged, "repeated-texts", &again, repeated)]
        {
            if !items.is_empty() {
                table.notes.push(counted(kind, code, &path, items.len(), words).with(items));
            }
        }
        Ok(table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_has_one_text() {
        let of = |rows: &[(&str, Option<&str>)]| {
            let mut texts = Texts::new(Path::new("a"), true, "title");
            rows.iter().zip(2..).for_each(|((id, text), line)| texts.push(line, Some(id), *text));
            texts.finish(Vec::new()).map_err(|error| error.to_string())
        };
        let got = of(&[("a", Some("x")), ("b", None), ("c", Some(" ")), ("a", Some("x")), ("d", Some("y"))]).unwrap();
        assert_eq!((got.ids.join(","), got.texts.join(",")), ("a,d".to_owned(), "x,y".to_owned()));
        let notes: Vec<String> = got.notes.iter().map(ToString::to_string).collect();
        assert_eq!(notes[0], "2 rows of a have no text and are left out (b, c)");
        assert!(notes[1].starts_with("1 row of a repeats"), "{notes:?}");
        assert!(of(&[("a", Some("x")), ("a", Some("y"))]).unwrap_err().contains("a:3: expected another item"));
        assert!(of(&[("a", None)]).unwrap_err().contains("none in 1 row"));
    }
}
