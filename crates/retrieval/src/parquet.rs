//! Parquet files, row group by row group: memory is bounded by a group.

mod lists;
mod pairs;
mod rows;
mod vectors;

pub(crate) use lists::lists;
pub use pairs::pairs;
pub(crate) use vectors::vectors;
