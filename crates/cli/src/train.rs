//! `anchorrec train`: from options to a report.

use crate::args::{Chosen, JobOptions, at_least_one, model_or_all};
use crate::closed_forms_table::tried;
use crate::earlier::{Earlier, EarlierOptions};
use crate::from_run::{refit, warm_start};
use crate::lists;
use crate::loaded::{self, Loaded, Rows};
use crate::machine;
use crate::progress::Progress;
use crate::reads::Reads;
use crate::settings::{Configuration, Tuned, check_said, configuration};
use crate::table;
use crate::training::train;
use crate::{analysis_table, interrupt};
use anchorrec_files::disk::FileSystem;
use anchorrec_recommender::Model;
use anchorrec_trainer::RunOptions;
use anchorrec_trainer::closed_forms::Setting;
use anchorrec_trainer::evaluation::Evaluation;
use anchorrec_trainer::logs::Logs;
use anchorrec_trainer::reported::{Ended, check_fusion, check_history, folder_after};
use anyhow::{Context, Result};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

// A refit knows its data set.
#[derive(Debug, Args)]
#[command(mut_arg("data", |data| data.required_unless_present("refit")))]
pub struct TrainOptions {
    #[command(flatten)]
    pub job: JobOptions,

    /// Model to train; `all`: every model and the methods without training, in one table and on one page, two models at a time if memory allows.
    /// After an interruption the same command continues [default: the configuration's]
    #[arg(long, value_parser = model_or_all())]
    pub model: Option<Chosen>,

    #[command(flatten)]
    pub earlier: EarlierOptions,

    /// Leave out the tuned settings of the data set's manifest: begin at the model's defaults
    #[arg(long, conflicts_with_all = ["refit", "warm_start"])]
    pub untuned: bool,

    /// Resume an interrupted run of the same job; it ends with the same bits as an uninterrupted one
    #[arg(long, conflicts_with = "restart")]
    pub resume: bool,

    /// Start over: train a finished run again, or an interrupted one that could be resumed
    #[arg(long)]
    pub restart: bool,

    /// Log the learning curve to this folder while training, after each epoch: TensorBoard event files (view with `tensorboard --logdir DIR`) and JSON
    /// lines, in a folder for each run and seed. A resumed run continues the same files
    #[arg(long, value_name = "DIR")]
    pub log_dir: Option<PathBuf>,

    /// After training, analyse the best weights of each seed: neighbourhoods, spectra, spread, recommended items. With --resume, analyse a
    /// finished run
    #[arg(long)]
    pub analyse: bool,

    /// After training, also rank by the model's scores plus those of a closed form: z(model) + γ z(L3AE, or EASE without features). This is our
    /// recipe, not the paper's. Its settings and γ are chosen on validation; γ = 0, the model alone, is one of the choices. With --resume, fuse a
    /// finished run
    #[arg(long)]
    pub fuse: bool,

    /// After training, write each user's best items with external ids to this file: user,rank,item,title,score, as .csv, .jsonl, .parquet or .run
    /// (TREC) by its ending. The best weights of the first seed rank (with --fuse their fusion); items of the user's training rows are left out.
    /// `anchorrec recommend` does the same later
    #[arg(long, value_name = "FILE")]
    pub recommendations: Option<PathBuf>,

    /// Items per user in the file of --recommendations
    #[arg(long, value_name = "N", default_value = "20", requires = "recommendations", value_parser = at_least_one)]
    pub top: usize,
}

impl TrainOptions {
    /// Returns the tuned settings that are under what the user says.
    pub fn tuned<'a>(&self, loaded: &'a Loaded) -> Tuned<'a> {
        if self.untuned { Tuned::None("--untuned") } else { loaded.tuned() }
    }
}

