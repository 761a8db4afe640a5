//! What was found in a folder.

use crate::layout::Layout;
use crate::part::Part;
use anchorrec_data::Note;
use std::path::{Path, PathBuf};

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The layout; of several the first file's.
    pub layout: Layout,
    /// The interactions: one file, or several in the order in which they are read.
    pub files: Vec<FoundFile>,
    /// Files beside them that could be tables by their names.
    pub others: Vec<PathBuf>,
    /// What was guessed.
    pub notes: Vec<Note>,
}

/// A file of interactions.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundFile {
    /// Where the file is.
    pub path: PathBuf,
    /// The layout of the file.
    pub layout: Layout,
    /// The part of the data set that it is, where that is known.
    pub part: Option<Part>,
    /// The columns of a file that has no header.
    pub header: Option<Vec<String>>,
    /// What separates fields, where it is known.
    pub separator: Option<String>,
}

impl Found {
    /// Whether the files of another can be one table with these.
    pub(crate) fn is_like(&self, other: &Found) -> bool {
        self.layout == other.layout || self.layout.has_columns() && other.layout.has_columns()
    }

    /// Whether the files of another are also written as these are.
    pub(crate) fn is_alike(&self, other: &Found) -> bool {
        let (one, two) = (self.files.first(), other.files.first());
        let way = |file: Option<&FoundFile>| file.map(|file| (file.header.clone(), file.separator.clone()));
        self.layout == other.layout && way(one) == way(two)
    }

    pub(crate) fn one(layout: Layout, path: &Path) -> Self {
        let file = FoundFile { path: path.to_owned(), layout, part: None, header: None, separator: None };
        Found { layout, files: vec![file], others: Vec::new(), notes: Vec::new() }
    }

    /// Takes in what is known of the columns of the files.
    pub(crate) fn with(mut self, header: Option<Vec<String>>, separator: Option<String>) -> Self {
        for file in &mut self.files {
            (file.header, file.separator) = (header.clone(), separator.clone());
        }
        self
    }

    /// Makes the files a part of a data set.
    pub(crate) fn of_part(mut self, part: Part) -> Self {
        self.files.iter_mut().for_each(|file| file.part = Some(part));
        self
    }
}
