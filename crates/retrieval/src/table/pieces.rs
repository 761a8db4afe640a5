//! The part of a table row that depends on the item alone: made once for all lists.

use crate::names::Names;

/// A piece of text for each item.
pub(super) struct Pieces {
    text: Vec<u8>,
    /// Where the piece of an item begins, and behind them all where the last one ends.
    begins: Vec<usize>,
}

impl Pieces {
    /// Makes the piece of each item with `write`, which gets its id and title.
    pub fn new(names: &Names, write: impl Fn(&mut Vec<u8>, &str, Option<&str>)) -> Self {
        let mut pieces = Pieces { text: Vec::new(), begins: vec![0] };
        for (id, title) in names.all() {
            write(&mut pieces.text, id, title);
            pieces.begins.push(pieces.text.len());
        }
        pieces
    }

    /// Returns the piece of an item.
    ///
    /// # Panics
    /// When there is no such item.
    pub fn of(&self, item: u32) -> &[u8] {
        &self.text[self.begins[item as usize]..self.begins[item as usize + 1]]
    }
}
