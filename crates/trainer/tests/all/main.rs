//! Training, from outside of the crate.

mod analysis;
mod faults;
mod golden_adam;
