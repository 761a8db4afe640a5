#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! | module | what |
//! |---|---|
//! | [`accuracy`] | Recall, NDCG, precision and MAP of rankings against held-out positives |
//! | [`definitions`] | how other libraries define these metrics |
//! | [`groups`] | the same apart for users and items with few and with many interactions |
//! | [`catalogue`] | coverage, concentration and popularity of what is recommended |
//! | [`neighbours`] | nearest neighbours in a space, and how much of them two spaces share |
//! | [`dominance`] | what nearest neighbours are like: similar in content, or only popular |
//! | [`mod@kendall`] | whether two orders of a few things agree |
//! | [`significance`] | whether two models differ: paired tests over users |
//! | [`spaces`] | CKA, positional spread, alignment, uniformity |
//! | [`spectrum`] | singular values, effective rank |
//!
//! **This crate ranks no users, reads no files and knows no model.** All results are `f64`, added up in the order of the
//! users, so that they do not depend on who computed the rankings, or on how many threads.

pub mod accuracy;
pub mod catalogue;
pub mod definitions;
pub mod dominance;
pub mod groups;
pub mod kendall;
pub mod neighbours;
pub mod significance;
pub mod spaces;
pub mod spectrum;

pub use accuracy::{Accuracy, UserAccuracy};
