//! `ratings_<Category>.csv`: who rated what, and when; `user,item,rating,timestamp` without a header.
//!
//! A row with an empty field is left out and counted. Anything else that is not a row is an error with its line.
//!
//! The files of 2014 have the user first. Those of 2018, under similar names, have the item first: a file in which every first field could be
//! an item of Amazon (10 letters and digits) and no second one could is an error, not a data set with items for users.

use super::{Problem, RawError, RawLines};
use crate::{Event, Events, Names, Time};
use anchorrec_data::error::Excerpt;
use std::path::Path;

/// What was read.
#[derive(Debug)]
pub struct Ratings {
    /// The rows, each with a time.
    pub events: Events,
    /// Lines of the file.
    pub lines: u64,
    /// Lines with an empty field, left out.
    pub incomplete: u64,
}

/// Opens the ratings of a category in a folder.
///
/// # Errors
/// When they are not there.
pub fn open(dir: &Path, category: &str) -> Result<RawLines, RawError> {
    RawLines::open(
        dir,
        &format!("ratings_{category}.csv"),
        "the ratings (user,item,rating,timestamp)",
        ", or fetch it by --download",
    )
}

/// Reads all rows: 24 bytes a row, and every name once.
///
/// # Errors
/// With the first line that breaks a rule, when there is no row, or when items stand before users.
pub fn read(mut source: RawLines) -> Result<Ratings, RawError> {
    let mut events = Events::default();
    let (mut lines, mut incomplete) = (0, 0);
    let mut name_bytes = [0, 0];
    while let Some((number, text)) = source.line()? {
        lines = number;
        let (user, item, rating, time) = match row(text) {
            Ok(Some(row)) => row,
            Ok(None) => {
                incomplete += 1;
                continue;
            }
            Err(problem) => return Err(source.error(number, problem)),
        };
        let fits = room(&events, &mut name_bytes, user, item);
        if !fits {
            return Err(source.error(number, Problem::TooLarge));
        }
        let (user, item) = (events.users.number(user), events.items.number(item));
        events.rows.push(Event { user, item, time: Some(time), rating: Some(rating) });
    }
    if events.rows.is_empty() {
        return Err(source.file_error(Problem::Empty));
    }
    let asins = |names: &Names| (0..names.len() as u32).filter(|&number| is_asin(names.name(number))).count();
    if asins(&events.items) == 0 && asins(&events.users) == events.users.len() {
        return Err(source.file_error(Problem::ItemsFirst));
    }
    Ok(Ratings { events, lines, incomplete })
}

/// Whether a name has the form of Amazon's ids of items. Ids of users are longer.
fn is_asin(name: &str) -> bool {
    name.len() == 10 && name.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Whether a row still fits into numbers of 32 bits; counts the bytes of new names.
fn room(events: &Events, bytes: &mut [u64; 2], user: &str, item: &str) -> bool {
    let names = [(&events.users, user), (&events.items, item)];
    for (bytes, (names, name)) in bytes.iter_mut().zip(names) {
        if names.find(name).is_none() {
            *bytes += name.len() as u64;
        }
    }
    bytes.iter().all(|&bytes| bytes < u64::from(u32::MAX)) && events.rows.len() < u32::MAX as usize
}

fn row(text: &str) -> Result<Option<(&str, &str, f32, Time)>, Problem> {
    let mut fields = text.split(',');
    let (Some(user), Some(item), Some(rating), Some(time), None) =
        (fields.next(), fields.next(), fields.next(), fields.next(), fields.next())
    else {
        return Err(Problem::Fields { found: text.split(',').count() });
    };
    if [user, item, rating, time].contains(&"") {
        return Ok(None);
    }
    for (kind, name) in [("user", user), ("item", item)] {
        if name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '"') {
            return Err(Problem::Name { kind, found: Excerpt::of(name) });
        }
    }
    let number = rating.parse().ok().filter(|number: &f32| number.is_finite());
    let rating = number.ok_or_else(|| Problem::Rating { found: Excerpt::of(rating) })?;
    let time = time.parse().ok().and_then(Time::new).ok_or_else(|| Problem::Timestamp { found: Excerpt::of(time) })?;
    Ok(Some((user, item, rating, time)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(text: &str) -> Result<Ratings, String> {
        read(RawLines::new(Path::new("r.csv"), Box::new(std::io::Cursor::new(text.to_owned()))))
            .map_err(|e| e.to_string())
    }

    #[test]
    fn rows_become_events_and_incomplete_ones_are_counted() {
        let ratings = from("u1,A,5.0,10\nu2,A,1,-3\r\n,A,1,3\nu1,B,,4\nu1,B,2.5,4").unwrap();
        assert_eq!((ratings.lines, ratings.incomplete), (5, 2));
        let events = ratings.events;
        let rows: Vec<_> = events
            .rows
            .iter()
            .map(|e| {
                (events.users.name(e.user), events.items.name(e.item), e.rating.unwrap(), e.time.unwrap().seconds())
            })
            .collect();
        assert_eq!(rows, [("u1", "A", 5.0, 10), ("u2", "A", 1.0, -3), ("u1", "B", 2.5, 4)]);
    }

    #[test]
    fn a_file_with_items_first_is_not_taken_for_one_with_users_first() {
        let [user, item] = ["A39HTATAQ9V7YF", "0205616461"];
        assert_eq!(from(&format!("{user},{item},5.0,1")).unwrap().events.rows.len(), 1);
        let message = from(&format!("{item},{user},5.0,1\n{item},A3JM6GV9MNOF9X,5.0,1")).unwrap_err();
        assert!(message.starts_with("r.csv: expected the user first") && message.contains("2018"), "{message}");
    }

    #[test]
    fn bad_lines_are_errors_with_their_line() {
        let table = [
            ("u,A,5.0", "r.csv:2: expected user,item,rating,timestamp, found 3 fields"),
            ("u,A,5.0,1,2", "r.csv:2: expected user,item,rating,timestamp, found 5 fields"),
            ("", "r.csv:2: expected user,item,rating,timestamp, found 1 fields"),
            (
                "u\tx,A,5.0,1",
                "r.csv:2: expected the user's id without spaces, quotes or control characters, found \"u\\tx\"",
            ),
            ("u,\"A\",5.0,1", "r.csv:2: expected the item's id"),
            ("u,A,five,1", "r.csv:2: expected the rating to be a number, found \"five\""),
            ("u,A,NaN,1", "r.csv:2: expected the rating to be a number, found \"NaN\""),
            ("u,A,5.0,1.5", "r.csv:2: expected the timestamp in whole seconds, found \"1.5\""),
            ("u,A,5.0,-9223372036854775808", "r.csv:2: expected the timestamp"),
        ];
        for (line, want) in table {
            let message = from(&format!("u,A,5.0,1\n{line}\n")).unwrap_err();
            assert!(message.starts_with(want) && !message.contains('\n'), "{line}: {message}");
        }
        assert_eq!(from("").unwrap_err(), "r.csv: expected rows, found none: was it copied completely?");
    }
}
