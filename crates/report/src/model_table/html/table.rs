//! A table of the page.

use super::super::table::{Holds, NONE, Table};
use crate::page::escape::escaped;
use crate::page::table::{ColumnKind, PageTable};

/// The most columns beside the first that a laptop has room for.
const BESIDE: usize = 6;

/// Writes a table under its heading, with what its numbers are below it; nothing without a row. The settings stand below the model, and a wide table is written in parts.
pub(super) fn table(table: &Table) -> String {
    if table.rows.is_empty() {
        return String::new();
    }
    let names = if table.columns.get(1).is_some_and(|(name, _)| name == "settings") { 2 } else { 1 };
    let beside: Vec<usize> = (names..table.columns.len()).collect();
    let parts = beside.len().div_ceil(BESIDE).max(1);
    let size = beside.len().div_ceil(parts).max(1);
    let mut html = String::new();
    for (place, places) in beside.chunks(size).enumerate() {
        let title = if place == 0 { table.title.clone() } else { format!("{}, continued", table.title) };
        html += &part(table, &title, names, places);
    }
    let about = if table.about.is_empty() {
        String::new()
    } else {
        format!("<p class=\"note\">{}</p>\n", escaped(&table.about))
    };
    html + &about
}

/// Writes some of the columns beside the names.
fn part(table: &Table, title: &str, names: usize, places: &[usize]) -> String {
    let kind = |holds: Holds| match holds {
        Holds::Words => ColumnKind::Words,
        Holds::Numbers => ColumnKind::Number,
        Holds::Settings => ColumnKind::Code,
    };
    let mut columns = vec![(table.columns[0].0.as_str(), ColumnKind::Words)];
    columns.extend(places.iter().map(|&place| (table.columns[place].0.as_str(), kind(table.columns[place].1))));
    let mut page = PageTable::new(title, &columns);
    for row in &table.rows {
        let beside = places.iter().map(|&place| cell(&row[place], table.columns[place].1));
        page.row(std::iter::once(row[..names].join("\n")).chain(beside).collect());
    }
    page.titled()
}

/// The second part of a number, its sd or its interval, is set small below the first.
fn cell(text: &str, holds: Holds) -> String {
    match (text, holds) {
        (NONE, _) => "–".to_owned(),
        (_, Holds::Settings) => text.replace('\n', " "),
        (_, Holds::Numbers) if !text.starts_with('[') => text.replacen(" ± ", "\n± ", 1).replacen(" [", "\n[", 1),
        _ => text.to_owned(),
    }
}
