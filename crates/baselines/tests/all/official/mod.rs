//! Golden files as models: official names to ours, official settings to ours.

pub mod bm3;
pub mod damrs;
pub mod freedom;
pub mod lattice;
pub mod lightgcn;
pub mod vbpr;
