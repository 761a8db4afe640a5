//! Interactions in a table in memory, such as those of polars, pandas and pyarrow.
//!
//! A table is an implementation of [`Frame`]; its cells become rows as those of a Parquet file do: ids are texts or whole numbers, times are points in
//! time or any way of [`times`](crate::times), and what is not read is said.

use crate::columns;
use crate::error::{FormatError, file_error};
use crate::found::FoundFile;
use crate::layout::Layout;
use crate::numbers::{decimal, floating_ids};
use crate::read::settled;
use crate::reading::Reading;
use crate::source::{Row, Source, Written};
use crate::unread::{LOOKED, Unread};
use anchorrec_files::Excerpt;
use std::fmt::Write;
use std::path::Path;

/// Doubles hold every whole number below this one.
const EXACT_F64: f64 = 9_007_199_254_740_992.0;
/// Singles hold every whole number below this one.
const EXACT_F32: f64 = 16_777_216.0;

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Nothing.
    Null,
    /// A text.
    Text(&'a str),
    /// A whole number.
    Whole(i128),
    /// A decimal: a whole number of so many decimal places.
    Decimal(i128, u32),
    /// A number in single precision.
    Single(f32),
    /// A number in double precision.
    Double(f64),
    /// True or false.
    Truth(bool),
    /// A point in time: a number, and how many of them make a second.
    Moment(i64, i64),
    /// A day since 1970.
    Day(i64),
}

/// A table in memory.
pub trait Frame {
    /// Returns the names of its columns.
    fn header(&self) -> Vec<String>;

    /// Returns the number of its rows.
    fn rows(&self) -> usize;

    /// Returns what a column is made of, where its cells cannot be read: lists, bytes, times of day.
    fn unreadable(&self, column: usize) -> Option<String>;

    /// Returns whether a column is floating point.
    fn is_floating(&self, column: usize) -> bool;

    /// Returns a cell of a column that can be read.
    fn cell(&self, column: usize, row: usize) -> Cell<'_>;
}

/// Reads all rows of a table that is called `name` in messages.
///
/// # Errors
/// When it has no such columns or no row, or a column cannot be read. Rows that are wrong are in [`Source::problems`].
pub fn read(name: &str, frame: &dyn Frame, reading: &Reading) -> Result<Source, FormatError> {
    let path = Path::new(name);
    let header = frame.header();
    let names = columns::shown(&header).join(", ");
    let refused = |expected| file_error(path, expected, format!("the columns {}", Excerpt::of(&names)));
    let (places, chosen) = reading.places(&header).map_err(refused)?;
    let all: Vec<usize> = places.all().chain(chosen).collect();
    for &column in &all {
        if let Some(found) = frame.unreadable(column) {
            let expected =
                format!("the column {} to hold texts, numbers or points in time", Excerpt::of(&header[column]));
            return Err(file_error(path, expected, found));
        }
    }
    let mut source = Source::new(Layout::Frame, &reading.positives);
    source.order_is_time(reading.order_is_time);
    source.time_is_said(reading.columns.time.is_some());
    let file = FoundFile { path: path.to_owned(), layout: Layout::Frame, part: None, header: None, separator: None };
    source.begin(&file);
    source.columns(&header, &places, chosen);
    let unread = unread(frame, &header, &all);
    unread.notes(&places, reading, false).into_iter().for_each(|note| source.note(note));
    for place in [places.user, places.item] {
        if frame.is_floating(place) {
            source.note(floating_ids(&header[place]));
        }
    }
    let mut texts: [String; 7] = Default::default();
    for row in 0..frame.rows() {
        let [user, item, time, rating, part, label, value] = &mut texts;
        let id = |column: usize, text: &mut String| {
            id(frame.cell(column, row), text).map_err(|found| {
                let expected = format!(
                    "ids in the column {}: text, or whole numbers that floating point holds exactly (write them as text or as 64-bit whole \
                     numbers)",
                    Excerpt::of(&header[column])
                );
                file_error(path, expected, format!("{found} in row {row}"))
            })
        };
        id(places.user, user)?;
        id(places.item, item)?;
        let time = places.time.map(|column| moment(frame.cell(column, row), time));
        let rating = places.rating.map(|at| other(frame.cell(at, row), rating));
        let part = places.part.map(|at| other(frame.cell(at, row), part)).map(Option::unwrap_or_default);
        let label = places.label.map(|at| other(frame.cell(at, row), label)).map(Option::unwrap_or_default);
        let chosen = chosen.map(|at| other(frame.cell(at, row), value)).map(Option::unwrap_or_default);
        source.add(Row { number: row as u64, user, item, time, rating, part, label, chosen });
    }
    settled(source)
}

/// The first values of the columns that are not read.
fn unread(frame: &dyn Frame, header: &[String], read: &[usize]) -> Unread {
    let mut unread = Unread::new(header, read);
    for row in 0..frame.rows().min(LOOKED) {
        let shown: Vec<String> = (0..header.len())
            .map(|column| {
                let mut text = String::new();
                if frame.unreadable(column).is_none() {
                    other(frame.cell(column, row), &mut text);
                }
                text
            })
            .collect();
        unread.look(|place| shown[place].as_str());
    }
    unread
}

