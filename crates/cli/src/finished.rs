//! A finished run, for the commands that use what it learned.

use crate::reads::Reads;
use anchorrec_files::folder_of;
use anchorrec_models::MODELS;
use anchorrec_retrieval::closed_form::JudgedForms;
use anchorrec_retrieval::{FinishedRun, Ids, Trained};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::path::{Path, PathBuf};

/// Options that choose a run.
#[derive(Clone, Debug, Args)]
pub struct RunOptions {
    /// Folder of a finished run, or its report.json: what `anchorrec train` prints as `report: ...`
    #[arg(value_name = "RUN")]
    pub run: PathBuf,

    /// Folder of the data set, if it has moved since training
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// Seed of the model to use [default: the one with the best validation recall; of a refit, the one that was best in the run that it repeats]
    #[arg(long, value_name = "SEED")]
    pub seed: Option<u64>,

    /// Number of threads; affects speed, never results [default: one per processor]
    #[arg(long, value_name = "N", value_parser = crate::args::at_least_one, allow_negative_numbers = true)]
    pub threads: Option<usize>,
}

impl RunOptions {
    /// Returns what the run is read from.
    pub fn reads(&self) -> Reads {
        Reads::default().run(&self.run, self.data.as_deref())
    }
}

/// Computes with as many threads as were asked for.
pub fn threads(options: &RunOptions) -> Result<()> {
    if let Some(threads) = options.threads {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().context("--threads")?;
    }
    Ok(())
}

/// Opens the run, loads its data and its model, and says what a reader should know; of a run with a fusion also `of_fused`.
pub fn load(options: &RunOptions, of_fused: Option<&str>) -> Result<(FinishedRun, Trained)> {
    if let Some(path) = JudgedForms::file(&options.run) {
        bail!(
            "{}: closed forms score by the items that a user took, so they have no vectors: `anchorrec recommend` writes their lists",
            path.display()
        );
    }
    threads(options)?;
    let run = FinishedRun::open(&options.run, options.seed)?;
    if run.report.portable {
        anchorrec_kernels::portable::choose();
    }
    let trained = run.load(MODELS, options.data.as_deref())?;
    eprintln!(
        "{} on {}, seed {}, epoch {} of {}",
        run.report.model_title(),
        run.report.data.name,
        run.run.seed,
        run.run.best_epoch,
        run.run.epochs_run
    );
    if let Some(note) = of_fused.filter(|_| run.report.fusion.is_some()) {
        eprintln!("note: this run was also fused with a closed form; {note}");
    }
    trained.notes.iter().for_each(|note| eprintln!("note: {note}"));
    Ok((run, trained))
}

/// Reads the numbers of the ids in a file, one id a line, in their order.
///
/// # Errors
/// When the file cannot be read or holds no id, or one is not known.
pub fn ids_of_file(path: &Path, ids: &Ids) -> Result<Vec<u32>> {
    let found = some_ids_of_file(path, ids)?;
    if found.is_empty() {
        bail!("{}: expected ids, one a line, found none", path.display());
    }
    Ok(found)
}

/// Reads the numbers of the ids in a file, one id a line, in their order; none where it holds none.
///
/// # Errors
/// When the file cannot be read, or an id is not known.
pub fn some_ids_of_file(path: &Path, ids: &Ids) -> Result<Vec<u32>> {
    let place = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| format!("{place}: cannot read"))?;
    let lines = text.trim_start_matches('\u{feff}').lines().filter(|line| !line.is_empty());
    Ok(ids.find_all(&place, lines)?)
}

/// Checks that a file could be written: to be asked before the work.
pub fn check_place(option: &str, path: &Path) -> Result<()> {
    if path.is_dir() || !folder_of(path).is_dir() {
        bail!("{option} {}: expected a file in a folder that is there", path.display());
    }
    Ok(())
}
