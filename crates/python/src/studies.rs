//! Many trainings at once: a search for settings, an ablation study. Both give their records as JSON.

use crate::failure::{refused, said};
use crate::job::{Job, model};
use crate::watched::{Teller, watched};
use anchorrec_models::MODELS;
use anchorrec_trainer::ablation::Ablation;
use anchorrec_trainer::search::Strategy;
use anchorrec_trainer::tuning::Tuning;
use pyo3::prelude::*;
use std::path::PathBuf;

/// A record as JSON, its file, and what was noted of the data.
type Recorded = (String, PathBuf, Vec<String>);

/// A search that is wanted.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct WantedSearch {
    job: Job,
    model: Option<String>,
    strategy: String,
    budget: usize,
    search_seed: u64,
    parallel: Option<usize>,
}

/// Searches for settings of a model on validation.
#[pyfunction]
pub fn tune(py: Python<'_>, wanted: WantedSearch, listener: Option<Py<PyAny>>) -> PyResult<Recorded> {
    let WantedSearch { job, model: name, strategy, budget, search_seed, parallel } = wanted;
    let model = name.as_deref().map_or(Ok(MODELS.default_model()), model)?;
    let strategy = match strategy.as_str() {
        "halving" => Strategy::Halving,
        "random" => Strategy::Random,
        other => return Err(refused(format!("strategy: expected `halving` or `random`, found `{other}`"))),
    };
    watched(py, listener, "the same call goes on", |out, stop| {
        let (mut teller, checkpoint_every) = (Teller::new(out), job.checkpoint_every()?);
        job.arithmetic()?;
        let loaded = job.load(&mut teller)?;
        let (said_of_job, out) = (job.said(), job.out.clone());
        let tuning = Tuning {
            models: MODELS,
            model,
            said: said_of_job,
            ranges: Vec::new(),
            strategy,
            budget,
            search_seed,
            parallel,
            out,
            checkpoint_every,
        };
        let found = tuning.search(&loaded, stop, &|line| teller.line(line)).map_err(said)?;
        let notes = loaded.notes.iter().map(ToString::to_string).collect();
        let record =
            found.map(|search| Ok((serde_json::to_string(&search).map_err(said)?, tuning.trace(&loaded), notes)));
        record.transpose()
    })
}

/// A study that is wanted.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct WantedStudy {
    job: Job,
    only: Option<Vec<String>>,
    models: bool,
}

/// Trains the default model without each of its parts and compares.
#[pyfunction]
pub fn ablate(py: Python<'_>, wanted: WantedStudy, listener: Option<Py<PyAny>>) -> PyResult<Recorded> {
    let WantedStudy { job, only, models: with_models } = wanted;
    watched(py, listener, "the same call goes on", |out, stop| {
        let (mut teller, checkpoint_every) = (Teller::new(out), job.checkpoint_every()?);
        job.arithmetic()?;
        let ablation = Ablation {
            models: MODELS,
            said: job.said(),
            only,
            with_models,
            out: job.out.clone(),
            checkpoint_every,
            command: job.command.clone(),
        };
        // A name that is none is told before any data is read.
        ablation.wanted().map_err(said)?;
        let loaded = job.load(&mut teller)?;
        let ended = ablation.run(&loaded, stop, &mut teller).map_err(said)?;
        let notes = loaded.notes.iter().map(ToString::to_string).collect();
        let record = ended.map(|(record, path)| Ok((serde_json::to_string(&record).map_err(said)?, path, notes)));
        record.transpose()
    })
}
