//! Jobs that take something from a finished run: its epochs (a refit), its weights (a warm start).

use crate::error::RetrievalError;
use crate::run::FinishedRun;
use anchorrec_data::note::{Kind, Note};
use anchorrec_data::{Dataset, Modality, grouped};
use anchorrec_recommender::{Model, ModelList, SettingError};
use anchorrec_records::FusionRecord;
use anchorrec_records::origin::{RefitRecord, WarmStartRecord};
use anchorrec_records::report::{Metrics, RunRecord, Summary};
use anchorrec_trainer::layered::{Configuration, Said, Tuned, configuration};
use anchorrec_trainer::lineage::Refit;
use anchorrec_trainer::loaded::{Loaded, Rows};
use anchorrec_trainer::reported::Earlier;
use anchorrec_trainer::source::{self, Asked, SourceError};
use anchorrec_trainer::warm_start::{self, WarmStart};
use anchorrec_trainer::{ConfigError, Identity, Lineage, Observer, RunEvent, TrainError};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// What a job takes from a finished run, with its data and its configuration.
pub type Begun = (Loaded, Configuration, Earlier);

/// Why a job cannot begin with a finished run.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FromRunError {
    /// The run has seen all rows already.
    #[error("this run is a refit itself, of {run}: nothing more can be trained on; serve it as it is")]
    Refitted {
        /// What it is a refit of.
        run: String,
    },
    /// Nothing chose the epochs of the run.
    #[error(
        "its data set has no validation rows, so nothing chose its number of epochs: expected a run that was validated"
    )]
    NotValidated,
    /// The run that the run began with cannot be begun with again.
    #[error("the run began with the weights of {run}, which its refit begins with too")]
    Began {
        /// That run.
        run: String,
        /// Why.
        source: Box<FromRunError>,
    },
    /// The run that the run began with is another one now.
    #[error("{run} was trained again since and has other weights")]
    OtherWeights {
        /// That run.
        run: String,
    },
    /// The run of a warm start cannot be begun with.
    #[error("--warm-start {run}")]
    WarmStart {
        /// The run.
        run: PathBuf,
        /// Why.
        source: Box<FromRunError>,
    },
    /// Users and items cannot be matched with those of the run.
    #[error(
        "--warm-start {run}: ids are matched with the data set of that run; keep its folder, and name it with --warm-start-data"
    )]
    Ids {
        /// The run.
        run: PathBuf,
        /// Why.
        source: Box<RetrievalError>,
    },
    /// The run cannot be read.
    #[error(transparent)]
    Run(Box<RetrievalError>),
    /// The data cannot be read, or `--strict` refuses it.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Settings are not right.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A setting cannot work.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The weights cannot be taken, or a seed is not there.
    #[error(transparent)]
    Train(#[from] TrainError),
}

impl From<RetrievalError> for FromRunError {
    fn from(error: RetrievalError) -> Self {
        FromRunError::Run(Box::new(error))
    }
}

impl From<warm_start::WarmStartError> for FromRunError {
    fn from(error: warm_start::WarmStartError) -> Self {
        FromRunError::Train(error.into())
    }
}

