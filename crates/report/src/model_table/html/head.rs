//! The whole table: who leads where, the protocol, what is missing and the command that continues.

use super::super::accuracy::RECALL;
use super::super::cells::mean_sd;
use super::super::rows::{DatasetOfTable, ModelTable};
use super::super::table::{Holds, NONE, Table};
use super::{table, words};
use crate::number::{counted, listed};
use crate::page::escape::escaped;
use crate::page::subject::Subject;
use anchorrec_data::Provenance;
use std::fmt::Write;

/// Makes the subject; `datasets` are those that have a result.
pub(super) fn subject(table: &ModelTable, datasets: &[&DatasetOfTable]) -> Subject {
    let about = format!(
        "{} of {} with results · every choice of an epoch, of settings, of the weight of a fusion is made on validation",
        datasets.len(),
        counted(table.datasets.len(), "data set", "data sets")
    );
    let is_synthetic =
        |dataset: &&DatasetOfTable| dataset.data().is_some_and(|data| data.source == Provenance::Synthetic);
    let mut subject =
        Subject::new("table", "Models by one protocol".to_owned(), about, datasets.iter().any(is_synthetic));
    subject.verdict = if datasets.is_empty() {
        "Nothing is computed yet: there is no result to show.".to_owned()
    } else {
        datasets.iter().filter_map(|dataset| words::leader(dataset)).collect::<Vec<_>>().join(" ")
    };
    subject.section("glance", "At a glance", glance(datasets));
    subject.section("protocol", "The protocol", list(&table.protocol));
    subject.section("missing", "What is missing", missing(table));
    subject
}

/// Every name in a row, test Recall@20 on every data set in a column.
fn glance(datasets: &[&DatasetOfTable]) -> String {
    let about = "Test Recall@20, mean ± sd over seeds: tuned settings where there are any, else the published ones, marked with a star.";
    let mut of = Table::new("Test Recall@20 on every data set", about, &["model"], &[]);
    let shown: Vec<_> = datasets.iter().map(|dataset| dataset.shown()).collect();
    datasets.iter().for_each(|dataset| of.column(&dataset.name, Holds::Numbers));
    let mut names: Vec<&str> = Vec::new();
    for line in shown.iter().flatten() {
        if !names.contains(&line.name.as_str()) {
            names.push(&line.name);
        }
    }
    for name in names {
        let cell = |lines: &Vec<super::super::rows::Line>| {
            let line = lines.iter().find(|line| line.name == name);
            line.map_or(NONE.to_owned(), |line| words::starred(line, mean_sd(line.test.get(RECALL), 4)))
        };
        of.row(std::iter::once(name.to_owned()).chain(shown.iter().map(cell)).collect());
    }
    table::table(&of)
}

fn list(lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let items: String = lines.iter().map(|line| format!("<li>{}</li>\n", escaped(line))).collect();
    format!("<ul class=\"notices\">\n{items}</ul>\n")
}

fn missing(table: &ModelTable) -> String {
    if table.missing.is_empty() {
        return "<p>Nothing: every row of the declaration is computed.</p>\n".to_owned();
    }
    let names: Vec<String> = table.missing.iter().filter_map(|line| Some(line.split_once(':')?.0.to_owned())).collect();
    let mut out = format!(
        "<p>Something is left on {}. This command continues where the last one ended; it can be interrupted at any moment.</p>\n",
        escaped(&listed(&names))
    );
    let _ = writeln!(out, "<pre>{}</pre>", escaped(&table.command));
    out + &list(&table.missing)
}