/// Runs the command for one model, the configuration's where none is named.
pub fn run(model: Option<&'static dyn Model>, options: &TrainOptions) -> Result<ExitCode> {
    let stop = interrupt::flag()?;
    machine::set_up(&options.job.machine)?;
    if let Some(path) = &options.recommendations {
        lists::check(path)?;
    }
    let mut progress = Progress::new();
    let (loaded, configured, earlier) = asked(model, options, &mut progress)?;
    if options.fuse {
        check_fusion(loaded.dataset.interactions.items)?;
    }
    eprintln!("settings: {}", configured.sources);
    let origin = earlier.lineage.origin();
    let (folder, identity) = folder_after(origin, &loaded, &configured.config, &options.job.machine.out)?;
    let seeds = configured.config.train.seeds.clone();
    if let Some(path) = &options.recommendations {
        let TrainOptions { job, earlier, .. } = options;
        let reads = Reads::default().run(folder.path(), None).data(&loaded.dataset.dir);
        let reads = reads.files(loaded.dataset.inputs.iter().map(|input| &input.path)).files(&job.settings.config);
        let runs = [(&earlier.refit, None), (&earlier.warm_start, earlier.warm_start_data.as_deref())];
        let runs = runs.into_iter().filter_map(|(run, data)| Some((run.as_ref()?, data)));
        runs.fold(reads, |reads, (run, data)| reads.run(run, data)).check("--recommendations", path)?;
        lists::check_names(path, &loaded.dataset)?;
    }
    // Whoever begins again throws away knowingly.
    if !options.restart {
        check_history(&folder, &identity, &seeds, options.resume)?;
    }

    let run_options = RunOptions {
        resume: !options.restart,
        checkpoint_every: options.job.machine.checkpoint_every,
        ..RunOptions::default()
    };
    let out = &options.job.machine.out;
    let mut logs = options.log_dir.as_ref().map(|dir| Logs::of_run(dir, &folder, out, &FileSystem));
    let ended = match &mut logs {
        Some(logs) => train(&loaded, configured, earlier, folder, run_options, &stop, &mut (&mut progress, logs)),
        None => train(&loaded, configured, earlier, folder, run_options, &stop, &mut progress),
    };
    progress.finish();
    let mut done = match ended? {
        Ended::Done(done) => done,
        Ended::Stopped => return Ok(interrupted()),
    };
    if let (Some(logs), true) = (&mut logs, done.before) {
        logs.write_finished(&done.report.runs);
    }
    if done.before {
        eprintln!("this run is finished and was not trained again; this is its report. --restart trains it again");
    }
    if options.fuse && done.report.fusion.is_none() {
        eprintln!("fusion: choosing the setting of the closed form on validation ...");
        let mut said = |setting: &Setting, evaluation: &Evaluation| eprintln!("{}", tried(setting, evaluation));
        if !done.fuse(&stop, &mut said)? {
            return Ok(interrupted());
        }
    }
    print!("{}", table::render(&done.report));
    println!("report: {}", done.path.display());
    if let Some(logs) = logs {
        let folders: Vec<PathBuf> = seeds.iter().map(|&seed| logs.of(seed)).collect();
        logs.finish()?;
        folders.iter().for_each(|folder| println!("log: {}", folder.display()));
    }
    if options.analyse {
        let analyses: Result<Vec<_>, _> =
            done.report.runs.iter().map(|run| done.job.analyse(&done.folder, run)).collect();
        print!("{}", analysis_table::render(&analyses?));
    }
    if let (Some(path), Some(&seed)) = (&options.recommendations, seeds.first()) {
        let fusion = done.report.fusion.as_ref().filter(|_| options.fuse);
        lists::write(&done.job, &done.folder, seed, fusion, path, options.top)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The data of the job, its configuration and what it takes from a finished run.
fn asked(
    model: Option<&'static dyn Model>,
    options: &TrainOptions,
    progress: &mut Progress,
) -> Result<(Loaded, Configuration, Earlier)> {
    let TrainOptions { job, earlier, .. } = options;
    match (&earlier.refit, &earlier.warm_start) {
        (Some(run), _) => refit(job, run, progress).with_context(|| format!("--refit {}", run.display())),
        (None, Some(run)) => warm_start(job, model, run, earlier, progress),
        (None, None) => {
            check_said(model, &job.settings)?;
            let loaded = loaded::load(&job.data, Rows::Split, progress)?;
            let configured = configuration(model, &job.settings, options.tuned(&loaded), &[])?;
            Ok((loaded, configured, Earlier::default()))
        }
    }
}

/// Says how to continue.
fn interrupted() -> ExitCode {
    eprintln!("interrupted; nothing is lost. Go on with\n  {}", interrupt::resuming_command());
    ExitCode::from(interrupt::EXIT_CODE)
}
