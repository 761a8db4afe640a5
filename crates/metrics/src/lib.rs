//! What a trained recommender is worth, as pure functions of what it produced.
//!
//! - [`accuracy`]: Recall, NDCG, precision and MAP of rankings against held-out positives.
//!
//! **This crate ranks nothing, reads no files and knows no model.** All results are `f64`, added up in the order of the
//! users, so that they do not depend on who computed the rankings, or on how many threads.

pub mod accuracy;

pub use accuracy::{Accuracy, UserAccuracy};
