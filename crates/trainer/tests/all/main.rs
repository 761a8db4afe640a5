//! Training, from outside of the crate.

mod analysis;
mod every_model;
mod faults;
mod golden_adam;
mod seeds;
mod warm_start;
