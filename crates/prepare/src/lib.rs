//! From raw or foreign files to a ready data set: the folder that `anchorrec_data::Dataset` loads.
//!
//! ```text
//! files of somebody's layout -> Events (names interned, a row each) -> without repeats -> k-core -> indexed -> split -> ready folder
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`download`] | raw files from folders and mirrors, checked |
//! | [`events`] | who took what, and when: what every reader makes and every step takes |
//! | [`raw`] | the raw public files of an Amazon category, as streams |
//! | [`repeats`], [`core`](mod@crate::core), [`index`] | rows without repeats, the k-core, ids from 0 |
//! | [`split`] | training, validation, test: at random or by time |
//! | [`anchor`](mod@anchor) | the fused feature where none was published |
//! | [`ready`] | the ready folder, written whole or not at all |
//! | [`pipeline`] | what every preparation does with rows, from repeats to the split |
//! | [`amazon`] | all of these, from raw files to a ready data set |
//! | [`steps`] | what every step kept and dropped |
//! | [`own`] | one's own files: which layout they have, reading, describing, making a ready folder |

pub mod amazon;
pub mod anchor;
pub mod core;
pub mod download;
pub mod events;
pub mod index;
pub mod own;
pub mod pipeline;
pub mod raw;
pub mod ready;
pub mod repeats;
pub mod split;
pub mod steps;

pub use events::{Event, Events, Names};
