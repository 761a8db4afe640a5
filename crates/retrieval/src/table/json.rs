//! The items of lists as JSON objects, as JSON lines hold them.

use super::pieces::Pieces;
use crate::names::Names;
use crate::retriever::Scored;

/// Lists as JSON, what is written for an item made once for all lists.
///
/// ```
/// use anchorrec_data::{Dataset, Interactions};
/// use anchorrec_retrieval::names::Names;
/// use anchorrec_retrieval::table::JsonItems;
/// # let folder = tempfile::tempdir()?;
/// # std::fs::write(folder.path().join("shop.inter"), "userID\titemID\tx_label\n0\t0\t0\n0\t1\t0\n")?;
/// # let dataset = Dataset::load(folder.path())?;
///
/// let items = JsonItems::new(&Names::of_items(&dataset));
/// let mut text = Vec::new();
/// items.add(&mut text, &[(1, 0.5)]);
/// assert_eq!(text, br#"[{"item":"1","score":0.5}]"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct JsonItems {
    /// Each item as an object, up to its score.
    items: Pieces,
}

impl JsonItems {
    /// Writes what is before the score of each item.
    pub fn new(names: &Names) -> Self {
        let items = Pieces::new(names, |piece, id, title| {
            piece.extend_from_slice(b"{\"item\":");
            json(piece, id);
            if let Some(title) = title {
                piece.extend_from_slice(b",\"title\":");
                json(piece, title);
            }
            piece.extend_from_slice(b",\"score\":");
        });
        JsonItems { items }
    }

    /// Adds a list: an array of objects with `item`, `title` where there is one, and `score`.
    ///
    /// # Panics
    /// When an item has no name.
    pub fn add(&self, text: &mut Vec<u8>, list: &[Scored]) {
        text.push(b'[');
        for (place, &(item, score)) in list.iter().enumerate() {
            text.extend_from_slice(if place > 0 { b"," } else { b"" });
            text.extend_from_slice(self.items.of(item));
            json(text, score);
            text.push(b'}');
        }
        text.push(b']');
    }
}

/// Adds a value as JSON.
pub(super) fn json(text: &mut Vec<u8>, value: impl serde::Serialize) {
    serde_json::to_writer(text, &value).expect("texts and numbers are JSON");
}
