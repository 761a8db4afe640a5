#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! The contract between a recommendation model and the code that trains, tunes, evaluates or reports it.
//!
//! | module | what |
//! |---|---|
//! | [`recommender`] | a built model: a step, embeddings, item spaces |
//! | [`model_spec`] | a model before it is built, as its folder declares it: settings, shared data, building |
//! | [`model`] | the same without types, as a list holds it |
//! | [`card`] | its names and paper, what a search tries, what an ablation trains |
//! | [`list`] | models in order, the default first |
//! | [`training_set`] | what a model is built from |
//! | [`work`] | what a step must at least cost, and the times a model is held to |
//! | [`batch_rows`] | the rows a batch touches, each once |
//! | [`setting`] | checks of settings |
//!
//! The crate names no model. A model implements [`ModelSpec`] and [`Recommender`]; nothing else of it is visible from outside.

pub mod batch_rows;
pub mod card;
pub mod list;
pub mod model;
pub mod model_spec;
pub mod recommender;
pub mod setting;
pub mod training_set;
pub mod work;

pub use anchorrec_ranks::Ranks;
pub use batch_rows::{BatchRows, Distinct};
pub use card::{Card, Range, Variation};
pub use list::ModelList;
pub use model::{Model, Prepared};
pub use model_spec::ModelSpec;
pub use recommender::{Batch, Embeddings, ItemSpace, Recommender, Step, Term, UserSums};
pub use setting::SettingError;
pub use training_set::{FeatureTables, Present, TrainingSet};
pub use work::{Size, Timed, Timing, Work};
