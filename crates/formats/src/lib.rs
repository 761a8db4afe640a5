#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! Readers of people's files: interactions of common layouts, item features of common kinds, each with the place of what is wrong.
//!
//! | module | what |
//! |---|---|
//! | [`detect`] | which layout a folder has |
//! | [`layout`](mod@layout) | the layouts |
//! | [`columns`] | which column is which |
//! | [`reading`] | what a caller may say about a file |
//! | [`part`] | a split that the data say themselves |
//! | [`read`](mod@read) | the interactions of a layout |
//! | [`frame`] | the interactions of a table in memory |
//! | [`events`] | rows as every reader makes them: who took what, and when |
//! | [`source`] | rows collected, with their places and what is wrong with them |
//! | [`times`] | points in time as people write them |
//! | [`whole`] | ids that are whole numbers and became fractions |
//! | [`features`] | matrices with an id for each row |
//! | [`Sheet`] | a Parquet file whose columns are taken as they are |
//! | [`guard`] | a library that asserts what damaged files do not keep |
//!
//! # What happens to bad input
//!
//! | input | what happens |
//! |---|---|
//! | no file of a known layout, or several | error that says what was looked for and what is there |
//! | an id that is empty, has white space around it, a control character or more than 1000 bytes | the row is left out, counted, named with its line |
//! | a row with more or fewer fields than the header | the same |
//! | a time that is none, or is written in another way than most of the column (seconds, milliseconds, a date, a time with a zone, ...) | the same |
//! | a rating that is missing or no number | accepted, noted with the first line |
//! | ids like `nan`, `null` | accepted, noted with the first line |
//! | `12.0` among ids that are all whole numbers | it is `12`, said; among others it is a name, noted with the first line |
//! | a first row that is a header, where the columns were named as of a file without one | passed over, said; refused where it only may be one, or names other columns |
//! | a byte that is no UTF-8; a line or a quoted record above 1 MiB; a quote that never closes | error with line |
//! | `\r\n`, `\r`, UTF-16, a byte order mark, blank lines, no line end at the end | accepted |
//! | features with NaN or infinity, rows of unequal width, an item with two vectors | error with the first rows and their count |
//! | a row of features without a vector | left out, noted with the first rows |
//! | a table of features in which several columns could be meant | error that names them and the option |
//!
//! **The reader of Parquet is behind the feature `parquet`**, on by default: the library for it takes as long to build as all the others here
//! together, and its `zstd` feature compiles C. Without it such a file is an error that says how to build with it.
//!
//! Deliberately absent: data sets, what is done with rows, terminals.

mod adjacency;
mod agreement;
mod ahead;
mod clock;
pub mod columns;
pub mod detect;
mod error;
pub mod events;
pub mod features;
mod first_row;
mod folder;
mod found;
pub mod frame;
#[cfg(feature = "parquet")]
pub mod guard;
mod json_lines;
mod json_values;
mod lattice;
pub mod layout;
mod look;
mod mind;
mod name;
mod names;
mod numbers;
mod open;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(not(feature = "parquet"))]
#[path = "parquet/absent.rs"]
mod parquet;
pub mod part;
mod pending;
mod published;
pub mod read;
pub mod reading;
pub mod recbole;
mod records;
pub mod source;
mod stood;
mod table;
pub mod times;
mod together;
mod unread;
mod utf8;
pub mod whole;
mod wrong;

pub use anchorrec_data::note::{Kind, Note};
pub use columns::ColumnNames;
pub use error::{FormatError, Place, file_error, io_error, row_error};
pub use events::{Event, Events, Names};
pub use folder::{extension, files};
pub use found::{Found, FoundFile};
pub use layout::Layout;
#[cfg(feature = "parquet")]
pub use parquet::sheet::{Group, Sheet};
pub use part::Part;
pub use reading::{Positives, Reading};
pub use source::Source;
