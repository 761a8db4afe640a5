//! Item features of a folder, brought into the order of a set's items.
//!
//! | module | what |
//! |---|---|
//! | `find` | which files of a folder hold them, and which of them are not read |
//! | `items` | features by item id, and in the order of a set's items |
//! | `ids` | ids that are one number written in two ways; why ids do not match |
//! | `judge` | what is said of features that fit, and when they cannot be right |

mod find;
mod ids;
mod items;
mod judge;

pub(crate) use find::read;
pub use find::{Read, read_folder};
pub use items::{Coverage, ItemFeatures, Matched};
pub use judge::judge;
