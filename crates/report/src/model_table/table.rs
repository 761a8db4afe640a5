//! A table of the page before it is Markdown or HTML: plain text in every cell.

/// A table under a heading.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// The heading.
    pub title: String,
    /// What the numbers are, in a sentence or two; perhaps empty.
    pub about: String,
    /// The names of the columns, and what they hold.
    pub columns: Vec<(String, Holds)>,
    /// The cells; [`NONE`] for what was not measured.
    pub rows: Vec<Vec<String>>,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// Words, which may be foreign text.
    Words,
    /// Numbers, written here.
    Numbers,
    /// Settings, one on each line.
    Settings,
}

/// A cell of what was not measured.
pub(super) const NONE: &str = "-";

impl Table {
    /// Makes a table whose first columns hold words and the others numbers.
    pub fn new(title: &str, about: &str, words: &[&str], numbers: &[&str]) -> Self {
        let mut table =
            Table { title: title.to_owned(), about: about.to_owned(), columns: Vec::new(), rows: Vec::new() };
        words.iter().for_each(|name| table.column(name, Holds::Words));
        numbers.iter().for_each(|name| table.column(name, Holds::Numbers));
        table
    }

    /// Adds a column.
    pub fn column(&mut self, name: &str, holds: Holds) {
        self.columns.push((name.to_owned(), holds));
    }

    /// Adds a row.
    ///
    /// # Panics
    /// When it has not a cell for each column.
    pub fn row(&mut self, cells: Vec<String>) {
        assert_eq!(cells.len(), self.columns.len(), "{}: a cell for each column", self.title);
        self.rows.push(cells);
    }
}
