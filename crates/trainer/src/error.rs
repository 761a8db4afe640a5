//! Errors that end a job.

use anchorrec_data::DataError;
use anchorrec_files::{few, grouped};
use anchorrec_recommender::SettingError;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Bytes of a GiB.
const GIB: f64 = 1_073_741_824.0;

/// What [`TrainError::Busy`] says of a folder: another program that reads it may wait and try again.
pub const BUSY: &str = "another process is working in this folder";

/// An error that ends a job.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrainError {
    /// The data cannot be trained on.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The ranks cannot go on together.
    #[error(transparent)]
    Ranks(#[from] anchorrec_ranks::RanksError),
    /// A setting cannot work.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The weights of another run cannot be started from.
    #[error(transparent)]
    WarmStart(#[from] crate::warm_start_error::WarmStartError),
    /// A refit of a seed that the run has not.
    #[error("seed {seed} is not among those of the run that is to be refitted: {}", few(seeds.iter().map(u64::to_string), seeds.len()))]
    NoSuchSeed {
        /// What was asked for.
        seed: u64,
        /// What there is.
        seeds: Vec<u64>,
    },
    /// A closed form cannot be computed.
    #[error(transparent)]
    ClosedForm(#[from] anchorrec_closed_forms::Unsolvable),
    /// Numbers went wrong.
    #[error(
        "epoch {epoch}, batch {batch}: {what}: expected finite numbers; first bad parameter: {parameter}; {kept}; \
         lower train.learning_rate or look at the features"
    )]
    NonFinite {
        /// What is not finite: a loss term, an embedding, a weight.
        what: String,
        /// The epoch, from 1.
        epoch: usize,
        /// The last batch that was computed, from 1.
        batch: usize,
        /// The first parameter, in creation order, with a number or moment that is not finite; `none` when all are.
        parameter: String,
        /// What there is to continue from.
        kept: String,
    },
    /// A file could not be written or read back.
    #[error("{path}: cannot {action}")]
    File {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// The best weights of a run cannot be used.
    #[error("{path} {problem}; train again with --restart")]
    Weights {
        /// The file.
        path: PathBuf,
        /// What is wrong with the file.
        problem: String,
    },
    /// Another run is using the folder.
    #[error("{folder}: {BUSY}; wait for it, or give this one another --out")]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// A folder with a run that is made of something else.
    #[error(
        "{folder}: the run that is here is another one: {}. Give this one another --out, or begin again here with --restart and \
         all of its seeds",
        differences.join("; ")
    )]
    OtherRun {
        /// The folder.
        folder: PathBuf,
        /// What is different.
        differences: Vec<String>,
    },
    /// No memory for the closed form of a fusion.
    #[error(
        "--fuse: the closed form of {} items takes {:.1} GiB, and this machine has {:.1} GiB left: train without --fuse",
        grouped(*items),
        needed / GIB,
        available / GIB
    )]
    NoRoomToFuse {
        /// How many items there are.
        items: usize,
        /// Bytes that the closed form takes.
        needed: f64,
        /// Bytes that are left.
        available: f64,
    },
    /// An interrupted run exists, and neither resuming nor restarting was asked for.
    #[error(
        "{folder}: an interrupted run of this very job is here, of seed {}: go on with --resume, or begin again with --restart", seeds.join(", ")
    )]
    Interrupted {
        /// The folder.
        folder: PathBuf,
        /// The seeds that were interrupted.
        seeds: Vec<String>,
    },
    /// Nothing to resume but another run.
    #[error(
        "nothing to resume: the interrupted run in {folder} is another one: {}. Repeat its command to go on with it, or leave out --resume",
        differences.join("; ")
    )]
    NothingToResume {
        /// The folder of the other run.
        folder: PathBuf,
        /// What is different.
        differences: Vec<String>,
    },
    /// The checkpoint belongs to another job.
    #[error("{path}: this checkpoint is of another run and cannot be resumed here: {}", differences.join("; "))]
    OtherJob {
        /// The checkpoint.
        path: PathBuf,
        /// What is different.
        differences: Vec<String>,
    },
    /// Checkpoints are there, and none can be read.
    #[error("nothing to resume from: {}; begin again with --restart", tried.join("; "))]
    NoCheckpoint {
        /// The checkpoints that were tried, each with what is wrong with it.
        tried: Vec<String>,
    },
}

impl TrainError {
    /// Says where training diverged, in a few words: `epoch 3, batch 12: loss term bpr is NaN`; nothing for another error.
    ///
    /// A search and an ablation continue without a run that diverged.
    pub fn divergence(&self) -> Option<String> {
        match self {
            TrainError::NonFinite { what, epoch, batch, .. } => Some(format!("epoch {epoch}, batch {batch}: {what}")),
            _ => None,
        }
    }
}
