//! Preparing data sets, from outside of the crate. What measures memory is a program of its own.

mod amazon;
mod amazon_real;
mod doors;
mod features;
mod mistaken;
mod odd_features;
mod own;
mod published;
mod unsaid;
#[path = "../workplace/mod.rs"]
mod workplace;
mod written_otherwise;
