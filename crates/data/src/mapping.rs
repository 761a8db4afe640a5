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
pub(crate) struct Mapping {
    column: &'static str,
    rows: Vec<(u32, String)>,
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
    let mut rows = Vec::new();
    while let Some((line, text)) = lines.next()? {
        let row = row(text, separator, ours, column).map_err(|problem| lines.error(line, problem))?;
        rows.push(row);
    }
    if rows.is_empty() {
        return Err(file_error(FileProblem::HeaderOnly));
    }
    Ok(Mapping { column, rows, input: lines.finish() })
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

fn row(text: &str, separator: char, ours: usize, column: &'static str) -> Result<(u32, String), LineProblem> {
    let mut fields = text.split(separator);
    let (Some(first), Some(second), None) = (fields.next(), fields.next(), fields.next()) else {
        return Err(LineProblem::Ragged { expected: 2, found: text.split(separator).count() });
    };
    let (id, external) = if ours == 0 { (first, second) } else { (second, first) };
    Ok((parse_id(column, id)?, external.to_owned()))
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
        let mut place: Vec<Option<usize>> = vec![None; bound.count];
        for (row, &(id, _)) in self.rows.iter().enumerate() {
            let kind = if self.column == "userID" { "user" } else { "item" };
            let Some(place) = place.get_mut(id as usize) else {
                return Err(error(row, LineProblem::IdBeyond { kind, id, bound }));
            };
            if let Some(first) = *place {
                let problem = LineProblem::RepeatedId { column: self.column, id, first_line: first as u64 + 2 };
                return Err(error(row, problem));
            }
            *place = Some(row);
        }
        Ok(place.into_iter().map(|row| row.map(|row| self.rows[row].1.clone())).collect())
    }
}
