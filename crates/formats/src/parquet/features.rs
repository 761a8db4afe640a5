//! Features in a Parquet file: one column of lists of floats, or all columns of floats.

use super::table::Table;
use crate::columns::{self, ITEM};
use crate::error::{FormatError, file_error, row_problem};
use ndarray::Array2;
use std::path::Path;

/// An item id for each row, and the rows.
pub(crate) fn features(path: &Path) -> Result<(Vec<String>, Array2<f32>), FormatError> {
    let table = Table::open(path)?;
    let (leaves, names) = (table.leaves(), table.names());
    let known: Vec<&str> = ITEM.iter().copied().chain(Some("id")).collect();
    let place = columns::place(&names, &None, &known).map_err(|expected| file_error(path, expected, "several"))?;
    let place = place.ok_or_else(|| file_error(path, "a column of item ids (item_id, id, ...)", names.join(", ")))?;
    let lists: Vec<_> = leaves.iter().filter(|leaf| leaf.is_float() && leaf.lists > 0).collect();
    let columns = match lists[..] {
        [] => leaves.iter().filter(|leaf| leaf.is_float()).collect(),
        [list] => vec![list],
        _ => return Err(file_error(path, "one column of lists of floats", format!("{} of them", lists.len()))),
    };
    if columns.is_empty() {
        return Err(file_error(path, "a column of lists of floats, or columns of floats", names.join(", ")));
    }
    let (mut ids, mut numbers, mut width) = (Vec::new(), Vec::new(), None);
    for group in 0..table.groups() {
        let first = ids.len();
        for (row, id) in table.ids(group, &leaves[place])?.into_iter().enumerate() {
            ids.push(id.ok_or_else(|| row_problem(path, first + row, "an item id", "null".to_owned()))?);
        }
        let parts = columns.iter().map(|leaf| table.floats(group, leaf)).collect::<Result<Vec<_>, _>>()?;
        if let Some(part) = parts.iter().find(|part| part.len() != ids.len() - first) {
            let found = format!("{} ids and {} rows in row group {group}", ids.len() - first, part.len());
            return Err(file_error(path, "columns of one length", found));
        }
        for row in 0..ids.len() - first {
            let before = numbers.len();
            parts.iter().for_each(|part| numbers.extend_from_slice(&part[row]));
            let found = numbers.len() - before;
            if *width.get_or_insert(found) != found {
                let expected = format!("{} numbers as in the first row", width.unwrap_or(0));
                return Err(row_problem(path, first + row, &expected, found.to_string()));
            }
        }
    }
    let shape = (ids.len(), width.unwrap_or(0));
    if shape.0 == 0 || shape.1 == 0 {
        return Err(file_error(path, "rows of numbers", format!("the shape {shape:?}")));
    }
    let rows = Array2::from_shape_vec(shape, numbers).expect("every row has the width of the first");
    Ok((ids, rows))
}
