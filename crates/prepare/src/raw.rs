//! The raw public files of an Amazon category of 2014, as streams.
//!
//! | file | read by | what is kept in memory |
//! |---|---|---|
//! | `ratings_<Category>.csv[.gz]` | [`ratings`] | 24 bytes a row, every name once |
//! | `meta_<Category>.json[.gz]` | [`metadata`] | the texts of the wanted items, one line at a time |
//! | `image_features_<Category>.b[.gz]` | [`images`] | one row for each wanted item, one record at a time |
//!
//! A file is found under its plain name or, where there is none, under that name with `.gz`, which is unpacked while it is read.

mod error;
mod file;
pub mod images;
pub mod literal;
pub mod metadata;
pub mod ratings;

pub use error::{Problem, RawError};
pub use file::{LONGEST_LINE, RawLines};
