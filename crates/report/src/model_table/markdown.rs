//! The page as Markdown.

use super::rows::{DatasetOfTable, ModelTable};
use super::table::{Holds, Table};
use super::{about, tables};
use crate::results::ResultsFormat;
use std::fmt::Write;

/// Writes the page as Markdown.
///
/// ```
/// use anchorrec_report::model_table::{ModelTable, markdown};
///
/// let table = ModelTable { missing: vec!["small: everything".to_owned()], ..ModelTable::default() };
/// assert!(markdown(&table).contains("- small: everything\n"));
/// ```
pub fn markdown(table: &ModelTable) -> String {
    let mut out = "# Results\n\nEach row is a model on a data set. Every choice (epoch, settings, weights of a fusion) is made on validation.\n".to_owned();
    let _ = writeln!(
        out,
        "`{}` computes what is missing and writes this page from the files in `docs/results/`.\n",
        table.command
    );
    table.protocol.iter().for_each(|line| writeln!(out, "- {line}").expect("a text takes what is written"));
    if !table.missing.is_empty() {
        let _ = writeln!(
            out,
            "\n## What is missing\n\nThe command above continues; it can be interrupted at any moment.\n"
        );
        table.missing.iter().for_each(|line| writeln!(out, "- {line}").expect("a text takes what is written"));
    }
    table.datasets.iter().for_each(|dataset| out += &of_dataset(dataset));
    out
}

fn of_dataset(dataset: &DatasetOfTable) -> String {
    let Some(data) = dataset.data() else { return String::new() };
    let mut out = format!("\n## {}\n\n{} ({}).\n", dataset.name, about::counts(data), about::source(data));
    if let Some(refused) = about::refused(dataset) {
        let _ = writeln!(out, "\n{}", ResultsFormat::Markdown.escaped(&refused));
    }
    tables::all(dataset).iter().for_each(|table| out += &section(table));
    out
}

/// Writes a section with a table; nothing where there are no rows.
fn section(table: &Table) -> String {
    if table.rows.is_empty() {
        return String::new();
    }
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let about = if table.about.is_empty() { String::new() } else { format!("{}\n\n", table.about) };
    let ruler = "---|".repeat(table.columns.len());
    let header = line(table.columns.iter().map(|(name, _)| name.clone()).collect());
    let of_row = |row: &Vec<String>| {
        line(row.iter().zip(&table.columns).map(|(cell, (_, holds))| of_cell(cell, *holds)).collect())
    };
    let body: String = table.rows.iter().map(of_row).collect();
    format!("\n### {}\n\n{about}{header}|{ruler}\n{body}", ResultsFormat::Markdown.escaped(&table.title))
}

fn of_cell(cell: &str, holds: Holds) -> String {
    match holds {
        Holds::Words => ResultsFormat::Markdown.escaped(cell),
        Holds::Numbers => cell.to_owned(),
        Holds::Settings => cell.lines().map(|setting| format!("`{setting}`")).collect::<Vec<_>>().join(" "),
    }
}
