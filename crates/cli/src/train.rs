//! `anchorrec train`: from options to a report.

use crate::args::TrainOptions;
use crate::progress::Progress;
use crate::source::{self, Source};
use crate::table;
use anchorrec_data::{Dataset, Modality, Provenance, provenance_of};
use anchorrec_trainer::atomic::write_atomic;
use anchorrec_trainer::job::phase;
use anchorrec_trainer::report::{DataRecord, InputRecord, Report, Summary};
use anchorrec_trainer::{CheckedConfig, ConfigLayers, Event, Job, ModelKind, Observer};
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Runs the command.
pub fn run(options: &TrainOptions) -> Result<()> {
    if let Some(threads) = options.threads {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().context("--threads")?;
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
    notices.extend(dataset.findings.notes());
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
    let folder = run_folder(&options.out, &config, &data, &inputs);

    let job = Job::new(config.clone(), dataset, &mut progress);
    phases.extend(job.phases().iter().cloned());
    let runs = job.run(&folder, &mut progress)?;
    progress.finish();

    let report = Report {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        command: std::env::args().collect(),
        model: config.model,
        data,
        inputs,
        config: (*config).clone(),
        threads: rayon::current_num_threads(),
        phases,
        summary: Summary::new(&runs),
        runs,
        reference: manifest.map(|m| m.references).unwrap_or_default(),
        notices,
    };
    let path = folder.join("report.json");
    let json = serde_json::to_string_pretty(&report).context("the report as JSON")?;
    write_atomic(&path, |file| writeln!(file, "{json}"))
        .with_context(|| format!("{}: cannot write", path.display()))?;
    print!("{}", table::render(&report));
    println!("report: {}", path.display());
    Ok(())
}

/// Defaults, the data set's tuned settings for the model, a file, single settings, options: later ones win.
fn configuration(options: &TrainOptions, tuned: Option<&Table>) -> Result<CheckedConfig> {
    let file = match &options.config {
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("{}: cannot read", path.display()))?;
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

/// `<out>/<dataset>/<model>/<run>`, the run named by what it is made of: the same job has the same folder, another has
/// another.
fn run_folder(out: &Path, config: &CheckedConfig, data: &DataRecord, inputs: &[InputRecord]) -> PathBuf {
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    hash.update(serde_json::to_string(&**config).expect("a configuration is JSON"));
    for input in inputs {
        hash.update(&input.sha256);
    }
    let run: String = hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let model: ModelKind = config.model;
    out.join(&data.name).join(model.name()).join(run)
}
