//! Jobs that take something from a finished run: its epochs (a refit), its weights (a warm start).

use crate::args::JobOptions;
use crate::earlier::{Earlier, EarlierOptions};
use crate::loaded::{Loaded, asked};
use crate::progress::Progress;
use crate::settings::{Configuration, said};
use anchorrec_models::MODELS;
use anchorrec_recommender::Model;
use anchorrec_retrieval::from_run::{self, Start};
use anyhow::Result;
use std::path::Path;

/// Makes a job that trains a finished run again on all rows.
pub fn refit(job: &JobOptions, path: &Path, progress: &mut Progress) -> Result<(Loaded, Configuration, Earlier)> {
    let (seeds, strict) = (job.settings.seeds.as_deref(), job.data.strict);
    let begun = from_run::refit(path, MODELS, &asked(&job.data), seeds, strict, progress)?;
    progress.refits();
    Ok(begun)
}

/// Makes a job that begins with the weights of a finished run.
pub fn warm_start(
    job: &JobOptions,
    model: Option<&'static dyn Model>,
    path: &Path,
    options: &EarlierOptions,
    progress: &mut Progress,
) -> Result<(Loaded, Configuration, Earlier)> {
    let EarlierOptions { warm_start_seed, warm_start_data, .. } = options;
    let start = Start { run: path.to_owned(), seed: *warm_start_seed, data: warm_start_data.clone() };
    let (said, asked) = (said(&job.settings)?, asked(&job.data));
    Ok(from_run::warm_start(&start, MODELS, model, &said, &asked, job.data.strict, progress)?)
}
