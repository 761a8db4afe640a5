//! What was found in a folder.

use crate::layout::Layout;
use crate::part::Part;
use anchorrec_data::Note;
use std::path::{Path, PathBuf};

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The layout.
    pub layout: Layout,
    /// The interactions: one file, or several of one layout in the order in which they are read, each with the part that it is.
    pub files: Vec<(PathBuf, Option<Part>)>,
    /// The columns of files that have no header.
    pub header: Option<Vec<String>>,
    /// What separates fields, where it is known.
    pub separator: Option<String>,
    /// What was guessed.
    pub notes: Vec<Note>,
}

impl Found {
    /// Whether the files of another are read as these are.
    pub(crate) fn is_like(&self, other: &Found) -> bool {
        self.layout == other.layout && self.header == other.header && self.separator == other.separator
    }

    pub(crate) fn one(layout: Layout, path: &Path) -> Self {
        Found { layout, files: vec![(path.to_owned(), None)], header: None, separator: None, notes: Vec::new() }
    }
}