/// Makes a job that trains a finished run again on all rows. Of `asked`, the folder of the data set (where it has moved) and that of the manifests
/// count; `seeds` are those that are trained, all of the run where nothing is said.
///
/// # Errors
/// When the run was not validated, is a refit itself or not whole, its data set is gone or another one, or `strict` refuses a note.
pub fn refit(
    path: &Path,
    models: ModelList,
    asked: &Asked,
    seeds: Option<&[u64]>,
    strict: bool,
    observer: &mut dyn Observer,
) -> Result<Begun, FromRunError> {
    let run = FinishedRun::open(path, None)?;
    let report = &run.report;
    if let Some(refit) = &report.refit {
        return Err(FromRunError::Refitted { run: refit.run.clone() });
    }
    let mut chosen: BTreeMap<u64, usize> = report.runs.iter().map(|run| (run.seed, run.best_epoch)).collect();
    if !report.runs.iter().all(|run| run.is_chosen()) {
        return Err(FromRunError::NotValidated);
    }
    // Each of its seeds must still be what the report says.
    for run in &report.runs {
        FinishedRun::open(path, Some(run.seed))?;
    }
    let seeds = seeds.map_or_else(|| chosen.keys().copied().collect(), <[u64]>::to_vec);
    if let Some(&seed) = seeds.iter().find(|seed| !chosen.contains_key(seed)) {
        return Err(TrainError::NoSuchSeed { seed, seeds: chosen.into_keys().collect() }.into());
    }
    if report.portable {
        anchorrec_kernels::portable::choose();
    }
    let mut config = (*run.config(models)?).clone();
    config.train.seeds = seeds.clone();
    let config = config.check()?;

    let dir = run.data_dir(asked.data.as_deref())?;
    let mm = run.elsewhere().into_iter().find(|(modality, _)| *modality == Modality::Mm).map(|(_, path)| path);
    let asked = Asked { data: Some(dir), mm, datasets: asked.datasets.clone(), ..Asked::default() };
    let mut loaded = source::load(&asked, Rows::Whole, strict, observer)?;
    run.check_data(&config, &loaded.dataset)?;

    let mut notes = Vec::new();
    let differences = Identity::new(&config, &loaded.dataset.inputs)
        .after(run.identity.origin.clone())
        .differences_from(&run.identity);
    if !differences.is_empty() {
        let text = format!("the run was trained by another program than this one: {}", differences.join("; "));
        notes.push(Note::new(Kind::Odd, "refit-other-program", 0u64, text));
    }
    chosen.retain(|seed, _| seeds.contains(seed));
    let epochs: Vec<String> = chosen.iter().map(|(seed, epochs)| format!("seed {seed}: {epochs}")).collect();
    let reached = report.summary.test.get("recall@20");
    let reached = reached.map_or_else(String::new, |recall| {
        format!("; that run, on its training rows alone, has a test Recall@20 of {:.4}", recall.mean)
    });
    let all = loaded.dataset.interactions.train.len();
    let unused = all.saturating_sub(report.data.train + report.data.valid + report.data.test);
    let unused = match unused {
        0 => String::new(),
        _ => format!(", {} of users without a training row, whom that run left out", grouped(unused)),
    };
    let text = format!(
        "refit: trained on all {} rows ({} training, {} validation, {} test{unused}) for the epochs that validation chose in {} ({}), so nothing is left \
         to evaluate it by{reached}",
        grouped(all),
        grouped(report.data.train),
        grouped(report.data.valid),
        grouped(report.data.test),
        path.display(),
        epochs.join(", ")
    );
    notes.push(Note::new(Kind::Missing, "refit", 0u64, text));
    let start = match &report.warm_start {
        Some(record) => {
            let again = start_again(record, models, &loaded, config.model.name());
            Some(again.map_err(|error| FromRunError::Began { run: record.run.clone(), source: Box::new(error) })?)
        }
        None => None,
    };
    let fusion = report.fusion.clone().map(|fusion| kept_fusion(fusion, &seeds));
    if let Some(fusion) = &fusion {
        let gammas: Vec<String> = fusion.runs.iter().map(|run| run.gamma.to_string()).collect();
        let text = format!(
            "the fusion is kept as validation chose it there: {} ({}), γ {}",
            fusion.kernel.title,
            fusion.kernel.setting,
            gammas.join(", ")
        );
        notes.push(Note::new(Kind::Missing, "refit-fusion", 0u64, text));
    }
    source::say(&notes, strict, observer)?;
    loaded.notes.extend(notes);
    let trained: Vec<RunRecord> = report.runs.iter().filter(|run| seeds.contains(&run.seed)).cloned().collect();
    let record = RefitRecord {
        best_seed: Some(Summary::new(&trained).selected_by_validation.seed),
        run: path.display().to_string(),
        identity_sha256: run.identity.fingerprint(),
        epochs: chosen.clone(),
    };
    let lineage = Lineage { refit: Some(Refit { run: run.identity.fingerprint(), epochs: chosen }), start };
    let configured = Configuration { config, sources: format!("those of {}", path.display()) };
    let earlier = Earlier { lineage, refit: Some(record), warm_start: report.warm_start.clone(), fusion };
    Ok((loaded, configured, earlier))
}

