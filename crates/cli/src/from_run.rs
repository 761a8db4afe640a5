//! Jobs that take something from a finished run: its epochs (a refit), its weights (a warm start).

use crate::args::{DataOptions, JobOptions};
use crate::earlier::{Earlier, EarlierOptions};
use crate::loaded::{self, Loaded, Rows};
use crate::progress::Progress;
use crate::settings::{Configuration, Tuned, configuration};
use anchorrec_data::note::{Kind, Note};
use anchorrec_data::{Modality, grouped};
use anchorrec_models::MODELS;
use anchorrec_recommender::Model;
use anchorrec_records::FusionRecord;
use anchorrec_records::origin::{RefitRecord, WarmStartRecord};
use anchorrec_records::report::Metrics;
use anchorrec_retrieval::FinishedRun;
use anchorrec_trainer::lineage::Refit;
use anchorrec_trainer::warm_start::{self, WarmStart};
use anchorrec_trainer::{Identity, Lineage, Observer, RunEvent, TrainError};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::Path;

/// Makes a job that trains a finished run again on all rows.
pub fn refit(job: &JobOptions, path: &Path, progress: &mut Progress) -> Result<(Loaded, Configuration, Earlier)> {
    let run = FinishedRun::open(path, None)?;
    let report = &run.report;
    if let Some(refit) = &report.refit {
        bail!("this run is a refit itself, of {}: nothing more can be trained on; serve it as it is", refit.run);
    }
    let mut chosen: BTreeMap<u64, usize> = report.runs.iter().map(|run| (run.seed, run.best_epoch)).collect();
    if !report.runs.iter().all(|run| run.is_chosen()) {
        bail!(
            "its data set has no validation rows, so nothing chose its number of epochs: expected a run that was validated"
        );
    }
    // Each of its seeds must still be what the report says.
    for run in &report.runs {
        FinishedRun::open(path, Some(run.seed))?;
    }
    let seeds = job.settings.seeds.clone().unwrap_or_else(|| chosen.keys().copied().collect());
    if let Some(&seed) = seeds.iter().find(|seed| !chosen.contains_key(seed)) {
        return Err(TrainError::NoSuchSeed { seed, seeds: chosen.into_keys().collect() }.into());
    }
    if report.portable {
        anchorrec_kernels::portable::choose();
    }
    let mut config = (*run.config(MODELS)?).clone();
    config.train.seeds = seeds.clone();
    let config = config.check()?;

    let dir = run.data_dir(job.data.data.as_deref())?;
    let mm = run.elsewhere().into_iter().find(|(modality, _)| *modality == Modality::Mm).map(|(_, path)| path);
    let DataOptions { datasets, strict, .. } = &job.data;
    let data =
        DataOptions { data: Some(dir), dataset: None, mm, datasets: datasets.clone(), scale: None, strict: *strict };
    let mut loaded = loaded::load(&data, Rows::Whole, progress)?;
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
    let text = format!(
        "refit: trained on all {} rows ({} training, {} validation, {} test) for the epochs that validation chose in {} ({}), so nothing is left \
         to evaluate it by{reached}",
        grouped(loaded.dataset.interactions.train.len()),
        grouped(report.data.train),
        grouped(report.data.valid),
        grouped(report.data.test),
        path.display(),
        epochs.join(", ")
    );
    notes.push(Note::new(Kind::Missing, "refit", 0u64, text));
    let start = match &report.warm_start {
        Some(record) => Some(start_again(record, &loaded, config.model.name())?),
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
    loaded::say(&notes, &job.data, progress)?;
    loaded.notes.extend(notes);
    progress.refits();
    let record = RefitRecord {
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
fn start_again(record: &WarmStartRecord, loaded: &Loaded, model: &str) -> Result<WarmStart> {
    let context = || format!("the run began with the weights of {}, which its refit begins with too", record.run);
    let run = FinishedRun::open(Path::new(&record.run), Some(record.seed)).with_context(context)?;
    if run.run.checkpoint_sha256 != record.weights_sha256 {
        return Err(anyhow::anyhow!("{} was trained again since and has other weights", record.run))
            .with_context(context);
    }
    let dataset = run.dataset(&run.config(MODELS)?, Some(Path::new(&record.data))).with_context(context)?;
    Ok(WarmStart::new(&of(&run, &dataset), &loaded.dataset, model)?)
}

fn of<'a>(run: &'a FinishedRun, dataset: &'a anchorrec_data::Dataset) -> warm_start::Earlier<'a> {
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

/// Makes a job that begins with the weights of a finished run.
pub fn warm_start(
    job: &JobOptions,
    model: Option<&'static dyn Model>,
    path: &Path,
    options: &EarlierOptions,
    progress: &mut Progress,
) -> Result<(Loaded, Configuration, Earlier)> {
    let option = || format!("--warm-start {}", path.display());
    let run = FinishedRun::open(path, options.warm_start_seed).with_context(option)?;
    let settings = run.settings().with_context(option)?;
    let from = Tuned::Run { name: &path.display().to_string(), settings: &settings };
    let configured = configuration(model, &job.settings, from, &[])?;
    let mut loaded = loaded::load(&job.data, Rows::Split, progress)?;
    let before = run.dataset(&run.config(MODELS).with_context(option)?, options.warm_start_data.as_deref()).with_context(|| {
        format!("{}: ids are matched with the data set of that run; keep its folder, and name it with --warm-start-data", option())
    })?;
    let start =
        WarmStart::new(&of(&run, &before), &loaded.dataset, configured.config.model.name()).with_context(option)?;
    let from = format!("warm start: from seed {}, epoch {} of {}", run.run.seed, run.run.best_epoch, path.display());
    for line in [from].into_iter().chain(start.summary()) {
        progress.event(RunEvent::Notice(&line));
        loaded.said.push(line);
    }
    let notes = start.notes();
    loaded::say(&notes, &job.data, progress)?;
    loaded.notes.extend(notes);
    let record = WarmStartRecord {
        run: path.display().to_string(),
        data: before.dir.display().to_string(),
        seed: run.run.seed,
        epoch: run.run.best_epoch,
        weights_sha256: run.run.checkpoint_sha256.clone(),
        users: start.users().clone(),
        items: start.items().clone(),
        other_features: start.changed(),
        seen_valid: start.seen()[0],
        seen_test: start.seen()[1],
        weights: None,
    };
    let earlier = Earlier {
        lineage: Lineage { start: Some(start), refit: None },
        warm_start: Some(record),
        ..Earlier::default()
    };
    Ok((loaded, configured, earlier))
}
