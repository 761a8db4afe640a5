//! The spaces in which items are compared, each prepared once when a run is loaded.

use crate::load_error::LoadError;
use anchorrec_data::{Dataset, Modality};
use anchorrec_retrieval::List;
use anchorrec_retrieval::filled::filled;
use anchorrec_retrieval::similar::{SimilarItems, modality_of};
use ndarray::Array2;

/// A space with its items.
pub struct Space {
    /// The name of the space: `final`, `text`, ...
    pub name: String,
    items: SimilarItems,
    /// The features behind the space, and the items that have none of their own, ascending.
    filled: (Option<Modality>, Vec<u32>),
}

impl Space {
    /// Prepares `positions` `[I, D]`. The items of `never`, ascending, are in no list, nor are those that have no features of their own.
    ///
    /// # Errors
    /// When the file that names the items without features cannot be read.
    pub fn new(name: String, positions: &Array2<f32>, dataset: &Dataset, never: &[u32]) -> Result<Self, LoadError> {
        let modality = modality_of(&name);
        let filled = match modality {
            Some(modality) => filled(dataset, modality)?,
            None => Vec::new(),
        };
        let mut left_out = [never, &filled].concat();
        left_out.sort_unstable();
        left_out.dedup();
        Ok(Space { name, items: SimilarItems::new(positions, &left_out), filled: (modality, filled) })
    }

    /// Returns the kind of features that an item lacks in this space, where it has only the mean of the others.
    pub fn lacks(&self, item: u32) -> Option<Modality> {
        self.filled.0.filter(|_| self.filled.1.binary_search(&item).is_ok())
    }

    /// Returns how many items are in no list of this space for want of features.
    pub fn without_features(&self) -> usize {
        self.filled.1.len()
    }

    /// Returns the `top` items most similar to each of `wanted` by cosine; an empty list for an item without a direction.
    ///
    /// # Panics
    /// When an item is not there.
    pub fn lists(&self, wanted: &[u32], top: usize) -> Vec<List> {
        self.items.lists(wanted, top)
    }
}
