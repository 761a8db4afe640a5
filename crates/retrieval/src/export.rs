//! The vectors that score, for a vector store: users and items with their ids, and what a store must be told to give the model's own lists.
//!
//! The score is the dot product of a user's and an item's vector. **It is neither the cosine nor the distance**: an item's length says how
//! often it is bought, and a store that ignores it (cosine) or punishes it (L2) gives other lists. [`Shape::Lifted`] is for stores that know
//! nothing else: with `M` the largest length, items get one more number `√(M² - |v|²)` and users a 0. All items then have the length `M`, the
//! dot product is what it was, and cosine and L2 rank as it does (Bachrach et al., RecSys 2014).
//!
//! **Order of rows.** Graph indexes link a row to what was there before. By the dot product rows are best put in by rising length, lifted rows by
//! falling length; the order of ids can leave a third of the items where no search ever finds them.

mod check;
mod files;
mod folder;
mod halved;
mod manifest;
mod vectors;

pub use crate::parquet::pairs as history;
pub use check::{Checked, check};
pub use files::{Format, listable, write};
pub use folder::Folder;
pub use halved::{RankedBy, half_change};
pub use manifest::{CheckList, HalfChange, Manifest};
pub use vectors::{Rows, Shape, Vectors};
