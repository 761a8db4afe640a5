//! `items.jsonl`: what items are called, for people.
//!
//! One JSON object per line with `itemID` and perhaps `title`; other keys are ignored. Items may be missing, none may
//! come twice.

use crate::{
    DataError, Input,
    error::{Bound, LineProblem},
    lines::{Lines, parse_object},
};
use serde::Deserialize;
use std::path::Path;

/// The objects of a file, in order: object `r` stood on line `r + 1`.
pub(crate) struct Items {
    rows: Vec<Item>,
    pub(crate) input: Input,
}

#[derive(Deserialize)]
struct Item {
    #[serde(rename = "itemID")]
    id: u32,
    #[serde(default)]
    title: Option<String>,
}

/// Reads all objects.
pub(crate) fn read(path: &Path) -> Result<Items, DataError> {
    let mut lines = Lines::open(path)?;
    let mut rows = Vec::new();
    while let Some((line, text)) = lines.next()? {
        let item = parse_object(text).map_err(|found| lines.error(line, LineProblem::NotAnItem { found }))?;
        rows.push(item);
    }
    Ok(Items { rows, input: lines.finish() })
}

impl Items {
    /// Titles by item.
    pub(crate) fn titles(&self, bound: &Bound) -> Result<Vec<Option<String>>, DataError> {
        let error =
            |row: usize, problem| DataError::Line { path: self.input.path.clone(), line: row as u64 + 1, problem };
        let mut known = vec![false; bound.count];
        for (row, &Item { id, .. }) in self.rows.iter().enumerate() {
            let Some(known) = known.get_mut(id as usize) else {
                return Err(error(row, LineProblem::IdBeyond { kind: "item", id, bound: bound.clone() }));
            };
            if *known {
                let first = self.rows.iter().position(|other| other.id == id).unwrap_or(row);
                let problem = LineProblem::RepeatedId { column: "itemID", id, first_line: first as u64 + 1 };
                return Err(error(row, problem));
            }
            *known = true;
        }
        let mut titles = vec![None; bound.count];
        for row in &self.rows {
            titles[row.id as usize] = row.title.clone();
        }
        Ok(titles)
    }
}
