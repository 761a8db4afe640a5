//! Parquet files: interactions, tables whose columns are taken as they are, and what the reader of features stands on.

mod interactions;
mod pages;
pub(crate) mod sheet;
pub(crate) mod table;

pub(crate) use interactions::read;
pub(crate) use table::header;
