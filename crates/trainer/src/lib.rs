//! From a configuration and a data set to a judged model.
//!
//! | module | what |
//! |---|---|
//! | [`config`] | every setting of a run, declared, defaulted and checked once |
//! | [`models`] | which model a configuration asks for |
//! | [`adam`] | the optimiser |
//! | [`ranking`] | full ranking without a `U x I` matrix |
//! | [`evaluation`] | Recall and NDCG on validation and test |
//! | [`job`] | the loop over seeds, epochs and batches |
//! | [`report`] | what is written to `report.json` |
//! | [`observer`] | how a run is watched |
//! | [`weights_file`], [`atomic`], [`memory`] | weights on disk, crash-safe writing, peak memory |
//!
//! **Selection is by validation alone**: the best epoch has the highest validation Recall@20, the earliest on a tie.
//! Test metrics are recorded on the way for the curve; nothing is chosen by them.
//!
//! **Determinism.** The same data, configuration and version give the same bits for any number of threads: random
//! draws are keyed by (seed, purpose, epoch, batch), and no sum crosses threads.

pub mod adam;
pub mod atomic;
pub mod config;
mod error;
pub mod evaluation;
pub mod job;
pub mod memory;
pub mod models;
pub mod observer;
pub mod ranking;
pub mod report;
pub mod weights_file;

pub use config::{CheckedConfig, ConfigError, ConfigLayers, ModelKind, RunConfig};
pub use error::TrainError;
pub use job::Job;
pub use observer::{Event, Observer};
pub use report::Report;
