//! Golden files as models: official names to ours, official settings to ours.

pub mod alignrec;
pub mod bm3;
pub mod damrs;
pub mod freedom;
pub mod lattice;
pub mod lgmrec;
pub mod lightgcn;
pub mod smore;
pub mod vbpr;