/// Writes an id; null is an empty one, and so is NaN, the gap in a column of numbers.
fn id(cell: Cell<'_>, text: &mut String) -> Result<(), String> {
    text.clear();
    let (number, exact) = match cell {
        Cell::Single(number) => (f64::from(number), EXACT_F32),
        Cell::Double(number) => (number, EXACT_F64),
        Cell::Truth(is) => return Err(is.to_string()),
        cell => {
            other(cell, text);
            return Ok(());
        }
    };
    if number.is_nan() {
        return Ok(());
    }
    if number.fract() != 0.0 || number.abs() >= exact {
        return Err(number.to_string());
    }
    write!(text, "{number}").expect("a string takes all");
    Ok(())
}

/// Writes anything but an id or a time; nothing for null.
fn other<'a>(cell: Cell<'_>, text: &'a mut String) -> Option<&'a str> {
    text.clear();
    match cell {
        Cell::Null => return None,
        Cell::Text(found) => text.push_str(found),
        Cell::Whole(number) => write!(text, "{number}").expect("a string takes all"),
        Cell::Decimal(number, places) => text.push_str(&decimal(number, places)),
        Cell::Single(number) => write!(text, "{number}").expect("a string takes all"),
        Cell::Double(number) => write!(text, "{number}").expect("a string takes all"),
        Cell::Truth(is) => text.push(if is { '1' } else { '0' }),
        Cell::Moment(number, _) | Cell::Day(number) => write!(text, "{number}").expect("a string takes all"),
    }
    Some(text)
}

/// Reads a time.
fn moment<'a>(cell: Cell<'_>, text: &'a mut String) -> Written<'a> {
    match cell {
        Cell::Moment(number, per_second) => {
            Written::Seconds(number.div_euclid(per_second), number.rem_euclid(per_second) as u32)
        }
        Cell::Day(day) => Written::Seconds(day.saturating_mul(86_400), 0),
        Cell::Single(number) if number.is_nan() => Written::Null,
        Cell::Double(number) if number.is_nan() => Written::Null,
        cell => other(cell, text).map_or(Written::Null, Written::Text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Columns of cells, one behind the other.
    struct Cells(Vec<(&'static str, Vec<Cell<'static>>)>);

    impl Frame for Cells {
        fn header(&self) -> Vec<String> {
            self.0.iter().map(|column| column.0.to_owned()).collect()
        }

        fn rows(&self) -> usize {
            self.0[0].1.len()
        }

        fn unreadable(&self, column: usize) -> Option<String> {
            (self.0[column].0 == "item_lists").then(|| "List(Int64)".to_owned())
        }

        fn is_floating(&self, column: usize) -> bool {
            self.0[column].1.iter().any(|cell| matches!(cell, Cell::Double(_)))
        }

        fn cell(&self, column: usize, row: usize) -> Cell<'_> {
            self.0[column].1[row]
        }
    }

    fn read_cells(columns: &[(&'static str, &[Cell<'static>])]) -> Result<Source, FormatError> {
        let columns = columns.iter().map(|(name, cells)| (*name, cells.to_vec())).collect();
        read("interactions", &Cells(columns), &Reading::default())
    }

    #[test]
    fn rows_are_those_of_a_file_with_the_same_cells() {
        let source = read_cells(&[
            ("user_id", &[Cell::Text("Al"), Cell::Text("Bo"), Cell::Null]),
            ("item_id", &[Cell::Double(31.0), Cell::Double(7.0), Cell::Double(1.0)]),
            ("timestamp", &[Cell::Moment(1_600_000_000_999, 1000), Cell::Day(1), Cell::Null]),
            ("colour", &[Cell::Whole(1), Cell::Truth(true), Cell::Null]),
            ("__index_level_0__", &[Cell::Whole(4), Cell::Whole(7), Cell::Whole(9)]),
        ])
        .unwrap();
        let events = &source.events;
        let row = |at: usize| {
            let row = events.rows[at];
            (events.users.name(row.user), events.items.name(row.item), row.time.unwrap().seconds())
        };
        assert_eq!([row(0), row(1)], [("Al", "31", 1_600_000_000), ("Bo", "7", 86_400)]);
        assert_eq!((events.rows.len(), source.wrong), (2, 1));
        assert_eq!(source.at(1), "interactions: row 1");
        assert!(source.problems[0].to_string().starts_with("interactions: row 2: expected a user id"));
        let notes: Vec<String> = source.notes().iter().map(ToString::to_string).collect();
        assert!(notes.iter().any(|note| note.contains("column is not read (colour)")), "{notes:?}");
        assert!(notes.iter().any(|note| note.contains("column of ids is floating point")), "{notes:?}");
    }

    #[test]
    fn what_cannot_be_an_id_or_a_table_is_an_error() {
        let user: (&'static str, &[Cell]) = ("user", &[Cell::Text("Al")]);
        for (item, message) in [
            (("item", &[Cell::Double(1.5)][..]), "found 1.5 in row 0"),
            (("item", &[Cell::Single(16_777_216.0)][..]), "found 16777216 in row 0"),
            (("item", &[Cell::Truth(true)][..]), "found true in row 0"),
            (("thing", &[Cell::Text("pot")][..]), "interactions: expected a column of items"),
            (("item_lists", &[Cell::Null][..]), "interactions: expected a column of items"),
        ] {
            let refused = read_cells(&[user, item]).unwrap_err().to_string();
            assert!(refused.contains(message), "{refused}");
        }
        let empty = read_cells(&[("user", &[]), ("item", &[])]).unwrap_err().to_string();
        assert!(empty.contains("interactions: expected rows"), "{empty}");
    }
}
