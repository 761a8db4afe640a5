//! A search that is wanted, and why it may not come to its end.

use crate::config_layers::ConfigError;
use crate::error::TrainError;
use crate::layered::{Said, Tuned};
use crate::search::{SearchRange, Strategy};
use anchorrec_recommender::{Model, ModelList};
use std::io;
use std::path::PathBuf;
use std::time::Duration;
use thiserror::Error;

/// What lies under the settings of a trial.
pub(super) const FROM_DEFAULTS: Tuned<'_> = Tuned::None("a search does not begin at tuned settings");

/// A search that is wanted.
#[derive(Clone)]
pub struct Tuning {
    /// All models.
    pub models: ModelList,
    /// The model whose settings are looked for.
    pub model: &'static dyn Model,
    /// Settings that every trial has, under those of its point.
    pub said: Said,
    /// Ranges beside the model's own.
    pub ranges: Vec<SearchRange>,
    /// How many epochs each point gets.
    pub strategy: Strategy,
    /// How many points are tried.
    pub budget: usize,
    /// The seed for drawing the points.
    pub search_seed: u64,
    /// Trials at once; as many as threads and memory allow where nothing is said.
    pub parallel: Option<usize>,
    /// The folder for runs; the trace goes below it.
    pub out: PathBuf,
    /// The time between two checkpoints of a trial.
    pub checkpoint_every: Duration,
}

/// Why a search does not come to its end.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TuneError {
    /// Nothing to choose by.
    #[error("{dir}: there are no validation rows, so no point can be chosen: split the data first")]
    NoValidation {
        /// The folder of the data set.
        dir: PathBuf,
    },
    /// More than one seed.
    #[error("--seeds: expected one: a search trains every point with the same seed, found {seeds:?}")]
    Seeds {
        /// What was asked for.
        seeds: Vec<u64>,
    },
    /// A range for a setting that has its values.
    #[error("--range {path}: expected a setting that is neither searched already nor set for every trial")]
    TwoRanges {
        /// The setting.
        path: String,
    },
    /// The trace cannot be read.
    #[error("{path}: cannot read")]
    Read {
        /// The trace.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The trace is none.
    #[error("{path}: expected the trace of a search: remove it to begin again")]
    NoTrace {
        /// The file.
        path: PathBuf,
        /// The parser's words.
        source: serde_json::Error,
    },
    /// The trace of another search.
    #[error(
        "{path}: the trace of another search (other data, settings, budget, arithmetic or version) is here: move it away, or name another --out"
    )]
    OtherTrace {
        /// The trace.
        path: PathBuf,
    },
    /// A trial was never judged.
    #[error("no epoch up to {epochs} was judged: train.evaluate_every = {every} is more than the first rung")]
    NeverJudged {
        /// The epochs of the first rung.
        epochs: usize,
        /// Epochs from one evaluation to the next.
        every: usize,
    },
    /// Somebody changes the folder meanwhile.
    #[error("{folder}: a trial leaves a record or a checkpoint behind, and none is there: run the same command again")]
    TrialGone {
        /// The folder of the trial.
        folder: PathBuf,
    },
    /// Every trial went wrong.
    #[error("all {trials} trials diverged: nothing was found. Lower train.learning_rate or look at the features")]
    AllDiverged {
        /// How many there were.
        trials: usize,
    },
    /// The system gives no threads.
    #[error("threads of a trial")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// Settings are not right.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A trial failed.
    #[error(transparent)]
    Train(#[from] TrainError),
}
