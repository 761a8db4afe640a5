//! The layouts of interactions.

use serde::Serialize;

/// A layout of interactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// `.inter` with `userID`, `itemID`, `x_label`.
    Ready,
    /// `.inter` with typed headers.
    RecBole,
    /// Delimited text.
    Table,
    /// Parquet.
    Parquet,
    /// A user and its items a line: LightGCN's `train.txt` and `test.txt`.
    Adjacency,
    /// Objects of users and lists of items: LATTICE's `train.json`, `val.json`, `test.json`.
    Lattice,
    /// An object a line.
    JsonLines,
    /// A list of objects.
    JsonList,
    /// MIND's `behaviors.tsv`.
    Mind,
    /// A table in memory.
    Frame,
}

impl Layout {
    /// Returns whether files of this layout have columns, so that some of one layout and some of another can be one table.
    pub(crate) fn has_columns(self) -> bool {
        match self {
            Layout::RecBole
            | Layout::Table
            | Layout::Parquet
            | Layout::JsonLines
            | Layout::JsonList
            | Layout::Frame => true,
            Layout::Ready | Layout::Adjacency | Layout::Lattice | Layout::Mind => false,
        }
    }

    /// Returns the layout's name for people.
    pub fn name(self) -> &'static str {
        match self {
            Layout::Ready => "ready data set",
            Layout::RecBole => "RecBole atomic files",
            Layout::Table => "table of text",
            Layout::Parquet => "Parquet table",
            Layout::Adjacency => "LightGCN lists",
            Layout::Lattice => "LATTICE lists",
            Layout::JsonLines => "JSON lines",
            Layout::JsonList => "JSON list of objects",
            Layout::Mind => "MIND impressions",
            Layout::Frame => "table in memory",
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_label_is_called_alike_in_every_layout() {
        assert_eq!(crate::columns::LABEL, anchorrec_data::LABEL_COLUMNS);
    }
}
