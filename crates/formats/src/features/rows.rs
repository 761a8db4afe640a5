//! Rows of a file of features as they are collected, and the rules that they keep.
//!
//! | a row | what happens |
//! |---|---|
//! | without a vector: null, or nothing in any of its columns | left out, said; its item counts as one without features |
//! | of another width than most | error: the first five and the count |
//! | with NaN, infinity or a null among its numbers | the same |
//! | of an item that has one, with the same numbers | left out, said |
//! | of an item that has one, with other numbers | error: the first five and the count |
//! | with an id that is empty or cannot be written back | the same |

use super::content::FeatureTable;
use super::faults::{Faults, at};
use super::said::counted;
use crate::error::{FormatError, Place, file_error};
use crate::source::check_id;
use crate::{Kind, Note};
use anchorrec_files::Excerpt;
use anchorrec_files::few::SHOWN;
use ndarray::Array2;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The contents of a row.
#[derive(Clone, Copy, Debug)]
pub(super) enum Vector<'a> {
    /// Numbers; a null among them is NaN.
    Numbers(&'a [f32]),
    /// None, because it is this: `null`, `empty`.
    Absent(&'static str),
}

/// Rows in the order in which a reader finds them.
#[derive(Debug)]
pub(super) struct Rows {
    path: PathBuf,
    /// Whether rows are lines of text.
    lines: bool,
    /// The container of a vector: `the column "emb"`.
    held: String,
    ids: Vec<String>,
    /// Where each row is.
    places: Vec<u64>,
    numbers: Vec<f32>,
    /// Where each row's numbers end.
    ends: Vec<usize>,
    absent: usize,
    first_absent: Vec<String>,
    /// Rows whose id is none.
    ids_wrong: Faults,
    ids_expected: String,
    /// Rows with a number that is not finite.
    not_finite: Faults,
    pub(super) notes: Vec<Note>,
    /// What else can be asked for, where these are no vectors.
    pub(super) way: Option<String>,
    /// The first field of a header that could be a row.
    pub(super) header: Option<String>,
}

impl Rows {
    /// Starts without rows; `held` names the container of the vectors.
    pub(super) fn new(path: &Path, lines: bool, held: String) -> Self {
        Rows {
            path: path.to_owned(),
            lines,
            held,
            ids: Vec::new(),
            places: Vec::new(),
            numbers: Vec::new(),
            ends: Vec::new(),
            absent: 0,
            first_absent: Vec::new(),
            ids_wrong: Faults::default(),
            ids_expected: String::new(),
            not_finite: Faults::default(),
            notes: Vec::new(),
            way: None,
            header: None,
        }
    }

    fn place(&self, number: u64) -> Place {
        if self.lines { Place::Line(number) } else { Place::Row(number) }
    }

    /// Takes a row in; `names` are those of its numbers, where they are in columns of their own.
    pub(super) fn push(&mut self, number: u64, id: Option<&str>, vector: Vector, names: Option<&[String]>) {
        let place = self.place(number);
        let id = id.unwrap_or("");
        if let Err((expected, found)) = check_id("an item", id) {
            if self.ids_expected.is_empty() {
                self.ids_expected = expected;
            }
            return self.ids_wrong.add(place, || found);
        }
        let numbers = match vector {
            Vector::Numbers(numbers) => numbers,
            Vector::Absent(why) => {
                if self.absent < SHOWN {
                    self.first_absent.push(format!("{}: no vector ({why}) for item {}", at(place), Excerpt::of(id)));
                }
                self.absent += 1;
                return;
            }
        };
        if let Some(bad) = numbers.iter().position(|x| !x.is_finite()) {
            let held = &self.held;
            self.not_finite.add(place, || {
                let beyond = |x: f32| format!("{x} (or a number beyond 32-bit range)");
                let what = if numbers[bad].is_nan() { "NaN or null".to_owned() } else { beyond(numbers[bad]) };
                let column = names.and_then(|names| names.get(bad));
                let of = column.map_or(held.clone(), |name| format!("the column {}", Excerpt::of(name)));
                format!("{what} in place {bad} of {of} for item {}", Excerpt::of(id))
            });
        }
        self.ids.push(id.to_owned());
        self.places.push(number);
        self.numbers.extend_from_slice(numbers);
        self.ends.push(self.numbers.len());
    }

    /// Checks all rows together.
    ///
    /// # Errors
    /// When one of them breaks a rule of the [module](self), or there is none.
    pub(super) fn finish(mut self) -> Result<FeatureTable, FormatError> {
        let path = self.path.clone();
        let expected = std::mem::take(&mut self.ids_expected);
        std::mem::take(&mut self.ids_wrong).check(&path, &expected, "every row needs the id of its item")?;
        if self.ids.is_empty() {
            let found = match self.absent {
                0 => "no row".to_owned(),
                _ => format!(
                    "none in {} ({})",
                    anchorrec_files::counted(self.absent, "row", "rows"),
                    self.first_absent.join("; ")
                ),
            };
            return Err(file_error(&path, format!("vectors in {}", self.held), found));
        }
        let width = self.check_widths()?;
        std::mem::take(&mut self.not_finite).check(
            &path,
            "finite numbers within the range of single precision",
            "replace them, or leave those rows out",
        )?;
        self.merge(width)?;
        if self.absent > 0 {
            let words = ["row of {} has no vector and is left out", "rows of {} have no vector and are left out"];
            let note = counted(Kind::Dropped, "no-vector", &path, self.absent, words);
            self.notes.push(note.with(&self.first_absent));
        }
        let rows = Array2::from_shape_vec((self.ids.len(), width), self.numbers).expect("rows of one width");
        Ok(FeatureTable { path, ids: self.ids, rows, notes: self.notes, header: self.header })
    }

    fn numbers_of(&self, row: usize) -> &[f32] {
        &self.numbers[if row == 0 { 0 } else { self.ends[row - 1] }..self.ends[row]]
    }

    /// The width that most rows have.
    fn check_widths(&mut self) -> Result<usize, FormatError> {
        let mut counts: HashMap<usize, usize> = HashMap::new();
        (0..self.ids.len()).for_each(|row| *counts.entry(self.numbers_of(row).len()).or_default() += 1);
        // Of two that are as frequent the wider one: what was cut off is the likelier fault.
        let width = counts.iter().max_by_key(|(width, count)| (**count, **width)).map_or(0, |(width, _)| *width);
        let mut faults = Faults::default();
        for row in 0..self.ids.len() {
            let found = self.numbers_of(row).len();
            if found != width {
                faults
                    .add(self.place(self.places[row]), || format!("{found} for item {}", Excerpt::of(&self.ids[row])));
            }
        }
        let expected = format!("{width} numbers in {} as in most rows", self.held);
        let way = self.way.take().map_or(String::new(), |way| format!(" ({way})"));
        faults.check(&self.path, &expected, &format!("all vectors need one width{way}"))?;
        Ok(width)
    }

    /// Leaves out rows that say the same twice.
    fn merge(&mut self, width: usize) -> Result<(), FormatError> {
        let (mut first, mut again, mut faults) = (HashMap::new(), Vec::new(), Faults::default());
        for row in 0..self.ids.len() {
            let Some(&known) = first.get(self.ids[row].as_str()) else {
                first.insert(self.ids[row].as_str(), row);
                continue;
            };
            if self.numbers_of(known) == self.numbers_of(row) {
                again.push(row);
            } else {
                let known = at(self.place(self.places[known]));
                faults
                    .add(self.place(self.places[row]), || format!("{} of {known} again", Excerpt::of(&self.ids[row])));
            }
        }
        drop(first);
        faults.check(&self.path, "another item in each row", "an item has one vector; keep one row of each")?;
        if again.is_empty() {
            return Ok(());
        }
        let words = [
            "row of {} repeats the vector of an item that has it already",
            "rows of {} repeat the vector of an item that has it already",
        ];
        let names = again.iter().map(|&row| self.ids[row].clone());
        self.notes.push(counted(Kind::Merged, "repeated-vectors", &self.path, again.len(), words).with(names));
        let mut keep = vec![true; self.ids.len()];
        again.iter().for_each(|&row| keep[row] = false);
        let mut kept = 0;
        for row in (0..keep.len()).filter(|&row| keep[row]) {
            self.numbers.copy_within(row * width..(row + 1) * width, kept * width);
            self.ids.swap(kept, row);
            kept += 1;
        }
        self.numbers.truncate(kept * width);
        self.ids.truncate(kept);
        Ok(())
    }
}

/// Several tables as one; `held` names the container of their vectors.
pub(super) fn join(path: &Path, held: String, tables: Vec<FeatureTable>) -> Result<FeatureTable, FormatError> {
    let mut rows = Rows::new(path, false, held);
    let mut number = 0;
    for table in tables {
        rows.header = rows.header.or(table.header);
        for (id, row) in table.ids.iter().zip(table.rows.rows()) {
            rows.push(number, Some(id), Vector::Numbers(row.as_slice().expect("rows are contiguous")), None);
            number += 1;
        }
        for note in table.notes {
            if !rows.notes.contains(&note) {
                rows.notes.push(note);
            }
        }
    }
    rows.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(all: &[(&str, &[f32])]) -> Result<FeatureTable, String> {
        let mut rows = Rows::new(Path::new("a"), true, "the column \"emb\"".to_owned());
        for (n, (id, numbers)) in all.iter().enumerate() {
            rows.push(n as u64 + 2, Some(id), Vector::Numbers(numbers), None);
        }
        rows.finish().map_err(|error| error.to_string())
    }

    #[test]
    fn the_width_of_most_rows_is_the_one_that_is_meant() {
        let said = table(&[("a", &[1.0]), ("b", &[1.0, 2.0]), ("c", &[3.0, 4.0]), ("d", &[])]).unwrap_err();
        assert!(
            said.starts_with("a:2: expected 2 numbers in the column \"emb\" as in most rows, found 1 for item \"a\"")
        );
        assert!(said.contains("2 such rows (line 5: 0 for item \"d\")"), "{said}");
    }

    #[test]
    fn what_is_said_twice_alike_is_one_row() {
        let got = table(&[("a", &[1.0, 2.0]), ("a", &[1.0, 2.0]), ("b", &[3.0, 4.0]), ("c", &[5.0, 6.0])]).unwrap();
        assert_eq!(
            (got.ids, got.rows),
            (["a", "b", "c"].map(str::to_owned).to_vec(), ndarray::arr2(&[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
        );
        assert_eq!(got.notes[0].to_string(), "1 row of a repeats the vector of an item that has it already (a)");
        let said = table(&[("a", &[1.0]), ("a", &[2.0])]).unwrap_err();
        assert!(said.starts_with("a:3: expected another item in each row, found \"a\" of line 2 again"), "{said}");
    }

    #[test]
    fn numbers_that_are_none_are_named_with_their_place() {
        let said = table(&[("a", &[1.0, f32::NAN]), ("b", &[f32::INFINITY, 0.0])]).unwrap_err();
        assert!(said.contains("found NaN or null in place 1 of the column \"emb\" for item \"a\""), "{said}");
        assert!(said.contains("line 3: inf (or a number beyond 32-bit range) in place 0"), "{said}");
        assert!(table(&[]).unwrap_err().contains("no row"));
    }
}
