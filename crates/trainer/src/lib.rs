#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! From a configuration and a data set to a judged model.
//!
//! | module | what |
//! |---|---|
//! | [`config`] | every setting of a run, declared, defaulted and checked once |
//! | [`config_layers`] | settings from files and options, one over the other |
//! | [`layered`] | what a user says over a data set's tuned settings, and where each comes from |
//! | [`source`] | where the data is: a folder, the name of a data set, a synthetic twin |
//! | [`loaded`] | a data set in memory, with what is known about it |
//! | [`features`] | the features a model sees, or those of a control |
//! | [`variants`], [`ablation`] | a model without its parts, controls, contrasts; all of them trained and compared |
//! | [`search`], [`tuning`] | which settings are tried, and which trials continue; the search carried out |
//! | [`models`] | from a configuration and a data set to fresh models |
//! | [`adam`] | the optimiser |
//! | [`stepper`] | one training step: batch, objective, optimiser |
//! | [`trained`] | a trained model, read back |
//! | [`ranking`] | full ranking without a `U x I` matrix |
//! | [`evaluation`] | Recall and NDCG on validation and test |
//! | [`job`] | a run for each seed; each a loop over epochs and batches (`run`), perhaps from the end of a shorter one (`longer`) |
//! | [`reported`] | a job on loaded data, from its configuration to `report.json` |
//! | [`closed_forms`] | popularity, item kNN, EASE, L3AE, judged as models are |
//! | [`fusion`] | a model and a closed form at score level |
//! | [`identity`], [`numerics`] | what a run is made of; the revision of the numerics |
//! | [`lineage`], [`origin`], [`warm_start`] | what a run takes from another one: the epochs of a refit, the weights of a warm start |
//! | [`checkpoint`], [`run_folder`] | a run that can be interrupted, and its files |
//! | [`analysis`], [`comparison`] | a trained model looked at beyond its accuracy; several side by side |
//! | [`logs`] | the curve as TensorBoard event files and JSON lines, while it grows |
//! | [`observer`] | how a run is watched |
//! | [`spoken`] | a run in lines for people |
//! | [`memory`], [`processor`] | peak memory; which processor computes |
//!
//! **Selection is by validation alone**: the best epoch has the highest validation Recall@20, the earliest on a tie.
//! Test metrics are recorded on the way for the curve; nothing is chosen by them.
//!
//! **Determinism.** The same data, configuration and version give the same bits for any number of threads: random
//! draws are keyed by (seed, purpose, epoch, batch), and no sum crosses threads.

pub mod ablation;
pub mod adam;
pub mod analysis;
mod bounded;
pub mod checkpoint;
pub mod closed_forms;
pub mod comparison;
pub mod config;
pub mod config_layers;
mod error;
pub mod evaluation;
pub mod features;
mod fused_scores;
pub mod fusion;
pub mod identity;
pub mod job;
pub mod layered;
pub mod lineage;
pub mod loaded;
pub mod logs;
mod longer;
pub mod memory;
pub mod models;
pub mod numerics;
pub mod observer;
pub mod origin;
pub mod processor;
pub mod ranking;
pub mod reported;
mod run;
pub mod run_folder;
pub mod search;
pub mod source;
pub mod spoken;
pub mod stepper;
pub mod trained;
pub mod tuning;
pub mod variants;
pub mod warm_start;
mod warm_start_error;

pub use config::{CheckedConfig, RunConfig};
pub use config_layers::{ConfigError, ConfigLayers};
pub use error::{BUSY, TrainError};
pub use identity::Identity;
pub use job::{Job, Outcome, RunOptions};
pub use lineage::Lineage;
pub use observer::{Observer, RunEvent};
pub use run_folder::RunFolder;
pub use stepper::Stepper;
pub use trained::TrainedModel;
