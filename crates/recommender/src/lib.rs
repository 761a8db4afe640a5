#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! The contract between a recommendation model and whoever trains, searches, judges or shows it.
//!
//! | module | what |
//! |---|---|
//! | [`recommender`] | a model as a trainer sees it: a step, embeddings, item spaces |
//! | [`batch_rows`] | the rows a batch touches, each once |
//! | [`setting`] | checks of settings |
//!
//! The crate names no model. A model implements [`Recommender`]; nothing else of it is visible from outside.

pub mod batch_rows;
pub mod recommender;
pub mod setting;

pub use batch_rows::{BatchRows, Distinct};
pub use recommender::{Batch, Embeddings, ItemSpace, Recommender, Step, Term};
pub use setting::SettingError;
