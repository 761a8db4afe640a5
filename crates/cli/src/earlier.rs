//! `--refit` and `--warm-start`: what a job takes from a finished run.
#![cfg_attr(not(feature = "retrieval"), allow(dead_code, reason = "read by what reads finished runs"))]

use clap::Args;
use std::path::PathBuf;

pub use anchorrec_trainer::reported::Earlier;

/// Options that name a finished run to begin with.
#[derive(Debug, Args)]
pub struct EarlierOptions {
    /// Refit a finished run before it goes into production: train it again on all rows (training, validation and test) with its settings, for the
    /// number of epochs that its validation chose. No rows are left to evaluate it on. --seeds refits some of its seeds only; --data names the folder
    /// of its data set if it has moved
    #[arg(
        long,
        value_name = "RUN",
        conflicts_with_all = ["warm_start", "model", "dataset", "mm", "scale", "epochs", "patience", "config", "set", "fuse"]
    )]
    pub refit: Option<PathBuf>,

    /// Warm start: start from the weights of a finished run that was trained on earlier data. Users and items are matched by their external ids; new
    /// ones start at random. Its settings are used too; --config, --set and --epochs override them
    #[arg(long, value_name = "RUN")]
    pub warm_start: Option<PathBuf>,

    /// Seed of the weights for --warm-start [default: the seed with the best validation recall]
    #[arg(long, value_name = "SEED", requires = "warm_start", conflicts_with = "refit")]
    pub warm_start_seed: Option<u64>,

    /// Folder of the data set that the run of --warm-start was trained on, if it has moved since
    #[arg(long, value_name = "DIR", requires = "warm_start", conflicts_with = "refit")]
    pub warm_start_data: Option<PathBuf>,
}
