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

pub mod download;
pub mod events;

pub use events::{Event, Events, Names};
