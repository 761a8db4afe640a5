//! Metrics, from outside of the crate.

mod definitions;
mod golden_eval;
