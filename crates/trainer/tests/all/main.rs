//! Training, from outside of the crate.

mod analysis;
mod every_model;
mod faults;
mod seeds;
mod warm_start;
