//! Graphs, from outside of the crate.

mod golden_knn;
