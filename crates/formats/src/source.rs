//! Rows as they are collected: names interned, places kept, wrong rows set aside.

use crate::error::{FormatError, Place, row_error};
use crate::events::{Event, Events, Time};
use crate::layout::Layout;
use crate::times;
use anchorrec_files::Excerpt;
use anchorrec_files::grouped;
use std::path::{Path, PathBuf};

/// Wrong rows that are kept to be shown; all are counted.
pub const SHOWN: usize = 20;
/// Bytes of the longest id.
const LONGEST_ID: usize = 1000;

/// All rows of a file of interactions.
#[derive(Debug)]
pub struct Source {
    /// The file.
    pub path: PathBuf,
    /// Its layout.
    pub layout: Layout,
    /// The rows that are right.
    pub events: Events,
    /// Where each of them stands: a line of a text file, a row of a Parquet file.
    pub places: Vec<u64>,
    /// The rows that are wrong, the first [`SHOWN`].
    pub problems: Vec<FormatError>,
    /// How many rows are wrong.
    pub wrong: usize,
    /// Whether rows have times.
    pub timed: bool,
    times: times::Column,
    odd: Odd,
}

/// A row as it stands in a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    /// Its line or number.
    pub(crate) number: u64,
    pub(crate) user: &'a str,
    pub(crate) item: &'a str,
    /// `None` where the file has no times.
    pub(crate) time: Option<Written<'a>>,
    /// `None` where the file has no ratings; nothing inside where this row has none.
    pub(crate) rating: Option<Option<&'a str>>,
}

/// A time as it stands in a file.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "parquet"), allow(dead_code, reason = "texts have neither"))]
pub(crate) enum Written<'a> {
    /// Any way of [`times`].
    Text(&'a str),
    /// The file says what the number means: a point in time, in seconds.
    Seconds(i64),
    /// Nothing.
    Null,
}

/// What is allowed and probably not meant.
#[derive(Debug, Default)]
struct Odd {
    /// How many look like a missing value, and where the first is.
    absent: Option<(usize, Place, String)>,
    /// How many look like a whole number written as a fraction.
    fraction: Option<(usize, Place, String)>,
    /// How many ratings are missing or no numbers, and where the first is.
    unrated: Option<(usize, Place, String)>,
}

impl Source {
    pub(crate) fn new(path: &Path, layout: Layout, timed: bool) -> Self {
        Source {
            path: path.to_owned(),
            layout,
            events: Events::default(),
            places: Vec::new(),
            problems: Vec::new(),
            wrong: 0,
            timed,
            times: times::Column::default(),
            odd: Odd::default(),
        }
    }

    /// The place of a number of this file.
    pub fn place(&self, number: u64) -> Place {
        if self.layout == Layout::Parquet { Place::Row(number) } else { Place::Line(number) }
    }

    /// Takes a row in, or sets it aside.
    pub(crate) fn add(&mut self, row: Row) {
        let Row { number, user, item, .. } = row;
        for (kind, id) in [("a user", user), ("an item", item)] {
            if let Err((expected, found)) = check_id(kind, id) {
                return self.set_aside(number, expected, found);
            }
        }
        let place = self.place(number);
        let time = match row.time.map(|time| self.time(time, place)).transpose() {
            Ok(time) => time,
            Err((expected, found)) => return self.set_aside(number, expected, found),
        };
        let rating = row.rating.and_then(|rating| self.rating(rating, place));
        self.odd.look(place, user);
        self.odd.look(place, item);
        let (user, item) = (self.events.users.number(user), self.events.items.number(item));
        self.events.rows.push(Event { user, item, time, rating });
        self.places.push(number);
    }

    fn time(&mut self, time: Written, place: Place) -> Result<Time, (String, String)> {
        let wrong = |found: String| ("a time".to_owned(), found);
        match time {
            Written::Text(text) => self.times.read(text, place),
            Written::Seconds(seconds) => Time::new(seconds).ok_or_else(|| wrong(seconds.to_string())),
            Written::Null => Err(wrong("null".to_owned())),
        }
    }

    /// A finite number. Nothing is learned from ratings, so a row without one is as good as another; it is counted.
    fn rating(&mut self, rating: Option<&str>, place: Place) -> Option<f32> {
        let number = rating.and_then(|text| text.parse().ok()).filter(|number: &f32| number.is_finite());
        if number.is_none() {
            count(&mut self.odd.unrated, place, rating.unwrap_or("null"));
        }
        number
    }

    /// Counts a row that is wrong.
    pub(crate) fn set_aside(&mut self, number: u64, expected: String, found: String) {
        self.wrong += 1;
        if self.problems.len() < SHOWN {
            self.problems.push(row_error(&self.path, self.place(number), expected, found));
        }
    }

    /// What is allowed and probably not meant, with the first place.
    pub fn notes(&self) -> Vec<String> {
        let note = |odd: &Option<(usize, Place, String)>, what: &str| {
            let (count, place, found) = odd.as_ref()?;
            let (path, found) = (self.path.display(), Excerpt::of(found));
            Some(format!("{} {what}, the first is {found} at {path}{place}", grouped(count)))
        };
        let notes = [
            note(&self.odd.absent, "ids look like missing values"),
            note(&self.odd.fraction, "ids look like whole numbers written as fractions (12.0 and 12 are two ids)"),
            note(&self.odd.unrated, "ratings are missing or no numbers (ratings are kept if every row has one)"),
        ];
        notes.into_iter().flatten().collect()
    }
}

impl Odd {
    fn look(&mut self, place: Place, id: &str) {
        if ["nan", "null", "none", "na", "n/a", "undefined"].iter().any(|word| id.eq_ignore_ascii_case(word)) {
            count(&mut self.absent, place, id);
        }
        if id.strip_suffix(".0").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())) {
            count(&mut self.fraction, place, id);
        }
    }
}

fn count(odd: &mut Option<(usize, Place, String)>, place: Place, found: &str) {
    match odd {
        Some((count, ..)) => *count += 1,
        None => *odd = Some((1, place, found.to_owned())),
    }
}

/// What is wrong with an id, as what was expected and what was found.
pub(crate) fn check_id(kind: &str, id: &str) -> Result<(), (String, String)> {
    let expected = match id {
        "" => return Err((format!("{kind} id"), "nothing".to_owned())),
        _ if id.trim() != id => "without white space around it",
        // A mapping file has one id per line, after a tab.
        _ if id.chars().any(char::is_control) => "without control characters",
        _ if id.len() > LONGEST_ID => "of at most 1000 bytes",
        _ => return Ok(()),
    };
    Err((format!("{kind} id {expected}"), Excerpt::of(id).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_cannot_come_back_out_are_refused() {
        for bad in ["", " a", "a ", "a\tb", "a\nb", "a\u{0}", &"x".repeat(1001)] {
            assert!(check_id("a user", bad).is_err(), "{bad:?}");
        }
        for good in ["a", "a b", "日本", "nan", "-1", &"x".repeat(1000)] {
            assert!(check_id("a user", good).is_ok(), "{good:?}");
        }
    }
}
