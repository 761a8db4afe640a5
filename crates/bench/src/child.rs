//! A process of its own for each measurement: this program again, told what to do by JSON, answering with a line of it.

use crate::answer::answer;
use crate::{electronics, kernels, knn, ranking, serving, training};
use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What a child is to measure.
#[derive(Debug, Serialize, Deserialize)]
pub enum Task {
    /// A training run: [`training::TrainingTimes`].
    Training(Box<training::Training>),
    /// Steps at the size of Electronics, or a share of it: [`electronics::ElectronicsTimes`].
    Electronics {
        /// The share.
        scale: f64,
    },
    /// Item kNN of the features in a folder: [`knn::KnnTimes`].
    Knn {
        /// The folder.
        folder: PathBuf,
        /// Whether vision alone is wanted.
        vision_alone: bool,
    },
    /// Full ranking: [`ranking::RankingTimes`].
    Ranking {
        /// The folder of the data.
        folder: PathBuf,
        /// The twin's share of the real size.
        scale: f64,
    },
    /// Lists and new users: [`serving::ServingTimes`].
    Serving {
        /// The folder of the data.
        folder: PathBuf,
        /// The share of the real size that the twin has.
        scale: f64,
        /// A folder for the file of lists.
        scratch: PathBuf,
    },
    /// Every kernel: a list of [`kernels::KernelTime`].
    Kernels {
        /// The folder of the data.
        folder: PathBuf,
        /// The twin's share of the real size.
        scale: f64,
    },
}

/// Runs a child to its end. What it writes to standard error goes to ours.
pub fn measure<T: DeserializeOwned>(task: &Task) -> Result<T> {
    let program = std::env::current_exe().context("where this program is")?;
    let json = serde_json::to_string(task).context("a task as JSON")?;
    let child = Command::new(program).args(["--task", &json]).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = child.context("cannot start a measuring process")?;
    if !output.status.success() {
        bail!("a measuring process failed ({})", output.status);
    }
    serde_json::from_slice(&output.stdout).context("the answer of a measuring process")
}

/// Measures in the child process and prints the answer.
pub fn perform(task: &str) -> Result<()> {
    match serde_json::from_str(task).context("--task")? {
        Task::Training(training) => answer(&training::run(*training)?),
        Task::Electronics { scale } => answer(&electronics::run(scale)?),
        Task::Knn { folder, vision_alone } => answer(&knn::run(&folder, vision_alone)?),
        Task::Ranking { folder, scale } => answer(&ranking::run(&folder, scale)?),
        Task::Serving { folder, scale, scratch } => answer(&serving::run(&folder, scale, &scratch)?),
        Task::Kernels { folder, scale } => answer(&kernels::run(&folder, scale)?),
    }
}
