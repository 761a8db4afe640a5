//! The rows of tables.

use std::io;

/// A table that takes the lists of one user after another.
pub(crate) trait Table {
    /// Writes the list of a user, items with their scores, best first.
    fn add(&mut self, user: &str, list: &[(u32, f32)]) -> io::Result<()>;

    /// Writes what comes last.
    fn finish(self: Box<Self>) -> io::Result<()>;
}
