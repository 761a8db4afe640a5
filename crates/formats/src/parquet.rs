//! Parquet files: interactions, and what the reader of features stands on.

pub(crate) mod table;

pub(crate) use table::{header, read};
