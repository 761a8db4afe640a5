//! `<name>.inter`: the interactions of a data set, one per line.
//!
//! Tab separated; the first line names the columns. `userID`, `itemID` and `x_label` (0 train, 1 valid, 2 test) are
//! needed, in any order; `rating` and `timestamp` are passed over, any other is said to be, but every row has as many fields as the header.
//! A blank line is a row of one field. Rules that need the whole file are in [`index`](crate::index).
//!
//! Every row is a positive. A column whose name says which rows are ([`LABEL_COLUMNS`]) and that says no is an error.

use crate::{
    DataError, Input, Pair, Split,
    error::{Excerpt, FileProblem, LineProblem},
    lines::{Lines, parse_id},
};
use std::path::Path;

/// What columns of labels are called, in lower case and without `_`: a row whose label is 0 is no positive.
pub const LABEL_COLUMNS: &[&str] =
    &["label", "isclick", "click", "clicked", "isclicked", "islike", "like", "liked", "isliked"];

/// Columns that every preparation writes and training has no use for.
const USUAL: &[&str] = &["rating", "timestamp"];

/// The rows of a file, in order: row `r` stood on line `r + 2`.
pub(crate) struct Rows {
    pub(crate) rows: Vec<(Pair, Split)>,
    pub(crate) input: Input,
    /// Columns that are not read, by name.
    pub(crate) unread: Vec<String>,
}

/// Reads all rows; fails on the first one that is not a row.
pub(crate) fn read(path: &Path) -> Result<Rows, DataError> {
    let file_error = |problem| DataError::File { path: path.to_owned(), problem };
    let mut lines = Lines::open(path)?;
    let columns = match lines.next()? {
        None => return Err(file_error(FileProblem::Empty)),
        Some((line, header)) => Columns::new(header).map_err(|problem| lines.error(line, problem))?,
    };
    let mut rows = Vec::new();
    let mut negatives = vec![(0, 0); columns.labels.len()];
    while let Some((line, text)) = lines.next()? {
        match columns.row(text) {
            Ok(row) => rows.push(row),
            Err(problem) => return Err(lines.error(line, problem)),
        }
        for ((place, _), (first, count)) in columns.labels.iter().zip(&mut negatives) {
            if text.split('\t').nth(*place).is_some_and(is_no) {
                *first = if *count == 0 { line } else { *first };
                *count += 1;
            }
        }
    }
    if let Some(((_, column), (line, count))) = columns.labels.iter().zip(negatives).find(|(_, (_, count))| *count > 0)
    {
        let problem = LineProblem::NoPositive { column: column.clone(), count, rows: rows.len() };
        return Err(lines.error(line, problem));
    }
    if rows.is_empty() {
        return Err(file_error(FileProblem::HeaderOnly));
    }
    Ok(Rows { rows, input: lines.finish(), unread: columns.unread })
}

/// Where the columns are.
struct Columns {
    count: usize,
    user: usize,
    item: usize,
    label: usize,
    /// Columns whose name says which rows are positives.
    labels: Vec<(usize, String)>,
    /// Columns that are not read.
    unread: Vec<String>,
}

/// Whether a label says that a row is no positive.
fn is_no(label: &str) -> bool {
    label.parse() == Ok(0.0) || label.eq_ignore_ascii_case("false")
}

impl Columns {
    fn new(header: &str) -> Result<Self, LineProblem> {
        let place = |column: &'static str| {
            let mut places = header.split('\t').enumerate().filter(|&(_, name)| name == column);
            match (places.next(), places.next()) {
                (Some((place, _)), None) => Ok(place),
                (None, _) => Err(LineProblem::NoColumn { column, found: Excerpt::of(header), separator: "tabs" }),
                (Some(_), Some(_)) => Err(LineProblem::RepeatedColumn { column }),
            }
        };
        let (user, item, label) = (place("userID")?, place("itemID")?, place("x_label")?);
        let plain = |name: &str| name.to_lowercase().replace('_', "");
        let is_label = |(_, name): &(usize, &str)| LABEL_COLUMNS.contains(&plain(name).as_str());
        let others = header.split('\t').enumerate().filter(|(place, _)| ![user, item, label].contains(place));
        let labels = others.clone().filter(is_label).map(|(place, name)| (place, name.to_owned())).collect();
        let unread = others.map(|(_, name)| name.to_owned()).filter(|name| !USUAL.contains(&name.as_str())).collect();
        Ok(Columns { count: header.split('\t').count(), user, item, label, labels, unread })
    }

    fn row(&self, text: &str) -> Result<(Pair, Split), LineProblem> {
        let (mut user, mut item, mut label) = ("", "", "");
        let (mut found, mut start) = (0, 0);
        // Byte by byte: fields are too short for a search for tabs to pay.
        let tabs = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\t').map(|(at, _)| at);
        for (place, end) in tabs.chain([text.len()]).enumerate() {
            let field = &text[start..end];
            (found, start) = (found + 1, end + 1);
            match place {
                _ if place == self.user => user = field,
                _ if place == self.item => item = field,
                _ if place == self.label => label = field,
                _ => {}
            }
        }
        if found != self.count {
            return Err(LineProblem::Ragged { expected: self.count, found });
        }
        let pair = Pair { user: parse_id("userID", user)?, item: parse_id("itemID", item)? };
        let split = match label {
            "0" => Split::Train,
            "1" => Split::Valid,
            "2" => Split::Test,
            other => return Err(LineProblem::NotALabel { found: Excerpt::of(other) }),
        };
        Ok((pair, split))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_may_stand_in_any_order() {
        let tables = [
            ("userID\titemID\tx_label", "7\t8\t2"),
            ("x_label\trating\titemID\ttimestamp\tuserID", "2\t5.0\t8\tnever\t7"),
        ];
        for (header, row) in tables {
            let got = Columns::new(header).and_then(|c| c.row(row)).unwrap();
            assert_eq!(got, (Pair { user: 7, item: 8 }, Split::Test), "{header}");
        }
    }

    #[test]
    fn ids_are_digits_below_two_to_the_32() {
        let columns = Columns::new("userID\titemID\tx_label").unwrap();
        for bad in ["", "-1", "+1", " 1", "1.0", "1e3", "x", "4294967296", "18446744073709551616", "٣"] {
            let problem = columns.row(&format!("{bad}\t0\t0")).unwrap_err().to_string();
            assert!(problem.contains("userID") && problem.contains(&format!("{bad:?}")), "{problem}");
        }
        assert_eq!(columns.row("4294967295\t0\t0").unwrap().0.user, u32::MAX);
    }
}
