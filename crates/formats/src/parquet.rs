//! Parquet files: interactions and features.

mod features;
mod table;

pub(crate) use features::features;
pub(crate) use table::{header, read};
