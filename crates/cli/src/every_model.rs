//! `anchorrec train --model all`: every model of the list and the closed forms on one data set, in one table and on one page.
//!
//! Two models are trained at a time where memory allows, each on its share of the threads: no number depends on that. What was trained before is read
//! back, so the same command continues after an interruption.

mod board;
mod closed_forms;
mod entry;

use crate::baselines::{gib, head};
use crate::closed_forms_table;
use crate::earlier::Earlier;
use crate::loaded::{self, Loaded, Rows};
use crate::progress::Progress;
use crate::settings::{check_said, configuration};
use crate::train::TrainOptions;
use crate::training::{Ended, train};
use crate::{interrupt, machine};
use anchorrec_data::Modality;
use anchorrec_models::MODELS;
use anchorrec_records::{ClosedFormRecord, Report};
use anchorrec_trainer::reported::folder;
use anchorrec_trainer::{Observer, RunEvent, RunOptions, TrainError, memory};
use anyhow::{Context, Result, bail};
use board::Board;
use entry::{End, Entry};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Models that are trained at a time, where memory allows.
const AT_A_TIME: usize = 2;

/// Bytes for a trained number: itself, two moments of Adam, and as much again for gradients, activations and graphs.
const BYTES: u64 = 24;

/// Numbers of a user or an item beside its features, more than any model has at published widths.
const EMBEDDED: usize = 256;

/// Runs the command.
pub fn run(options: &TrainOptions) -> Result<ExitCode> {
    let alone = [
        ("--fuse", options.fuse),
        ("--recommendations", options.recommendations.is_some()),
        ("--refit", options.earlier.refit.is_some()),
        ("--warm-start", options.earlier.warm_start.is_some()),
        ("--log-dir", options.log_dir.is_some()),
    ];
    if let Some((option, _)) = alone.iter().find(|(_, given)| *given) {
        bail!("{option} is for one model: train all without it, then `anchorrec train --model NAME {option} ...`");
    }
    let stop = interrupt::flag()?;
    machine::set_up(&options.job.machine)?;
    check_said(None, &options.job.settings)?;
    let mut progress = Progress::new();
    let loaded = loaded::load(&options.job.data, Rows::Split, &mut progress)?;
    // Every configuration is made before anything is trained: a wrong one is told now.
    let mut entries = Vec::new();
    for model in MODELS.iter() {
        let configuration = configuration(Some(model), &options.job.settings, options.tuned(&loaded), &[])
            .with_context(|| format!("model {model}"))?;
        // A folder that belongs to something else ends the command before it has begun.
        let (folder, identity) = folder(&loaded, &configuration.config, &options.job.machine.out)?;
        if !options.restart {
            folder.check(&identity)?;
        }
        entries.push(Entry { model, configuration });
    }
    let Some(first) = entries.first() else { bail!("there are no models") };

    let protocol = &first.configuration.config.protocol;
    let Some(closed_forms) = closed_forms::all(&loaded, protocol, &options.job.machine.out, options.restart, &stop)?
    else {
        return Ok(interrupted());
    };
    let workers = workers(&loaded);
    let board = Mutex::new(Board::new(&entries, workers));
    let ends = all(&entries, workers, &loaded, options, &board, &stop)?;
    if ends.iter().any(|end| matches!(end, End::Stopped)) {
        return Ok(interrupted());
    }
    let text = table(&entries, &ends, &closed_forms, &loaded);
    print!("{text}");
    page(&ends, &options.job.machine.out.join(&loaded.dataset.name))?;
    // A table without a model that was asked for is no success.
    let whole = ends.iter().all(|end| matches!(end, End::Done { .. }));
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn interrupted() -> ExitCode {
    eprintln!("interrupted; nothing is lost. Go on with the same command, without --restart");
    ExitCode::from(interrupt::EXIT_CODE)
}

/// As many models at a time as there are threads and memory for, two at most; said, with the reason.
fn workers(loaded: &Loaded) -> usize {
    let dataset = &loaded.dataset;
    let (users, items) = (dataset.interactions.users, dataset.interactions.items);
    let widths = Modality::ALL.into_iter().filter_map(|of| dataset.features.of(of)).map(|table| table.ncols());
    let numbers = items * widths.sum::<usize>() + (users + items) * EMBEDDED;
    let bytes = BYTES * numbers as u64 + (64 << 20);
    let threads = rayon::current_num_threads();
    let available = memory::available_bytes();
    let room = available.map_or(AT_A_TIME, |available| (available / bytes).max(1) as usize);
    let workers = AT_A_TIME.min(threads).min(room);
    let left = available.map_or_else(String::new, |available| format!(" of {:.1} GiB left", gib(available as f64)));
    eprintln!(
        "{}, {} for each; up to {:.1} GiB each{left}",
        if workers == 1 { "one model at a time".to_owned() } else { format!("{workers} models at a time") },
        if threads / workers == 1 { "one thread".to_owned() } else { format!("{} threads", threads / workers) },
        gib(bytes as f64)
    );
    workers
}

/// Trains the models that are not trained yet, in the order of the list.
fn all(
    entries: &[Entry],
    workers: usize,
    loaded: &Loaded,
    options: &TrainOptions,
    board: &Mutex<Board>,
    stop: &AtomicBool,
) -> Result<Vec<End>> {
    let threads = (rayon::current_num_threads() / workers).max(1);
    let next = AtomicUsize::new(0);
    let work = || -> Result<Vec<(usize, End)>> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().context("threads of a model")?;
        let mut ends = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(entry) = entries.get(place) else { return Ok(ends) };
            if stop.load(Ordering::Relaxed) {
                ends.push((place, End::Stopped));
                continue;
            }
            let watch = &mut board::Watch { place, model: entry.model.name(), board };
            let end = pool.install(|| one(entry, workers == 1, loaded, options, stop, watch));
            if end.is_err() {
                // The other is not left to train for nobody.
                stop.store(true, Ordering::Relaxed);
            }
            let end = end?;
            watch.over(&end);
            ends.push((place, end));
        }
    };
    let outcomes: Vec<Result<Vec<(usize, End)>>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().expect("a worker ends with a result")).collect()
    });
    let mut ends: Vec<(usize, End)> = outcomes.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    ends.sort_by_key(|(place, _)| *place);
    Ok(ends.into_iter().map(|(_, end)| end).collect())
}

