//! `anchorrec tune`: settings of a model, searched on validation, written into the data set's manifest.

mod manifest;
mod options;
mod rung;

pub use options::TuneOptions;

use crate::loaded::{self, Loaded, Rows};
use crate::progress::Progress;
use crate::{interrupt, machine, settings};
use anchorrec_files::atomic::write_json;
use anchorrec_files::disk::FileSystem;
use anchorrec_recommender::Model;
use anchorrec_trainer::Identity;
use anchorrec_trainer::TrainError;
use anchorrec_trainer::search::{About, Search, rungs};
use anyhow::{Context, Result, bail};
use rung::Rung;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::Ordering;

/// Runs the command. Every trial that reached a rung is in the trace, so the same command continues after an interruption.
pub fn run(options: &TuneOptions) -> Result<ExitCode> {
    let stop = interrupt::flag()?;
    machine::set_up(&options.job.machine)?;
    let model = options.model;
    let mut progress = Progress::new();
    settings::check_said(Some(model), &options.job.settings)?;
    let loaded = loaded::load(&options.job.data, Rows::Split, &mut progress)?;
    if loaded.dataset.interactions.valid.is_empty() {
        let dir = loaded.dataset.dir.display();
        bail!("{dir}: there are no validation rows, so no point can be chosen: split the data first");
    }
    let sources = settings::configuration(Some(model), &options.job.settings, rung::FROM_DEFAULTS, &[])?.sources;
    eprintln!("settings of every trial: {sources}, then those of its point");
    let trace = options.job.machine.out.join(&loaded.dataset.name).join(format!("tuning-{model}.json"));
    let mut search = begin(&trace, about(options, model, &loaded)?, model)?;

    for (place, epochs) in search.about.rungs.clone().into_iter().enumerate() {
        let alive = search.alive(place);
        eprintln!("rung {} of {}: {} trials up to epoch {epochs}", place + 1, search.about.rungs.len(), alive.len());
        let rung = Rung { options, loaded: &loaded, model, place, epochs, stop: &stop };
        let done = rung.train(&mut search, &alive, |search| save(&trace, search))?;
        if !done || stop.load(Ordering::Relaxed) {
            eprintln!("interrupted; nothing is lost. Go on with the same command");
            return Ok(ExitCode::from(interrupt::EXIT_CODE));
        }
        // Also those that an interrupted search left.
        rung.forget_beaten(&search)?;
    }
    search.finish();
    save(&trace, &search)?;
    print!("{}", table(&search));
    println!("trace: {}", trace.display());
    if search.best.is_none() {
        bail!(
            "all {} trials diverged: nothing was found. Lower train.learning_rate or look at the features",
            search.trials.len()
        );
    }
    match &loaded.manifest {
        Some(known) if !options.dry_run => {
            let written = manifest::write(&options.job.data.datasets.join(&known.name), &search, model)?;
            println!("settings: {}", written.display());
        }
        _ => println!(
            "settings were not written: {}",
            if options.dry_run { "--dry-run" } else { "the data set has no manifest" }
        ),
    }
    Ok(ExitCode::SUCCESS)
}

fn about(options: &TuneOptions, model: &'static dyn Model, loaded: &Loaded) -> Result<About> {
    let seeds = options.job.settings.seeds.clone().unwrap_or_default();
    if seeds.len() > 1 {
        bail!("--seeds: expected one: a search trains every point with the same seed, found {seeds:?}");
    }
    let config = rung::config(options, model, &[])?;
    let Identity { version, numerics, arithmetic, .. } = Identity::new(&config, &loaded.dataset.inputs);
    Ok(About {
        version,
        numerics,
        arithmetic,
        dataset: loaded.dataset.name.clone(),
        inputs: loaded.dataset.inputs.iter().map(|input| input.sha256.clone()).collect(),
        model: model.name().to_owned(),
        fixed: settings::assignments(&options.job.settings)?,
        budget: options.budget,
        seed: options.search_seed,
        train_seed: config.train.seeds[0],
        rungs: rungs(options.strategy.into(), config.train.epochs),
    })
}

/// The search in `trace`, if that is the same; a new one where there is none.
fn begin(trace: &Path, about: About, model: &dyn Model) -> Result<Search> {
    let text = match std::fs::read_to_string(trace) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Search::new(about, model.card().ranges));
        }
        Err(error) => return Err(error).with_context(|| format!("{}: cannot read", trace.display())),
    };
    let search: Search = serde_json::from_str(&text)
        .with_context(|| format!("{}: expected the trace of a search: remove it to begin again", trace.display()))?;
    if search.about != about {
        bail!(
            "{}: the trace of another search (other data, settings, budget, arithmetic or version) is here: move it away, or name another --out",
            trace.display()
        );
    }
    Ok(search)
}

fn save(trace: &Path, search: &Search) -> Result<(), TrainError> {
    let written = || {
        std::fs::create_dir_all(trace.parent().unwrap_or(Path::new(".")))?;
        write_json(&FileSystem, trace, search)
    };
    written().map_err(|source| TrainError::File { path: trace.to_owned(), action: "write the trace", source })
}

/// Every trial, the best first, those that diverged last.
fn table(search: &Search) -> String {
    let mut order: Vec<usize> = (0..search.trials.len()).collect();
    let last = |trial: usize| search.trials[trial].reached.last();
    order.sort_by(|&a, &b| {
        let diverged = |trial: usize| search.trials[trial].diverged.is_some();
        let key = |trial: usize| last(trial).map_or((0, 0.0), |reached| (reached.epochs, reached.recall));
        diverged(a).cmp(&diverged(b)).then(key(b).0.cmp(&key(a).0)).then(key(b).1.total_cmp(&key(a).1)).then(a.cmp(&b))
    });
    let mut out = format!("{:>8}{:>12}{:>12}  settings\n", "epochs", "valid R@20", "valid N@20");
    for trial in order {
        let settings = search.trials[trial].settings.join(" ");
        if let Some(what) = &search.trials[trial].diverged {
            out.push_str(&format!("{:>32}  {settings}  <- {what}\n", "diverged"));
            continue;
        }
        let Some(reached) = last(trial) else { continue };
        let best = if search.best == Some(trial) { "  <- best" } else { "" };
        out.push_str(&format!(
            "{:>8}{:>12.4}{:>12.4}  {settings}{best}\n",
            reached.epochs, reached.recall, reached.ndcg,
        ));
    }
    out
}
