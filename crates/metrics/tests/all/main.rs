//! Metrics, from outside of the crate.

mod golden_eval;
