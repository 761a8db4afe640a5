//! Parquet files: interactions, and what the reader of features stands on.

mod interactions;
pub(crate) mod table;

pub(crate) use interactions::read;
pub(crate) use table::header;
