//! A table that scrolls in itself where a window is narrow.

use super::escape::escaped;
use std::fmt::Write;

/// A table under construction. Cells are text; what is after a line end in one is set small, below.
pub struct PageTable {
    label: String,
    columns: Vec<(String, ColumnKind)>,
    rows: Vec<Vec<String>>,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Words, from the left.
    Words,
    /// Numbers, from the right, digits below digits.
    Number,
    /// Numbers that are shown as doubtful.
    Doubtful,
    /// Text for programs, in the font of code.
    Code,
}

impl PageTable {
    /// Makes a table with these columns; the label says what it is to those who do not see it.
    pub fn new(label: &str, columns: &[(&str, ColumnKind)]) -> Self {
        let columns = columns.iter().map(|&(name, kind)| (name.to_owned(), kind)).collect();
        PageTable { label: label.to_owned(), columns, rows: Vec::new() }
    }

    /// Adds a row.
    ///
    /// # Panics
    /// When it has not a cell for each column.
    pub fn row(&mut self, cells: Vec<String>) {
        assert_eq!(cells.len(), self.columns.len(), "{}: a cell for each column", self.label);
        self.rows.push(cells);
    }

    /// Returns the HTML with the label as a heading above it; nothing without a row.
    pub fn titled(&self) -> String {
        if self.rows.is_empty() {
            String::new()
        } else {
            format!("<h3 class=\"table-title\">{}</h3>\n{}", escaped(&self.label), self.html())
        }
    }

    /// Returns the HTML; nothing without a row.
    pub fn html(&self) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let mut out = format!(
            "<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"{}\">\n<table>\n<thead><tr>",
            escaped(&self.label)
        );
        for (name, kind) in &self.columns {
            let _ = write!(out, "<th scope=\"col\"{}>{}</th>", kind.class(), lines(name));
        }
        out.push_str("</tr></thead>\n<tbody>\n");
        for row in &self.rows {
            out.push_str("<tr>");
            for (k, (cell, (_, kind))) in row.iter().zip(&self.columns).enumerate() {
                let (open, close) = if k == 0 { ("th scope=\"row\"", "th") } else { ("td", "td") };
                let _ = write!(out, "<{open}{}>{}</{close}>", kind.class(), lines(cell));
            }
            out.push_str("</tr>\n");
        }
        out.push_str("</tbody>\n</table>\n</div>\n");
        out
    }
}

fn lines(cell: &str) -> String {
    match cell.split_once('\n') {
        Some((first, rest)) => format!("{}<small>{}</small>", escaped(first), escaped(rest)),
        None => escaped(cell).to_string(),
    }
}

impl ColumnKind {
    fn class(self) -> &'static str {
        match self {
            ColumnKind::Words => "",
            ColumnKind::Number => " class=\"number\"",
            ColumnKind::Doubtful => " class=\"number doubtful\"",
            ColumnKind::Code => " class=\"code\"",
        }
    }
}
