//! Training.

use crate::failure::{refused, said};
use crate::job::{Job, model};
use crate::watched::{Teller, Told, watched};
use anchorrec_files::disk::FileSystem;
use anchorrec_models::MODELS;
use anchorrec_retrieval::FinishedRun;
use anchorrec_retrieval::from_run::{Begun, Start, refit, warm_start};
use anchorrec_trainer::RunOptions;
use anchorrec_trainer::layered::configuration;
use anchorrec_trainer::logs::Logs;
use anchorrec_trainer::reported::{self, Earlier, Ended, check_fusion, check_history, folder_after};
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::Sender;

/// What to train.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Wanted {
    job: Job,
    model: Option<String>,
    refit: Option<PathBuf>,
    warm_start: Option<PathBuf>,
    warm_start_seed: Option<u64>,
    warm_start_data: Option<PathBuf>,
    resume: bool,
    restart: bool,
    fuse: bool,
    log_dir: Option<PathBuf>,
}

impl Wanted {
    /// The data of the job, its configuration, and what it takes from a finished run.
    fn begun(&self, teller: &mut Teller) -> PyResult<Begun> {
        let (job, model) = (&self.job, self.model.as_deref().map(model).transpose()?);
        match (&self.refit, &self.warm_start) {
            (Some(run), _) => {
                // Refused before anything is chosen for the whole process.
                if !job.portable && FinishedRun::open(run, None).map_err(said)?.report.portable {
                    return Err(refused(
                        "refit: this run was computed with plain loops: pass portable=True, and from then on so is everything in this process",
                    ));
                }
                let begun = refit(run, MODELS, &job.asked(), job.seeds.as_deref(), job.strict, teller);
                teller.spoken.refits();
                begun.map_err(said)
            }
            (None, Some(run)) => {
                let start = Start { run: run.clone(), seed: self.warm_start_seed, data: self.warm_start_data.clone() };
                warm_start(&start, MODELS, model, &job.said(), &job.asked(), job.strict, teller).map_err(said)
            }
            (None, None) => {
                let loaded = job.load(teller)?;
                let configured = configuration(MODELS, model, &job.said(), loaded.tuned(), &[]).map_err(said)?;
                Ok((loaded, configured, Earlier::default()))
            }
        }
    }

    /// Trains every seed and writes the report; returns its path, whether the run was finished before, and what was noted.
    fn run(&self, out: Sender<Told>, stop: &AtomicBool) -> PyResult<Option<(PathBuf, bool, Vec<String>)>> {
        let mut teller = Teller::new(out);
        let every = self.job.checkpoint_every()?;
        self.job.arithmetic()?;
        let (loaded, configured, earlier) = self.begun(&mut teller)?;
        if self.fuse {
            check_fusion(loaded.dataset.interactions.items).map_err(said)?;
        }
        teller.line(&format!("settings: {}", configured.sources));
        let (origin, out) = (earlier.lineage.origin(), &self.job.out);
        let (folder, identity) = folder_after(origin, &loaded, &configured.config, out).map_err(said)?;
        if !self.restart {
            check_history(&folder, &identity, &configured.config.train.seeds, self.resume).map_err(said)?;
        }
        let options = RunOptions { resume: !self.restart, checkpoint_every: every, ..RunOptions::default() };
        let notes = loaded.notes.iter().map(ToString::to_string).collect();
        let command = self.job.command.clone();
        let mut logs = self.log_dir.as_ref().map(|dir| Logs::of_run(dir, &folder, out, &FileSystem));
        let ended = match &mut logs {
            Some(logs) => {
                let watch = &mut (&mut teller, logs);
                reported::train(&loaded, command, configured, earlier, folder, options, stop, watch)
            }
            None => reported::train(&loaded, command, configured, earlier, folder, options, stop, &mut teller),
        };
        let Ended::Done(mut done) = ended.map_err(said)? else { return Ok(None) };
        if let Some(mut logs) = logs {
            if done.before {
                logs.write_finished(&done.report.runs);
            }
            logs.finish().map_err(said)?;
        }
        if self.fuse && done.report.fusion.is_none() {
            teller.line("fusion: choosing the setting of the closed form on validation ...");
            if !done.fuse(stop, &mut |_, _| ()).map_err(said)? {
                return Ok(None);
            }
        }
        Ok(Some((done.path, done.before, notes)))
    }
}

/// Trains; `listener` is called with each event. Ctrl-C, and whatever the listener raises, stop after the step at hand, with a checkpoint.
#[pyfunction]
pub fn train(py: Python<'_>, wanted: Wanted, listener: Option<Py<PyAny>>) -> PyResult<(PathBuf, bool, Vec<String>)> {
    watched(py, listener, "train(..., resume=True) goes on", |out, stop| wanted.run(out, stop))
}

/// Sets the number of threads, once, before anything was computed.
#[pyfunction]
pub fn set_threads(threads: usize) -> PyResult<()> {
    let built = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    built.map_err(|error| refused(format!("threads: {error}")))
}
