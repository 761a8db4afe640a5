//! `anchorrec tune`: settings of a model, searched on validation, written into the data set's manifest.

mod manifest;
mod options;

pub use options::TuneOptions;

use crate::loaded::{self, Rows};
use crate::progress::Progress;
use crate::{interrupt, machine, settings};
use anchorrec_models::MODELS;
use anchorrec_trainer::search::Search;
use anchorrec_trainer::tuning::{TuneError, Tuning};
use anyhow::Result;
use std::process::ExitCode;

/// Runs the command. Every trial that reached a rung is in the trace, so the same command continues after an interruption.
pub fn run(options: &TuneOptions) -> Result<ExitCode> {
    let stop = interrupt::flag()?;
    machine::set_up(&options.job.machine)?;
    let model = options.model;
    let mut progress = Progress::new();
    settings::check_said(Some(model), &options.job.settings)?;
    let loaded = loaded::load(&options.job.data, Rows::Split, &mut progress)?;
    let tuning = Tuning {
        models: MODELS,
        model,
        said: settings::said(&options.job.settings)?,
        ranges: options.range.clone(),
        strategy: options.strategy.into(),
        budget: options.budget,
        search_seed: options.search_seed,
        parallel: options.parallel,
        out: options.job.machine.out.clone(),
        checkpoint_every: options.job.machine.checkpoint_every,
    };
    let Some(search) = tuning.search(&loaded, &stop, &|line| eprintln!("{line}"))? else {
        eprintln!("interrupted; nothing is lost. Go on with the same command");
        return Ok(ExitCode::from(interrupt::EXIT_CODE));
    };
    print!("{}", table(&search));
    println!("trace: {}", tuning.trace(&loaded).display());
    if search.best.is_none() {
        return Err(TuneError::AllDiverged { trials: search.trials.len() }.into());
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