/// Trains one model, or reads back what was trained before.
fn one(
    entry: &Entry,
    alone: bool,
    loaded: &Loaded,
    options: &TrainOptions,
    stop: &AtomicBool,
    watch: &mut board::Watch<'_>,
) -> Result<End> {
    let configuration = entry.configuration.clone();
    watch.event(RunEvent::Notice(&format!("settings: {}", configuration.sources)));
    let (folder, _) = folder(loaded, &configuration.config, &options.job.machine.out)?;
    let resume = !options.restart;
    let run =
        RunOptions { resume, checkpoint_every: options.job.machine.checkpoint_every, alone, ..RunOptions::default() };
    let place = folder.path().to_owned();
    let ended = train(loaded, configuration, Earlier::default(), folder, run, stop, watch);
    match ended {
        Ok(Ended::Done(done)) => {
            if done.before {
                watch.event(RunEvent::Notice("trained before, read back"));
            }
            if options.analyse {
                for run in &done.report.runs {
                    done.job.analyse(&done.folder, run)?;
                }
            }
            Ok(End::Done { report: Box::new(done.report), folder: place })
        }
        Ok(Ended::Stopped) => Ok(End::Stopped),
        Err(error) => match error.downcast_ref() {
            Some(refused @ TrainError::Setting(_)) => Ok(End::Without(format!("refused: {refused}"))),
            Some(wrong) if wrong.divergence().is_some() => {
                Ok(End::Without(format!("diverged: {}", wrong.divergence().unwrap_or_default())))
            }
            _ => Err(error.context(format!("model {}", entry.model))),
        },
    }
}

/// The whole table as text.
fn table(entries: &[Entry], ends: &[End], closed_forms: &[ClosedFormRecord], loaded: &Loaded) -> String {
    let mut out = head("all models", &loaded.record()) + "\n";
    let reports: Vec<&Report> = ends
        .iter()
        .filter_map(|end| match end {
            End::Done { report, .. } => Some(&**report),
            _ => None,
        })
        .collect();
    out += &closed_forms_table::all(&reports, closed_forms);
    for (entry, end) in entries.iter().zip(ends) {
        if let End::Without(why) = end {
            out += &format!("{}: not in the table, {why}\n", entry.model.title());
        }
    }
    loaded.notes.iter().for_each(|note| out += &format!("note: {note}\n"));
    out
}

/// Writes the page, or says how to.
fn page(ends: &[End], home: &Path) -> Result<()> {
    let mut paths: Vec<PathBuf> = ends
        .iter()
        .filter_map(|end| match end {
            End::Done { folder, .. } => Some(folder.clone()),
            _ => None,
        })
        .collect();
    paths.push(home.join("closed-forms.json"));
    let out = home.join("report.html");
    #[cfg(feature = "report")]
    {
        let study = anchorrec_report::read(&paths)?;
        anchorrec_report::write(&anchorrec_report::page(&study), &out)?;
        println!("page: {}", out.display());
    }
    #[cfg(not(feature = "report"))]
    {
        let words: Vec<String> = paths.iter().map(|path| interrupt::quoted(&path.display().to_string())).collect();
        println!("for one page of it: anchorrec report {} --out {}", words.join(" "), out.display());
    }
    Ok(())
}
