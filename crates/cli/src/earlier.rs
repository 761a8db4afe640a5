//! `--refit` and `--warm-start`: what a job takes from a finished run.
#![cfg_attr(not(feature = "retrieval"), allow(dead_code, reason = "read by what reads finished runs"))]

use anchorrec_records::FusionRecord;
use anchorrec_records::origin::{RefitRecord, WarmStartRecord};
use anchorrec_trainer::Lineage;
use clap::Args;
use std::path::PathBuf;

/// Options that name a finished run to begin with.
#[derive(Debug, Args)]
pub struct EarlierOptions {
    /// Refit a finished run before it goes into production: train it again on all rows (training, validation and test) with its settings, for the
    /// number of epochs that its validation chose. Nothing is left to evaluate it by. --seeds chooses some of its seeds, --data says where its data
    /// set has moved to
    #[arg(
        long,
        value_name = "RUN",
        conflicts_with_all = ["warm_start", "model", "dataset", "mm", "scale", "epochs", "patience", "config", "set", "fuse"]
    )]
    pub refit: Option<PathBuf>,

    /// Warm start: begin with the weights of a finished run that was trained on earlier data. Users and items are matched by their external ids; new
    /// ones begin as without it. Its settings are taken too, under --config, --set and --epochs
    #[arg(long, value_name = "RUN")]
    pub warm_start: Option<PathBuf>,

    /// Which seed's weights --warm-start begins with; without it, those of the seed with the best validation Recall at 20
    #[arg(long, value_name = "SEED", requires = "warm_start")]
    pub warm_start_seed: Option<u64>,

    /// Folder of the data set that the run of --warm-start was trained on, if it has moved since
    #[arg(long, value_name = "DIR", requires = "warm_start")]
    pub warm_start_data: Option<PathBuf>,
}

/// What a job takes from a finished run.
#[derive(Default)]
pub struct Earlier {
    /// For the trainer.
    pub lineage: Lineage,
    /// For the report.
    pub refit: Option<RefitRecord>,
    /// For the report.
    pub warm_start: Option<WarmStartRecord>,
    /// The fusion of the run that is refitted; it is kept.
    pub fusion: Option<FusionRecord>,
}
