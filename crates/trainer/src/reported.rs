//! One job on loaded data: from a configuration to `report.json`.

use crate::closed_forms::{MOST_ITEMS, Setting, exact_bytes, too_little};
use crate::config::CheckedConfig;
use crate::error::TrainError;
use crate::evaluation::Evaluation;
use crate::identity::Identity;
use crate::job::{Job, Outcome, RunOptions, phase};
use crate::layered::Configuration;
use crate::lineage::Lineage;
use crate::loaded::Loaded;
use crate::models::tables;
use crate::observer::{Observer, RunEvent};
use crate::origin::Origin;
use crate::run_folder::RunFolder;
use anchorrec_data::note::{Kind, Note, either};
use anchorrec_files::disk::FileSystem;
use anchorrec_records::origin::{RefitRecord, WarmStartRecord};
use anchorrec_records::report::{DataRecord, PhaseRecord, Report, RunRecord, Summary};
use anchorrec_records::{FusionRecord, RecordedSettings};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// What a job takes from a finished run.
#[derive(Default)]
pub struct Earlier {
    /// The earlier runs that the trainer starts from.
    pub lineage: Lineage,
    /// The refit, as the report shows it.
    pub refit: Option<RefitRecord>,
    /// The warm start, as the report shows it.
    pub warm_start: Option<WarmStartRecord>,
    /// The fusion of the run that is refitted; it is kept.
    pub fusion: Option<FusionRecord>,
}

/// A job that was trained to its end.
pub struct Trained {
    /// The job.
    pub job: Job,
    /// The folder of the run.
    pub folder: RunFolder,
    /// The contents of `report.json`.
    pub report: Report,
    /// The path of `report.json`.
    pub path: PathBuf,
    /// Whether the job was trained before, and nothing was done now.
    pub before: bool,
}

impl Trained {
    /// Also ranks by the model's scores plus those of a closed form, chosen on validation, and writes the report again; `said` sees each setting that is
    /// tried. Returns whether it came to its end: `stop` can end it.
    ///
    /// # Errors
    /// When the closed form cannot be computed, weights cannot be read, or the report cannot be written.
    pub fn fuse(&mut self, stop: &AtomicBool, said: &mut dyn FnMut(&Setting, &Evaluation)) -> Result<bool, TrainError> {
        self.report.fusion = self.job.fuse(&self.folder, &self.report.runs, stop, said)?;
        if self.report.fusion.is_some() {
            self.folder.save_report(&self.report)?;
        }
        Ok(self.report.fusion.is_some())
    }
}

/// Checks, before anything is trained, that there is memory for the closed form of a fusion.
///
/// # Errors
/// When there is not.
pub fn check_fusion(items: usize) -> Result<(), TrainError> {
    match too_little(items).filter(|_| items <= MOST_ITEMS) {
        Some(available) => Err(TrainError::NoRoomToFuse { items, needed: exact_bytes(items), available }),
        None => Ok(()),
    }
}

/// How a job ended.
pub enum Ended {
    /// All seeds were trained.
    Done(Box<Trained>),
    /// The job was told to stop.
    Stopped,
}

/// Returns the folder of a job below `out`, and the identity that names it.
///
/// # Errors
/// When another process works there, or the file system refuses.
pub fn folder(loaded: &Loaded, config: &CheckedConfig, out: &Path) -> Result<(RunFolder, Identity), TrainError> {
    folder_after(Origin::default(), loaded, config, out)
}

/// Opens the folder of a job that takes something from other runs, and names it by its identity.
///
/// # Errors
/// As [`folder`].
pub fn folder_after(
    origin: Origin,
    loaded: &Loaded,
    config: &CheckedConfig,
    out: &Path,
) -> Result<(RunFolder, Identity), TrainError> {
    let identity = Identity::new(config, &loaded.dataset.inputs).after(origin);
    let path = out.join(&loaded.dataset.name).join(config.model.name()).join(identity.short_name());
    Ok((RunFolder::open(&path, Box::new(FileSystem))?, identity))
}

/// Trains every seed of the configuration and writes the report, popularity and item kNN beside the model. A job that was trained to its end
/// before is not touched: its report is read back, unless `options` say to begin again. `command` is what the report says it was asked for by. Where other jobs share the process, no memory is recorded:
/// it would be that of all.
///
/// # Errors
/// When a setting cannot work, numbers go wrong, or a file cannot be written.
pub fn train(
    loaded: &Loaded,
    command: Vec<String>,
    Configuration { config, sources }: Configuration,
    earlier: Earlier,
    folder: RunFolder,
    options: RunOptions,
    stop: &AtomicBool,
    observer: &mut dyn Observer,
) -> Result<Ended, TrainError> {
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
        command,
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

/// Checks that the folder's past fits what is asked for: no interrupted work is discarded unasked, and nothing but the
/// interrupted run is resumed. Runs of other seeds do not matter here.
///
/// # Errors
/// When an interrupted run of this job is there and `resume` was not asked for, or it was and there is none; or the folder holds another run.
pub fn check_history(folder: &RunFolder, identity: &Identity, seeds: &[u64], resume: bool) -> Result<(), TrainError> {
    folder.check(identity)?;
    if seeds.iter().all(|&seed| folder.finished(seed).is_some()) {
        return Ok(());
    }
    let interrupted: Vec<String> = folder.interrupted(seeds).iter().map(u64::to_string).collect();
    if !interrupted.is_empty() && !resume {
        return Err(TrainError::Interrupted { folder: folder.path().to_owned(), seeds: interrupted });
    }
    if resume && !folder.is_begun() && folder.shorter(identity).is_empty() {
        let siblings = folder.interrupted_siblings();
        let known = siblings.iter().filter_map(|sibling| Some((sibling, sibling.identity.as_ref()?)));
        let differences = known.map(|(sibling, other)| (sibling, identity.differences_from(other)));
        if let Some((sibling, differences)) = differences.min_by_key(|(_, differences)| differences.len()) {
            return Err(TrainError::NothingToResume { folder: sibling.folder.clone(), differences });
        }
    }
    Ok(())
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
