//! One's own data: from files of a common layout to a description and to a ready data set.
//!
//! | layout | what a folder holds |
//! |---|---|
//! | ready | `<name>.inter` with `userID`, `itemID`, `x_label`: what [`anchorrec_data::Dataset`] loads |
//! | any other | what [`anchorrec_formats`] reads |
//!
//! | module | what |
//! |---|---|
//! | [`folder`] | a folder, read |
//! | [`features`] | item features by item id, in the order of a set's items |
//! | [`describe`] | counts, quantiles, what training would take |
//! | [`mod@write`] | the ready folder, by the [pipeline](crate::pipeline) that Amazon's files go through too |
//!
//! # What happens to bad input
//!
//! Beside what the [readers](anchorrec_formats) say:
//!
//! | input | what happens |
//! |---|---|
//! | wrong rows | a set cannot be prepared |
//! | ratings | kept if every row has one |
//! | the same (user, item) twice | accepted, counted; preparing keeps the earliest |
//! | an item without a feature row | gets the mean of the others, counted, listed by its id |
//! | features of no item; of fewer than half, unless that is allowed; nothing but zeros | error with an example on either side and the likely reason |
//! | files that look like features and are not read | noted with the way to give them |
//! | no fused features | made of text and images, or of the one that is there, by PCA ([`fallback`](crate::anchor::fallback)), with a note |
//! | a feature row of an unknown item | left out, counted |

pub mod describe;
mod error;
pub mod features;
pub mod folder;
mod images;
pub mod write;

pub use describe::Description;
pub use error::OwnError;
pub use features::ItemFeatures;
pub use folder::{Foreign, Options, Own, read};
pub use write::{Plan, Prepared};
