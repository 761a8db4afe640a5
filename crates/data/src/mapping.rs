//! `i_id_mapping.csv` and `u_id_mapping.csv`: what an id is called outside.
//!
//! Despite the ending the columns are separated by tabs (commas are understood; the header decides). Two columns: one is
//! `itemID` (or `userID`), the other is the external id under any name (`asin`). Every id at most once and below its
//! bound: the rows of the features if there are any, else the rows of the mapping, which then has no gaps.

use crate::{
    DataError, Input,
    error::{Bound, BoundBy, Excerpt, FileProblem, LineProblem},
    lines::{Lines, parse_id},
};
use std::path::Path;

/// The rows of a mapping, in order: row `r` stood on line `r + 2`.
///
/// The shortest row has three bytes; a `String` for each would be ten times the file.
pub(crate) struct Mapping {
    column: &'static str,
    /// Our id and the length of the external one, which no line's length exceeds.
    rows: Vec<(u32, u32)>,
    /// The external ids, one after another.
    external: String,
    pub(crate) input: Input,
}

/// Reads all rows; `column` is the one that holds our ids.
pub(crate) fn read(path: &Path, column: &'static str) -> Result<Mapping, DataError> {
    let mut lines = Lines::open(path)?;
    let file_error = |problem| DataError::File { path: path.to_owned(), problem };
    let (separator, ours) = match lines.next()? {
        None => return Err(file_error(FileProblem::Empty)),
        Some((line, header)) => columns(header, column).map_err(|problem| lines.error(line, problem))?,
    };
    let (mut rows, mut external) = (Vec::new(), String::new());
    while let Some((line, text)) = lines.next()? {
        let (id, name) = match row(text, separator, ours, column) {
            Ok(row) => row,
            Err(problem) => return Err(lines.error(line, problem)),
        };
        rows.push((id, name.len() as u32));
        external.push_str(name);
    }
    if rows.is_empty() {
        return Err(file_error(FileProblem::HeaderOnly));
    }
    Ok(Mapping { column, rows, external, input: lines.finish() })
}

fn columns(header: &str, column: &'static str) -> Result<(char, usize), LineProblem> {
    let (separator, name) = if header.contains('\t') { ('\t', "tabs") } else { (',', "a tab or a comma") };
    let names: Vec<&str> = header.split(separator).collect();
    if names.len() != 2 {
        return Err(LineProblem::Ragged { expected: 2, found: names.len() });
    }
    match (names[0] == column, names[1] == column) {
        (true, false) => Ok((separator, 0)),
        (false, true) => Ok((separator, 1)),
        (true, true) => Err(LineProblem::RepeatedColumn { column }),
        (false, false) => Err(LineProblem::NoColumn { column, found: Excerpt::of(header), separator: name }),
    }
}

fn row<'a>(text: &'a str, separator: char, ours: usize, column: &'static str) -> Result<(u32, &'a str), LineProblem> {
    let mut fields = text.split(separator);
    let (Some(first), Some(second), None) = (fields.next(), fields.next(), fields.next()) else {
        return Err(LineProblem::Ragged { expected: 2, found: text.split(separator).count() });
    };
    let (id, external) = if ours == 0 { (first, second) } else { (second, first) };
    Ok((parse_id(column, id)?, external))
}

impl Mapping {
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// External ids by id; `None` for an id without a row, which only a `bound` from elsewhere leaves room for.
    pub(crate) fn by_id(&self, bound: Option<Bound>) -> Result<Vec<Option<String>>, DataError> {
        let bound = bound.unwrap_or(Bound { count: self.rows.len(), by: BoundBy::OwnRows });
        let error =
            |row: usize, problem| DataError::Line { path: self.input.path.clone(), line: row as u64 + 2, problem };
        let mut known = vec![false; bound.count];
        for (row, &(id, _)) in self.rows.iter().enumerate() {
            let kind = if self.column == "userID" { "user" } else { "item" };
            let Some(known) = known.get_mut(id as usize) else {
                return Err(error(row, LineProblem::IdBeyond { kind, id, bound }));
            };
            if *known {
                let first = self.rows.iter().position(|&(other, _)| other == id).unwrap_or(row);
                let problem = LineProblem::RepeatedId { column: self.column, id, first_line: first as u64 + 2 };
                return Err(error(row, problem));
            }
            *known = true;
        }
        // Only now is it certain that the ids are as many as they claim to be.
        let mut by_id = vec![None; bound.count];
        let mut rest = self.external.as_str();
        for &(id, length) in &self.rows {
            let (name, after) = rest.split_at(length as usize);
            by_id[id as usize] = Some(name.to_owned());
            rest = after;
        }
        Ok(by_id)
    }
}
