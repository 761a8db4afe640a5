//! The options of `anchorrec tune`.

use crate::args::{JobOptions, at_least_one, model};
use anchorrec_models::MODELS;
use anchorrec_recommender::Model;
use anchorrec_trainer::search::{self, SearchRange};
use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub struct TuneOptions {
    #[command(flatten)]
    pub job: JobOptions,

    /// Model to tune
    #[arg(long, value_parser = model(), default_value = MODELS.default_model().name())]
    pub model: &'static dyn Model,

    /// One more setting to search beside the model's published ranges, with the values to try, the default first; may be repeated
    #[arg(long, value_name = "PATH=VALUE,...")]
    pub range: Vec<SearchRange>,

    /// How many epochs each point of the search gets
    #[arg(long, default_value = "halving")]
    pub strategy: Strategy,

    /// Number of points (settings) to try
    #[arg(long, value_name = "N", default_value = "9", value_parser = at_least_one)]
    pub budget: usize,

    /// Seed for drawing the points
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub search_seed: u64,

    /// Parallel trials, each on its share of the threads [default: as many as threads and memory allow]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub parallel: Option<usize>,

    /// Do not write the best settings into the manifest
    #[arg(long)]
    pub dry_run: bool,
}

/// The words of [`search::Strategy`].
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Strategy {
    /// Successive halving: all points for a ninth of the epochs, the best third of them for a third, the best third of those to the end; favours settings that learn fast
    Halving,
    /// As halving, but whatever still rises faster than the leader continues too: it costs more, and settings that learn slowly are not ended early
    Rising,
    /// Random search: all points to the end
    Random,
}

impl From<Strategy> for search::Strategy {
    fn from(strategy: Strategy) -> Self {
        match strategy {
            Strategy::Halving => Self::Halving,
            Strategy::Rising => Self::Rising,
            Strategy::Random => Self::Random,
        }
    }
}
