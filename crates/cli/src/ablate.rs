//! `anchorrec ablate`: variants of the default model on one data set, compared.

use crate::args::JobOptions;
use crate::comparison_table;
use crate::earlier::Earlier;
use crate::loaded::{self, Loaded, Rows};
use crate::progress::Progress;
use crate::settings::{Configuration, check_said, configuration};
use crate::training::{Ended, Trained, folder, train};
use crate::{interrupt, machine};
use anchorrec_files::atomic::write_json;
use anchorrec_files::disk::FileSystem;
use anchorrec_models::MODELS;
use anchorrec_records::Comparison;
use anchorrec_records::comparison::DivergedVariant;
use anchorrec_trainer::comparison::{VariantRuns, compare};
use anchorrec_trainer::models::tables;
use anchorrec_trainer::variants::{Variant, ablations, contrasts, reference};
use anchorrec_trainer::{Identity, Observer, RunEvent, RunOptions, TrainError};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

#[derive(Debug, Args)]
pub struct AblateOptions {
    #[command(flatten)]
    pub job: JobOptions,

    /// Train only these variants and the whole method; an unknown name lists all variants
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub only: Option<Vec<String>>,

    /// Train the other models as well, each with its own settings
    #[arg(long)]
    pub models: bool,
}

/// Runs the command. What was trained before is not trained again, so the same command continues after an interruption.
pub fn run(options: &AblateOptions) -> Result<ExitCode> {
    let stop = interrupt::flag()?;
    machine::set_up(&options.job.machine)?;
    check_said(None, &options.job.settings)?;
    let wanted = wanted(options)?;
    let mut progress = Progress::new();
    let loaded = loaded::load(&options.job.data, Rows::Split, &mut progress)?;
    if loaded.dataset.interactions.test.is_empty() {
        bail!(
            "{}: there are no test rows, so variants cannot be compared: split the data first",
            loaded.dataset.dir.display()
        );
    }

    // Every configuration is made before anything is trained: a wrong one is told now.
    let mut jobs: Vec<(Variant, Configuration)> = Vec::new();
    let mut known = BTreeSet::new();
    let present = tables(&loaded.dataset.features).present();
    for variant in wanted {
        let configured = variant_config(&loaded, options, &variant)?;
        let config = &configured.config;
        if let Some(missing) = config.features.missing(&loaded.dataset.features) {
            progress.event(RunEvent::Notice(&format!(
                "{}: left out, the data set has no {missing} features",
                variant.name
            )));
        } else if config.model.refuses(present) {
            let why = config.model.lacking(present).unwrap_or("the data set has not the features that it needs");
            progress.event(RunEvent::Notice(&format!("{}: left out, {why}", variant.name)));
        } else if known.insert(Identity::new(config, &loaded.dataset.inputs).short_name()) {
            jobs.push((variant, configured));
        } else {
            progress.event(RunEvent::Notice(&format!("{}: left out, the same as one before", variant.name)));
        }
    }
    let (mut compared, mut diverged) = (Vec::new(), Vec::new());
    let count = jobs.len();
    for (place, (variant, configured)) in jobs.into_iter().enumerate() {
        progress.event(RunEvent::Notice(&format!(
            "variant {} of {count}: {} ({})",
            place + 1,
            variant.name,
            variant.about
        )));
        eprintln!("settings: {}", configured.sources);
        match trained(&loaded, configured, options, &stop, &mut progress)? {
            VariantEnd::Done(done) => {
                compared.push(variant_runs(&variant, &done, &options.job.machine.out.join(&loaded.dataset.name))?)
            }
            VariantEnd::Diverged(what) if place == 0 => {
                bail!(
                    "{} diverged ({what}), so there is nothing to compare with: lower train.learning_rate or look at the features",
                    variant.name
                )
            }
            VariantEnd::Diverged(what) => {
                progress.event(RunEvent::Notice(&format!("{}: diverged, {what}", variant.name)));
                diverged.push(diverged_variant(&variant, what));
            }
            VariantEnd::Stopped => {
                eprintln!("interrupted; nothing is lost. Go on with the same command");
                return Ok(ExitCode::from(interrupt::EXIT_CODE));
            }
        }
    }
    let comparison = Comparison { diverged, ..compare(&loaded.dataset.name, &compared) };
    let path = options.job.machine.out.join(&loaded.dataset.name).join("comparison.json");
    write_json(&FileSystem, &path, &comparison).with_context(|| format!("{}: cannot write", path.display()))?;
    print!("{}", comparison_table::render(&comparison));
    loaded.notes.iter().for_each(|note| println!("note: {note}"));
    println!("comparison: {}", path.display());
    Ok(ExitCode::SUCCESS)
}

