#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! From raw or foreign files to a ready data set: the folder that `anchorrec_data::Dataset` loads.
//!
//! ```text
//! files of any layout -> Events (names interned, a row each) -> without repeats -> k-core -> indexed -> split -> ready folder
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`raw`] | the raw public files of an Amazon category, as streams |
//! | [`repeats`], [`core`](mod@crate::core), [`index`] | rows without repeats, the k-core, ids from 0 |
//! | [`split`] | training, validation, test: at random or by time |
//! | [`split_text`] | rules of a split as people write them |
//! | [`anchor`](mod@anchor) | the fused feature where none was published |
//! | [`ready`] | the ready folder, written whole or not at all |
//! | [`pipeline`] | what every preparation does with rows, from repeats to the split |
//! | [`amazon`] | all of these, from raw files to a ready data set |
//! | [`steps`] | what every step kept and dropped |
//! | [`own`] | your own files: reading, describing, making a ready folder |

pub mod amazon;
pub mod anchor;
pub mod core;
pub mod index;
pub mod own;
pub mod pipeline;
pub mod raw;
pub mod ready;
pub mod repeats;
pub mod split;
pub mod split_text;
pub mod steps;

pub use anchorrec_formats::events::{Event, Events, Names, Time};
