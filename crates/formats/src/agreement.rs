//! Whether files that are one table agree in what they say.

use crate::columns::Places;
use crate::error::{FormatError, file_error};
use anchorrec_data::note::{Kind, Note};
use std::path::{Path, PathBuf};

/// Which columns each file has beside users and items.
#[derive(Debug, Default)]
pub(crate) struct Agreement(Vec<(PathBuf, Places)>);

impl Agreement {
    /// Takes in the columns of a file.
    pub(crate) fn add(&mut self, path: &Path, places: &Places) {
        self.0.push((path.to_owned(), *places));
    }

    /// A file that has a column, and one that has not.
    fn differ(&self, has: impl Fn(&Places) -> bool) -> Option<(&Path, &Path)> {
        let first = |wanted: bool| self.0.iter().find(|(_, places)| has(places) == wanted);
        Some((first(true)?.0.as_path(), first(false)?.0.as_path()))
    }

    /// Whether a file has a column of times.
    pub(crate) fn has_times(&self) -> bool {
        self.0.iter().any(|(_, places)| places.time.is_some())
    }

    /// What is said of files that differ.
    ///
    /// # Errors
    /// When labels choose positives and are in some files only; when the order of rows is the time and some files have times.
    pub(crate) fn check(&self, labels_count: bool, order_is_time: bool) -> Result<Vec<Note>, FormatError> {
        if let (Some((with, without)), true) = (self.differ(|places| places.label.is_some()), labels_count) {
            let found = "none, so that every row would count (--positive all takes the rows of all files as positives)";
            return Err(file_error(without, format!("a column of labels as in {}", with.display()), found));
        }
        let mut notes = Vec::new();
        if order_is_time && let Some((with, without)) = self.differ(|places| places.time.is_some()) {
            let expected = "no column of times, where the order of rows is the time (--rows-in-time-order)";
            return Err(file_error(with, expected, format!("one, and none in {}", without.display())));
        }
        if order_is_time && self.has_times() {
            let text = "rows have times of their own, so their order is not taken (--rows-in-time-order)";
            notes.push(Note::new(Kind::Ignored, "order-not-taken", 0u64, text));
        }
        if let Some((_, without)) = self.differ(|places| places.rating.is_some()) {
            let text = format!("{} has no column of ratings, so no ratings are kept", without.display());
            notes.push(Note::new(Kind::Dropped, "ratings-of-some-files", 0u64, text));
        }
        Ok(notes)
    }
}