/// The method first, then what was asked for.
fn wanted(options: &AblateOptions) -> Result<Vec<Variant>> {
    let model = MODELS.default_model();
    let (reference, ablations, contrasts) = (reference(model), ablations(model), contrasts(MODELS, model));
    let all: Vec<Variant> = ablations.iter().chain(&contrasts).copied().collect();
    let chosen = match &options.only {
        Some(names) => {
            let find = |name: &String| match all.iter().find(|variant| variant.name == name) {
                Some(variant) => Ok(*variant),
                None => {
                    let known: Vec<&str> = all.iter().map(|variant| variant.name).collect();
                    bail!("--only: there is no variant `{name}`: expected some of {}", known.join(", "))
                }
            };
            names.iter().filter(|name| *name != reference.name).map(find).collect::<Result<Vec<_>>>()?
        }
        None => ablations,
    };
    let models = contrasts.into_iter().filter(|_| options.models);
    Ok(std::iter::once(reference).chain(chosen).chain(models).collect())
}

fn variant_config(loaded: &Loaded, options: &AblateOptions, variant: &Variant) -> Result<Configuration> {
    let settings: Vec<String> = variant.settings.iter().map(|&setting| setting.to_owned()).collect();
    configuration(Some(variant.model), &options.job.settings, loaded.tuned(), &settings)
        .with_context(|| format!("variant {}", variant.name))
}

/// How a variant ended.
enum VariantEnd {
    /// The variant was trained to its end.
    Done(Box<Trained>),
    /// The numbers of one of its seeds went wrong, and where.
    Diverged(String),
    /// The variant was told to stop.
    Stopped,
}

/// Trains what is not trained yet.
fn trained(
    loaded: &Loaded,
    configured: Configuration,
    options: &AblateOptions,
    stop: &AtomicBool,
    progress: &mut Progress,
) -> Result<VariantEnd> {
    let (folder, _) = folder(loaded, &configured.config, &options.job.machine.out)?;
    let run = RunOptions { checkpoint_every: options.job.machine.checkpoint_every, ..RunOptions::default() };
    let ended = train(loaded, configured, Earlier::default(), folder, run, stop, progress);
    progress.finish();
    match ended {
        Ok(Ended::Done(done)) => {
            if done.before {
                progress.event(RunEvent::Notice("trained before"));
            }
            Ok(VariantEnd::Done(done))
        }
        Ok(Ended::Stopped) => Ok(VariantEnd::Stopped),
        Err(error) => match error.downcast_ref().and_then(TrainError::divergence) {
            Some(what) => Ok(VariantEnd::Diverged(what)),
            None => Err(error),
        },
    }
}

fn diverged_variant(variant: &Variant, what: String) -> DivergedVariant {
    DivergedVariant {
        name: variant.name.to_owned(),
        about: variant.about.to_owned(),
        settings: variant.settings.iter().map(|&setting| setting.to_owned()).collect(),
        what,
    }
}

fn variant_runs(variant: &Variant, done: &Trained, base: &Path) -> Result<VariantRuns> {
    let runs = &done.report.runs;
    let analyses = runs.iter().map(|run| done.job.analyse(&done.folder, run)).collect::<Result<Vec<_>, _>>()?;
    let users = runs.iter().map(|run| done.folder.users(run).context("the results of users were just written"));
    let folder = done.folder.path();
    Ok(VariantRuns {
        name: variant.name.to_owned(),
        about: variant.about.to_owned(),
        settings: variant.settings.iter().map(|&setting| setting.to_owned()).collect(),
        folder: folder.strip_prefix(base).unwrap_or(folder).display().to_string(),
        runs: runs.clone(),
        analyses,
        users: users.collect::<Result<_>>()?,
    })
}
