//! From raw or foreign files to a ready data set: the folder that `anchorrec_data::Dataset` loads.
//!
//! ```text
//! files of somebody's layout -> Events (names interned, a row each) -> without repeats -> k-core -> indexed -> split -> ready folder
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`events`] | who took what, and when: what every reader makes and every step takes |
//! | [`own`] | one's own files: which layout they have, reading, describing, making a ready folder |

pub mod events;
pub mod own;

pub use events::{Event, Events, Names};
