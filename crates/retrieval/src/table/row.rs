//! What tables are made of.

use std::io;

/// An item of a list as it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry<'a> {
    /// The item's external id.
    pub item: &'a str,
    /// The item's title, where there is one.
    pub title: Option<&'a str>,
    /// The item's score.
    pub score: f32,
}

/// A table that takes the lists of one user after another.
pub(crate) trait Table {
    /// Writes the list of a user, best first.
    fn add(&mut self, user: &str, list: &[Entry]) -> io::Result<()>;

    /// Writes what comes last.
    fn finish(self: Box<Self>) -> io::Result<()>;
}
