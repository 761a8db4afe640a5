//! Rows as they are collected: names interned, places kept, wrong rows set aside.

use super::detect::Layout;
use super::error::{OwnError, Place, row_error};
use crate::events::{Event, Events, Time};
use anchorrec_data::error::Excerpt;
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
    pub problems: Vec<OwnError>,
    /// How many rows are wrong.
    pub wrong: usize,
    /// Whether rows have times.
    pub timed: bool,
    odd: Odd,
}

/// Ids that are allowed and probably not meant.
#[derive(Debug, Default)]
struct Odd {
    /// How many look like a missing value, and where the first is.
    absent: Option<(usize, Place, String)>,
    /// How many look like a whole number written as a fraction.
    fraction: Option<(usize, Place, String)>,
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
            odd: Odd::default(),
        }
    }

    /// The place of a number of this file.
    pub fn place(&self, number: u64) -> Place {
        if self.layout == Layout::Parquet { Place::Row(number) } else { Place::Line(number) }
    }

    /// Takes a row in, or sets it aside. `time` is `None` where the file has no times.
    pub(crate) fn add(&mut self, number: u64, user: &str, item: &str, time: Option<Result<Time, String>>) {
        for (kind, id) in [("a user", user), ("an item", item)] {
            if let Err((expected, found)) = check_id(kind, id) {
                return self.set_aside(number, expected, found);
            }
        }
        let time = match time.transpose() {
            Ok(time) => time,
            Err(found) => return self.set_aside(number, "a time as a number of seconds".to_owned(), found),
        };
        let place = self.place(number);
        self.odd.look(place, user);
        self.odd.look(place, item);
        let (user, item) = (self.events.users.number(user), self.events.items.number(item));
        self.events.rows.push(Event { user, item, time });
        self.places.push(number);
    }

    /// Counts a row that is wrong.
    pub(crate) fn set_aside(&mut self, number: u64, expected: String, found: String) {
        self.wrong += 1;
        if self.problems.len() < SHOWN {
            self.problems.push(row_error(&self.path, self.place(number), expected, found));
        }
    }

    /// Ids that are allowed and probably not meant, with the first place.
    pub fn notes(&self) -> Vec<String> {
        let note = |odd: &Option<(usize, Place, String)>, what: &str| {
            let (count, place, id) = odd.as_ref()?;
            let (path, id) = (self.path.display(), Excerpt::of(id));
            Some(format!("{count} ids {what}, the first is {id} at {path}{place}"))
        };
        let absent = note(&self.odd.absent, "look like missing values");
        let fraction =
            note(&self.odd.fraction, "look like whole numbers written as fractions (12.0 and 12 are two ids)");
        absent.into_iter().chain(fraction).collect()
    }
}

impl Odd {
    fn look(&mut self, place: Place, id: &str) {
        let count = |odd: &mut Option<(usize, Place, String)>| match odd {
            Some((count, ..)) => *count += 1,
            None => *odd = Some((1, place, id.to_owned())),
        };
        if ["nan", "null", "none", "na", "n/a", "undefined"].iter().any(|word| id.eq_ignore_ascii_case(word)) {
            count(&mut self.absent);
        }
        if id.strip_suffix(".0").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())) {
            count(&mut self.fraction);
        }
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

/// Seconds from text: a whole number, or one with a fraction, which is cut off.
pub(crate) fn parse_time(text: &str) -> Result<Time, String> {
    let whole = text.parse::<i64>().ok();
    // Every i64 but the extremes is within these bounds, so the conversion does not saturate.
    let float = || text.parse::<f64>().ok().filter(|t| t.abs() < 9e18).map(|t| t.floor() as i64);
    whole.or_else(float).and_then(Time::new).ok_or_else(|| Excerpt::of(text).to_string())
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

    #[test]
    fn times_are_numbers() {
        for (text, want) in [("12", 12), ("1.4e9", 1_400_000_000), ("-3.5", -4), ("9223372036854775807", i64::MAX)] {
            assert_eq!(parse_time(text).unwrap().seconds(), want);
        }
        for bad in ["", "yesterday", "nan", "inf", "1e300", "-9223372036854775808"] {
            assert!(parse_time(bad).is_err(), "{bad}");
        }
    }
}
