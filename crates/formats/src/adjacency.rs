//! LightGCN's lists: `train.txt`, `test.txt` (and perhaps `valid.txt`), a user and its items a line, separated by blanks. MicroLens's
//! `_pairs.tsv` is one, with a tab behind the user.
//!
//! A user without items has a line of its own, perhaps with a blank behind it; it is counted and left out. **Each user has one line.** Rows of a user,
//! an item, a rating and a time are lists by how they look, too; they are known by users who come again, or by numbers that are times, and are refused.

use crate::error::{FormatError, Place, row_error};
use crate::open;
use crate::source::{Row, Source};
use crate::times::near_zero;
use anchorrec_files::Excerpt;
use std::collections::HashSet;
use std::path::Path;

/// Bytes of the longest line: a user of a hundred thousand items.
const LONGEST: usize = 4 << 20;

/// Whether a line is a user and items: whole numbers and nothing else.
pub(crate) fn fits(line: &str) -> bool {
    let mut fields = line.split_whitespace().peekable();
    fields.peek().is_some() && fields.all(|field| field.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether a line is a user, a tab and items between blanks, as MicroLens's `_pairs.tsv` has them.
pub(crate) fn fits_pairs(line: &str) -> bool {
    line.split_once('\t').is_some_and(|(user, items)| !items.contains('\t') && fits(user) && fits(items))
}

/// Reads the lists of a file.
pub(crate) fn read(path: &Path, source: &mut Source) -> Result<(), FormatError> {
    let mut lines = anchorrec_files::lines::Lines::new(open::text(path)?, LONGEST);
    let mut rows = Rows::default();
    while let Some((line, text)) = lines.next().map_err(|error| FormatError::lines(path, error))? {
        if text.trim().is_empty() {
            continue;
        }
        if !fits(text) {
            source.set_aside(line, "a user and its items as whole numbers".to_owned(), Excerpt::of(text).to_string());
            continue;
        }
        rows.look(line, text);
        let mut fields = text.split_whitespace();
        let user = fields.next().unwrap_or_default();
        let mut any = false;
        for item in fields {
            any = true;
            source.add(Row { number: line, user, item, ..Row::default() });
        }
        if !any {
            source.empty_user(user);
        }
    }
    rows.check(path)
}

/// Lines that may be rows of a table: as many fields on each, three or four.
#[derive(Debug, Default)]
struct Rows {
    /// How many fields each line has so far; 0 where lines differ, so that they are lists.
    fields: Option<usize>,
    separator: &'static str,
    /// The users so far.
    users: HashSet<u64>,
    /// The line on which a user comes again.
    again: Option<(u64, String)>,
    /// Whether the last field of every line is as large as a time, and the others are not.
    timed: bool,
}

impl Rows {
    fn look(&mut self, line: u64, text: &str) {
        if self.fields == Some(0) {
            return;
        }
        let fields: Vec<&str> = text.split_whitespace().collect();
        if ![3, 4].contains(&fields.len()) || self.fields.is_some_and(|known| known != fields.len()) {
            *self = Rows { fields: Some(0), ..Rows::default() };
            return;
        }
        let is_time = |field: &str| field.parse::<i64>().is_ok_and(|number| !near_zero(number));
        let (last, others) = fields.split_last().expect("three fields");
        let timed = is_time(last) && !others[1..].iter().any(|field| is_time(field));
        self.timed = timed && (self.timed || self.fields.is_none());
        self.fields = Some(fields.len());
        self.separator = if text.contains('\t') { "tab" } else { "' '" };
        // A number that is larger is no user of LightGCN's.
        let is_new = fields[0].parse().map_or(true, |user| self.users.insert(user));
        if !is_new && self.again.is_none() {
            self.again = Some((line, fields[0].to_owned()));
        }
    }

    /// Refuses what are rows of a table.
    fn check(&self, path: &Path) -> Result<(), FormatError> {
        let Some(count @ (3 | 4)) = self.fields else { return Ok(()) };
        let (line, why) = match &self.again {
            Some((line, user)) => (*line, format!("another line of user {user}")),
            None if self.timed => (1, "a time at the end of each line".to_owned()),
            None => return Ok(()),
        };
        let columns = match (count, self.timed) {
            (4, _) => "user,item,rating,time",
            (_, true) => "user,item,time",
            (_, false) => "user,item,rating",
        };
        let found = format!(
            "{why}, and {count} fields on every line, as a table of {columns} has: --columns {columns} --separator {} reads the files train, valid and \
             test of a folder as such tables and as that split",
            self.separator
        );
        Err(row_error(
            path,
            Place::Line(line),
            "one line for each user, with the user and its items, as LightGCN's lists have",
            found,
        ))
    }
}
