//! One job on loaded data: from a configuration to `report.json`.

use crate::loaded::Loaded;
use anchorrec_data::note::{Kind, Note};
use anchorrec_files::disk::FileSystem;
use anchorrec_records::RecordedSettings;
use anchorrec_records::report::{DataRecord, Report, Summary};
use anchorrec_trainer::job::phase;
use anchorrec_trainer::models::tables;
use anchorrec_trainer::{CheckedConfig, Event, Identity, Job, Observer, Outcome, RunFolder, RunOptions};
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// A job that was trained to its end.
pub struct Trained {
    /// The job.
    pub job: Job,
    /// The folder of the run.
    pub folder: RunFolder,
    /// What is in `report.json`.
    pub report: Report,
    /// Where that is.
    pub path: PathBuf,
    /// Whether the job was trained before, and nothing was done now.
    pub before: bool,
}

/// How a job ended.
pub enum Ended {
    /// All seeds were trained.
    Done(Box<Trained>),
    /// The job was told to stop.
    Stopped,
}

/// Returns the folder of a job below `out`, and the identity that names it.
pub fn folder(loaded: &Loaded, config: &CheckedConfig, out: &Path) -> Result<(RunFolder, Identity)> {
    let identity = Identity::new(config, &loaded.dataset.inputs);
    let path = out.join(&loaded.dataset.name).join(config.model.name()).join(identity.short_name());
    Ok((RunFolder::open(&path, Box::new(FileSystem))?, identity))
}

/// Trains every seed of the configuration and writes the report, popularity and item kNN beside the model. A job that was trained to its end
/// before is not touched: its report is read back, unless `options` say to begin again. `settings_from` says where the settings come from.
pub fn train(
    loaded: &Loaded,
    config: &CheckedConfig,
    settings_from: String,
    folder: RunFolder,
    options: RunOptions,
    stop: &AtomicBool,
    observer: &mut dyn Observer,
) -> Result<Ended> {
    let job = Job::new(config.clone(), loaded.dataset.clone());
    if options.resume
        && let Some((mut report, mut path)) = folder.finished_report(job.identity(), &config.train.seeds)?
    {
        // A version that wrote it before these rows were shown.
        if report.closed_forms.is_empty() && !options.trial {
            match job.closed_forms(stop) {
                Some(closed_forms) => report.closed_forms = closed_forms,
                None => return Ok(Ended::Stopped),
            }
            path = folder.save_report(&report)?;
        }
        return Ok(Ended::Done(Box::new(Trained { job, folder, report, path, before: true })));
    }
    let mut notes = loaded.notes.clone();
    let lacking = config.model.lacking(tables(&loaded.dataset.features).present());
    notes.extend(lacking.map(|text| Note::new(Kind::Missing, "model-lacks-features", 0u64, text)));
    for note in &notes[loaded.notes.len()..] {
        observer.event(Event::Notice(&note.to_string()));
    }
    let runs = match job.run(&folder, options, stop, observer)? {
        Outcome::Done(runs) => runs,
        Outcome::Stopped => return Ok(Ended::Stopped),
    };
    let mut beside = Vec::new();
    let closed_forms = if options.trial {
        Vec::new()
    } else {
        match phase("popularity and item kNN", &mut beside, observer, || job.closed_forms(stop)) {
            Some(closed_forms) => closed_forms,
            None => return Ok(Ended::Stopped),
        }
    };
    let Identity { arithmetic, numerics, .. } = job.identity().clone();
    let report = Report {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        command: std::env::args().collect(),
        model: config.model.name().to_owned(),
        title: config.model.title().to_owned(),
        notices: notes.iter().map(ToString::to_string).collect(),
        data: DataRecord { notes, ..loaded.record() },
        inputs: loaded.inputs(),
        config: RecordedSettings::of(&**config),
        settings_from,
        threads: rayon::current_num_threads(),
        portable: anchorrec_kernels::portable::is_chosen(),
        arithmetic,
        numerics,
        phases: loaded.phases.iter().chain(job.phases()).chain(&beside).cloned().collect(),
        summary: Summary::new(&runs),
        runs,
        closed_forms,
        fusion: None,
        reference: loaded.manifest.as_ref().map(|manifest| manifest.references.clone()).unwrap_or_default(),
    };
    let path = folder.save_report(&report)?;
    Ok(Ended::Done(Box::new(Trained { job, folder, report, path, before: false })))
}
