//! `anchorrec train`: from options to a report.

use crate::args::TrainOptions;
use crate::interrupt;
use crate::progress::Progress;
use crate::recommendations;
use crate::source::{self, Source};
use crate::table;
use anchorrec_data::{Dataset, Modality, Provenance, provenance_of};
use anchorrec_trainer::config::LONGEST;
use anchorrec_trainer::disk::FileSystem;
use anchorrec_trainer::job::phase;
use anchorrec_trainer::report::{DataRecord, InputRecord, Report, Summary};
use anchorrec_trainer::{
    CheckedConfig, ConfigLayers, Event, Identity, Job, ModelKind, Observer, Outcome, RunFolder, RunOptions,
};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::process::ExitCode;
use toml::{Table, Value};

/// Runs the command.
pub fn run(options: &TrainOptions) -> Result<ExitCode> {
    let stop = interrupt::flag()?;
    if options.portable {
        anchorrec_kernels::portable::choose();
    }
    if let Some(threads) = options.threads {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().context("--threads")?;
    }
    if let Some(path) = &options.recommendations {
        recommendations::check_place(path)?;
    }
    let Source { dir, mut manifest, mut notices } = source::find(options)?;
    let config = configuration(options, manifest.as_ref().map(|m| &m.settings))?;

    let mut progress = Progress::new();
    let mut phases = Vec::new();
    let dataset = phase("load", &mut phases, &mut progress, || Dataset::load(&dir))?;
    if manifest.is_none()
        && let Some(known) = source::recognise(&options.datasets, &dataset.inputs)
    {
        notices.push(format!(
            "recognised as {} by its bytes; its tuned settings need --dataset {}",
            known.name, known.name
        ));
        manifest = Some(known);
    }
    notices.extend(dataset.notes());
    let (source, provenance) = provenance(&dataset, manifest.as_ref());
    notices.extend(provenance);
    if let Some(counts) = manifest.as_ref().map(|m| m.counts).filter(|_| source != Provenance::Synthetic) {
        let record = &dataset.interactions;
        let dropped = dataset.findings.dropped_valid + dataset.findings.dropped_test;
        let interactions = record.train.len() + record.valid.len() + record.test.len() + dropped;
        if (record.users, record.items, interactions) != (counts.users, counts.items, counts.interactions) {
            notices.push(format!(
                "{} users, {} items, {interactions} interactions: the manifest expects {}, {}, {}",
                record.users, record.items, counts.users, counts.items, counts.interactions
            ));
        }
    }
    if config.model == ModelKind::AnchorRec && dataset.features.mm.is_none() {
        notices.push(
            "there is no anchor (mm_feat.npy): the alignment terms, SMO and the decoder are absent, so this is the encoders alone, \
             not AnchorRec"
                .to_owned(),
        );
    }
    for notice in &notices {
        progress.event(Event::Notice(notice));
    }
    let data = data_record(&dataset, source);
    let inputs: Vec<InputRecord> = dataset
        .inputs
        .iter()
        .map(|input| InputRecord {
            path: input.path.display().to_string(),
            bytes: input.bytes,
            sha256: input.sha256.clone(),
        })
        .collect();
    let identity = Identity::new(&config, &dataset.inputs);
    let path = options.out.join(&data.name).join(config.model.name()).join(identity.short_name());
    let folder = RunFolder::open(&path, Box::new(FileSystem))?;
    check_history(&folder, &identity, options)?;

    let job = Job::new(config.clone(), dataset, &mut progress);
    phases.extend(job.phases().iter().cloned());
    let run_options = RunOptions { resume: options.resume, checkpoint_every: options.checkpoint_every };
    let outcome = job.run(&folder, run_options, &stop, &mut progress);
    progress.finish();
    let runs = match outcome? {
        Outcome::Done(runs) => runs,
        Outcome::Stopped => {
            eprintln!("interrupted; nothing is lost. Go on with\n  {}", interrupt::resuming_command());
            return Ok(ExitCode::from(interrupt::EXIT_CODE));
        }
    };

    let report = Report {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        command: std::env::args().collect(),
        model: config.model,
        data,
        inputs,
        config: (*config).clone(),
        threads: rayon::current_num_threads(),
        portable: options.portable,
        phases,
        summary: Summary::new(&runs),
        runs,
        reference: manifest.map(|m| m.references).unwrap_or_default(),
        notices,
    };
    let path = folder.save_report(&report)?;
    print!("{}", table::render(&report));
    println!("report: {}", path.display());
    if let (Some(path), Some(&seed)) = (&options.recommendations, config.train.seeds.first()) {
        let lists = job.recommend(&folder, seed, options.top)?;
        recommendations::write(path, job.dataset(), &lists)?;
        println!("recommendations: {}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether the folder's past fits what is asked for: nobody's interrupted work is thrown away unasked, and nothing else than the
/// interrupted run is resumed.
fn check_history(folder: &RunFolder, identity: &Identity, options: &TrainOptions) -> Result<()> {
    let interrupted = folder.interrupted();
    if let (Some(_), false, false) = (&interrupted, options.resume, options.restart) {
        bail!(
            "{}: an interrupted run of this very job is here: go on with --resume, or begin again with --restart",
            folder.path().display()
        );
    }
    if options.resume && interrupted.is_none() && !folder.is_finished() {
        let siblings = folder.interrupted_siblings();
        let known = siblings.iter().filter_map(|sibling| Some((sibling, sibling.identity()?)));
        let differences = known.map(|(sibling, other)| (sibling, identity.differences_from(other)));
        if let Some((sibling, differences)) = differences.min_by_key(|(_, differences)| differences.len()) {
            bail!(
                "nothing to resume: the interrupted run in {} is another one: {}. Repeat its command to go on with it, or leave out --resume",
                sibling.folder.display(),
                differences.join("; ")
            );
        }
    }
    Ok(())
}

/// Defaults, the data set's tuned settings for the model, a file, single settings, options: later ones win.
fn configuration(options: &TrainOptions, tuned: Option<&Table>) -> Result<CheckedConfig> {
    let file = match &options.config {
        Some(path) => {
            let mut text = String::new();
            // One byte more than may be: the parser says so, and nothing longer is ever read.
            let read = File::open(path).and_then(|file| file.take(LONGEST as u64 + 1).read_to_string(&mut text));
            read.with_context(|| format!("{}: cannot read", path.display()))?;
            Some((path.display().to_string(), text))
        }
        None => None,
    };
    let said = |layers: &mut ConfigLayers| {
        if let Some((name, text)) = &file {
            layers.put_toml(name, text)?;
        }
        options.set.iter().try_for_each(|assignment| layers.set(assignment))
    };
    let mut over = ConfigLayers::new();
    said(&mut over)?;
    // The model decides which tuned settings lie underneath, so it is asked for first.
    let model = match options.model {
        Some(model) => model.into(),
        None => over.finish()?.model,
    };

    let mut layers = ConfigLayers::new();
    layers.put("--model", &Table::from_iter([("model".to_owned(), Value::String(model.name().to_owned()))]))?;
    if let Some(Value::Table(tuned)) = tuned.and_then(|t| t.get(model.name())) {
        layers.put("the manifest's settings", tuned)?;
    }
    said(&mut layers)?;
    let mut config = layers.finish()?;
    config.model = model;
    if let Some(epochs) = options.epochs {
        config.train.epochs = epochs;
    }
    if let Some(patience) = options.patience {
        config.train.patience = patience;
    }
    if let Some(seeds) = &options.seeds {
        config.train.seeds = seeds.clone();
    }
    Ok(config.check()?)
}

/// What the data is, and what a reader should know about it.
fn provenance(dataset: &Dataset, manifest: Option<&anchorrec_data::Manifest>) -> (Provenance, Vec<String>) {
    let (source, notes) = match manifest {
        Some(manifest) => provenance_of(manifest, &dataset.inputs),
        None => (Provenance::Real, Vec::new()),
    };
    match (dataset.synthetic, source) {
        (true, _) => (Provenance::Synthetic, vec!["the folder is marked as synthetic".to_owned()]),
        // Nobody says that it is derived or made up; the notes say which files no manifest knows.
        (false, Provenance::Unknown) => (Provenance::Real, notes),
        (false, source) => (source, notes),
    }
}

fn data_record(dataset: &Dataset, source: Provenance) -> DataRecord {
    let interactions = &dataset.interactions;
    let widths = Modality::ALL
        .into_iter()
        .filter_map(|modality| Some((modality.to_string(), dataset.features.of(modality)?.ncols())))
        .collect::<BTreeMap<_, _>>();
    DataRecord {
        name: dataset.name.clone(),
        dir: dataset.dir.display().to_string(),
        source,
        users: interactions.users,
        items: interactions.items,
        train: interactions.train.len(),
        valid: interactions.valid.len(),
        test: interactions.test.len(),
        widths,
        absent: dataset.findings.absent.iter().map(ToString::to_string).collect(),
        findings: dataset.findings.clone(),
    }
}
