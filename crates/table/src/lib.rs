#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! | module | what |
//! |---|---|
//! | [`declaration`] | the file that says what is computed: data sets, models, one budget for all |
//! | [`plan`] | the steps of a table in their order; which are done |
//! | [`results`] | the JSON files of what is done |
//! | [`command`] | the command line of a step |
//! | [`child`] | a step as a child process, its output in files |
//! | [`work`] | children started, awaited, stopped; results written as steps end |
//! | [`rows`] | from the files of runs to a row of a table |
//! | [`lists`] | what methods without training and fusions recommend |
//! | [`against`] | paired tests against the reference |
//! | [`estimate`] | how long the rest takes |
//!
//! **This crate trains nothing.** Children do: `anchorrec train`, `tune` and `baselines`, which are resumable themselves. A step is done when its result is
//! written, and a step that was cut short is started again with the same words.
//!
//! **Nothing is mixed.** A result holds its protocol and the hashes of its data. Where either differs from what is declared and loaded now, the table is refused.

pub mod against;
pub mod child;
pub mod command;
pub mod declaration;
mod error;
pub mod estimate;
mod groups;
pub mod lists;
pub mod plan;
mod read;
pub mod results;
pub mod rows;
pub mod work;

pub use declaration::Declaration;
pub use error::TableError;
pub use work::{Ended, Table};