/// The weights that a run began with, for its refit.
fn start_again(
    record: &WarmStartRecord,
    models: ModelList,
    loaded: &Loaded,
    model: &str,
) -> Result<WarmStart, FromRunError> {
    let run = FinishedRun::open(Path::new(&record.run), Some(record.seed))?;
    if run.run.checkpoint_sha256 != record.weights_sha256 {
        return Err(FromRunError::OtherWeights { run: record.run.clone() });
    }
    let dataset = run.dataset(&run.config(models)?, Some(Path::new(&record.data)))?;
    Ok(WarmStart::new(&of(&run, &dataset), &loaded.dataset, model)?)
}

fn of<'a>(run: &'a FinishedRun, dataset: &'a Dataset) -> warm_start::Earlier<'a> {
    warm_start::Earlier { identity: &run.identity, weights: &run.weights, sha256: &run.run.checkpoint_sha256, dataset }
}

/// A fusion without what was measured of it.
fn kept_fusion(mut fusion: FusionRecord, seeds: &[u64]) -> FusionRecord {
    (fusion.kernel.valid, fusion.kernel.test) = (Metrics::new(), Metrics::new());
    fusion.runs.retain(|run| seeds.contains(&run.seed));
    for run in &mut fusion.runs {
        (run.valid, run.test) = (Metrics::new(), Metrics::new());
    }
    fusion
}

/// The run that a warm start begins with.
#[derive(Clone, Debug)]
pub struct Start {
    /// The run.
    pub run: PathBuf,
    /// The seed of its weights; the one that is best on validation where nothing is said.
    pub seed: Option<u64>,
    /// The folder of the data set that it was trained on, where it has moved.
    pub data: Option<PathBuf>,
}

/// Makes a job that begins with the weights of a finished run. Its settings lie under what is `said`.
///
/// # Errors
/// When the run is not whole, its data set is gone, users or items cannot be matched, settings are not right, or `strict` refuses a note.
pub fn warm_start(
    start: &Start,
    models: ModelList,
    model: Option<&'static dyn Model>,
    said: &Said,
    asked: &Asked,
    strict: bool,
    observer: &mut dyn Observer,
) -> Result<Begun, FromRunError> {
    let path = &start.run;
    let not = |error: FromRunError| FromRunError::WarmStart { run: path.clone(), source: Box::new(error) };
    let run = FinishedRun::open(path, start.seed).map_err(|error| not(error.into()))?;
    let settings = run.settings().map_err(|error| not(error.into()))?;
    let from = Tuned::Run { name: &path.display().to_string(), settings: &settings };
    let configured = configuration(models, model, said, from, &[])?;
    let mut loaded = source::load(asked, Rows::Split, strict, observer)?;
    let config = run.config(models).map_err(|error| not(error.into()))?;
    let before = run
        .dataset(&config, start.data.as_deref())
        .map_err(|source| FromRunError::Ids { run: path.clone(), source: Box::new(source) })?;
    let begun = WarmStart::new(&of(&run, &before), &loaded.dataset, configured.config.model.name())
        .map_err(|error| not(error.into()))?;
    let from = format!("warm start: from seed {}, epoch {} of {}", run.run.seed, run.run.best_epoch, path.display());
    for line in [from].into_iter().chain(begun.summary()) {
        observer.event(RunEvent::Notice(&line));
        loaded.said.push(line);
    }
    let notes: Vec<Note> = run.seed_note().into_iter().chain(begun.notes()).collect();
    source::say(&notes, strict, observer)?;
    loaded.notes.extend(notes);
    let record = WarmStartRecord {
        run: path.display().to_string(),
        data: before.dir.display().to_string(),
        seed: run.run.seed,
        epoch: run.run.best_epoch,
        weights_sha256: run.run.checkpoint_sha256.clone(),
        users: begun.users().clone(),
        items: begun.items().clone(),
        other_features: begun.changed(),
        seen_valid: begun.seen()[0],
        seen_test: begun.seen()[1],
        weights: None,
    };
    let earlier = Earlier {
        lineage: Lineage { start: Some(begun), refit: None },
        warm_start: Some(record),
        ..Earlier::default()
    };
    Ok((loaded, configured, earlier))
}
