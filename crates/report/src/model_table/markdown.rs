//! Cells and tables of Markdown.

use crate::interval::half_width;
use crate::number::{difference, fixed, metric};
use crate::results::ResultsFormat;
use anchorrec_records::report::MeanSd;
use std::collections::BTreeMap;

/// Writes a section with a table; nothing where there are no rows.
pub(super) fn section(heading: &str, about: &str, header: &[String], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let about = if about.is_empty() { String::new() } else { format!("{about}\n\n") };
    let ruler = "---|".repeat(header.len());
    let body: String = rows.iter().map(|row| line(row)).collect();
    format!("\n### {heading}\n\n{about}{}|{ruler}\n{body}", line(header))
}

/// Writes a text as a cell.
pub(super) fn text(text: &str) -> String {
    ResultsFormat::Markdown.escaped(text)
}

/// Writes the names of columns.
pub(super) fn header(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// Writes mean and standard deviation over seeds; a hyphen for what was not measured.
pub(super) fn mean_sd(values: &BTreeMap<String, MeanSd>, name: &str, digits: usize) -> String {
    let Some(value) = values.get(name) else { return "-".to_owned() };
    match value.sd {
        Some(sd) => format!("{} ± {}", fixed(value.mean, digits), fixed(sd, digits)),
        None => fixed(value.mean, digits),
    }
}

/// Writes the 95 % interval of a mean over so many seeds.
pub(super) fn interval(values: &BTreeMap<String, MeanSd>, name: &str, seeds: usize) -> String {
    let ends = values.get(name).and_then(|value| Some((value.mean, half_width(value.sd, seeds)?)));
    ends.map_or("-".to_owned(), |(mean, half)| format!("[{}, {}]", metric(mean - half), metric(mean + half)))
}

/// Writes a difference of two means with its sign.
pub(super) fn gain(of: Option<&MeanSd>, over: Option<&MeanSd>) -> String {
    let gain = of.zip(over).map(|(of, over)| difference(of.mean - over.mean));
    gain.unwrap_or_else(|| "-".to_owned())
}
