//! One job on loaded data: from a configuration to `report.json`.

use crate::earlier::Earlier;
use crate::loaded::Loaded;
use crate::settings::Configuration;
use anchorrec_data::note::{Kind, Note, either};
use anchorrec_files::disk::FileSystem;
use anchorrec_records::origin::WarmStartRecord;
use anchorrec_records::report::{DataRecord, PhaseRecord, Report, RunRecord, Summary};
use anchorrec_records::{FusionRecord, RecordedSettings};
use anchorrec_trainer::job::phase;
use anchorrec_trainer::models::tables;
use anchorrec_trainer::origin::Origin;
use anchorrec_trainer::{CheckedConfig, Identity, Job, Observer, Outcome, RunEvent, RunFolder, RunOptions};
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
    folder_after(Origin::default(), loaded, config, out)
}

/// Opens the folder of a job that takes something from other runs, and names it by its identity.
pub fn folder_after(
    origin: Origin,
    loaded: &Loaded,
    config: &CheckedConfig,
    out: &Path,
) -> Result<(RunFolder, Identity)> {
    let identity = Identity::new(config, &loaded.dataset.inputs).after(origin);
    let path = out.join(&loaded.dataset.name).join(config.model.name()).join(identity.short_name());
    Ok((RunFolder::open(&path, Box::new(FileSystem))?, identity))
}

/// Trains every seed of the configuration and writes the report, popularity and item kNN beside the model. A job that was trained to its end
/// before is not touched: its report is read back, unless `options` say to begin again. Where other jobs share the process, no memory is recorded:
/// it would be that of all.
pub fn train(
    loaded: &Loaded,
    Configuration { config, sources }: Configuration,
    earlier: Earlier,
    folder: RunFolder,
    options: RunOptions,
    stop: &AtomicBool,
    observer: &mut dyn Observer,
) -> Result<Ended> {
    let job = Job::after(earlier.lineage, config.clone(), loaded.dataset.clone());
    // There is nothing to judge a refit by, nor what stands beside it.
    let judged = earlier.refit.is_none();
    if options.resume
        && let Some((mut report, mut path)) = folder.finished_report(job.identity(), &config.train.seeds)?
    {
        // A version that wrote it before these rows were shown.
        if report.closed_forms.is_empty() && judged && !options.trial {
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
    let settings = RecordedSettings::of(&*config);
    notes.extend(crowded(&settings, config.model.name(), loaded.dataset.interactions.items));
    for note in &notes[loaded.notes.len()..] {
        observer.event(RunEvent::Notice(&note.to_string()));
    }
    let runs = match job.run(&folder, options, stop, observer)? {
        Outcome::Done(runs) => runs,
        Outcome::Stopped => return Ok(Ended::Stopped),
    };
    let mut beside = Vec::new();
    let closed_forms = if options.trial || !judged {
        Vec::new()
    } else {
        match phase("popularity and item kNN", &mut beside, observer, || job.closed_forms(stop)) {
            Some(closed_forms) => closed_forms,
            None => return Ok(Ended::Stopped),
        }
    };
    let Identity { arithmetic, numerics, .. } = job.identity().clone();
    let mut phases: Vec<PhaseRecord> = loaded.phases.iter().chain(job.phases()).chain(&beside).cloned().collect();
    if !options.alone {
        phases.iter_mut().for_each(|phase| phase.peak_rss_bytes = None);
    }
    let report = Report {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        command: std::env::args().collect(),
        model: config.model.name().to_owned(),
        title: config.model.title().to_owned(),
        notices: loaded.said.iter().cloned().chain(notes.iter().map(ToString::to_string)).collect(),
        data: DataRecord { notes, ..loaded.record() },
        inputs: loaded.inputs(),
        config: settings,
        settings_from: sources,
        threads: rayon::current_num_threads(),
        portable: anchorrec_kernels::portable::is_chosen(),
        arithmetic,
        numerics,
        phases,
        summary: Summary::new(&runs),
        closed_forms,
        fusion: earlier.fusion.map(|fusion| of_weights(fusion, &runs)),
        runs,
        refit: earlier.refit,
        warm_start: earlier.warm_start.map(|record| WarmStartRecord { weights: job.taken().cloned(), ..record }),
        reference: loaded
            .manifest
            .as_ref()
            .filter(|_| judged)
            .map(|manifest| manifest.references.clone())
            .unwrap_or_default(),
    };
    let path = folder.save_report(&report)?;
    Ok(Ended::Done(Box::new(Trained { job, folder, report, path, before: false })))
}

/// A fusion that is kept, with the weights that it now belongs to.
fn of_weights(mut fusion: FusionRecord, runs: &[RunRecord]) -> FusionRecord {
    for fused in &mut fusion.runs {
        if let Some(run) = runs.iter().find(|run| run.seed == fused.seed) {
            fused.weights_sha256 = run.checkpoint_sha256.clone();
        }
    }
    fusion
}

/// Settings that say how many neighbours an item has, whatever the model.
const NEIGHBOURS: [&str; 4] = ["neighbours", "vision_neighbours", "text_neighbours", "behaviour_neighbours"];

/// Says which settings ask for more neighbours of an item than there are items, itself among them.
fn crowded(settings: &RecordedSettings, model: &str, items: usize) -> Option<Note> {
    let more = |name: &&str| {
        let path = format!("{model}.{name}");
        let asked =
            settings.integer(&path).and_then(|asked| usize::try_from(asked).ok()).filter(|asked| *asked > items);
        asked.map(|asked| format!("{path} = {asked}"))
    };
    let asked: Vec<String> = NEIGHBOURS.iter().filter_map(more).collect();
    let text = format!(
        "{} for more neighbours of an item than there are items, {items}: all are taken",
        either(asked.len(), "setting asks", "settings ask")
    );
    let note = Note::new(Kind::Odd, "more-neighbours-than-items", asked.len(), text);
    (!asked.is_empty()).then(|| note.with(&asked))
}
