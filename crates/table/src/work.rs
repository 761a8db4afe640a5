//! A table computed: children are started, awaited and stopped, and a result is written as soon as its step ends.
//!
//! Whatever ends this process, nothing is lost: a child that is asked to stop writes a checkpoint, one that is killed has an earlier one, and one that lives on alone
//! finishes its runs. Its folders are locked meanwhile, so the same command waits for it before it starts the step again.

use crate::against;
use crate::child::Child;
use crate::command::{self, Places};
use crate::declaration::{self, Declaration, DeclaredDataset, DeclaredModel};
use crate::error::TableError;
use crate::estimate::{self, Estimate};
use crate::plan::{Asked, Step, Task, asked, steps};
use crate::results::Results;
use crate::rows;
use anchorrec_data::{Manifest, Modality};
use anchorrec_recommender::ModelList;
use anchorrec_records::table::{ModelResults, ModelRow, Protocol, TableData};
use anchorrec_trainer::BUSY;
use anchorrec_trainer::loaded::{Loaded, Rows};
use anchorrec_trainer::models::tables;
use anchorrec_trainer::source::{self, Asked as AskedData};
use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often children are looked at.
const GLANCE: Duration = Duration::from_millis(50);
/// How often a folder is looked at in which another process works.
const WAIT: Duration = Duration::from_secs(2);
/// The lock of the folder for runs: one process plans at a time.
const LOCK: &str = ".table.lock";

/// A table that is wanted.
pub struct Table {
    /// All models.
    pub models: ModelList,
    /// What is declared.
    pub declaration: Declaration,
    /// The program that computes the steps: `anchorrec`.
    pub program: PathBuf,
    /// The folders of manifests and of runs.
    pub places: Places,
    /// The folder of results.
    pub results: PathBuf,
    /// Steps at a time.
    pub jobs: usize,
    /// The data sets that are asked for; all where none is named.
    pub only: Vec<String>,
    /// The rows that are asked for; all where none is named.
    pub rows: Vec<String>,
}

/// How the work ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// Everything that was asked for is there.
    Done,
    /// Some steps failed; each with its reason.
    Failed(Vec<String>),
    /// Told to stop.
    Stopped,
}

/// A step that is being computed.
struct Running {
    step: Step,
    child: Child,
}

impl Table {
    /// Returns the results that are there, and checks that they are of what is declared.
    ///
    /// # Errors
    /// When a word names nothing, or a result is none or of another protocol.
    pub fn known(&self) -> Result<Results, TableError> {
        self.asked()?;
        Results::read(&self.results, &self.declaration)
    }

    /// Returns the steps that are left, in order.
    ///
    /// # Errors
    /// When a word names nothing.
    pub fn left(&self, results: &Results) -> Result<Vec<Step>, TableError> {
        Ok(steps(&self.asked()?).into_iter().filter(|step| !step.is_done(results)).collect())
    }

    /// Returns all steps of what is asked for, in order.
    ///
    /// # Errors
    /// When a word names nothing.
    pub fn steps(&self) -> Result<Vec<Step>, TableError> {
        Ok(steps(&self.asked()?))
    }

    /// Estimates how long steps take together.
    pub fn estimate(&self, steps: &[Step], results: &Results) -> Estimate {
        let size = |dataset: &DeclaredDataset| {
            let manifest = Manifest::load(&self.places.datasets.join(&dataset.name).join("manifest.toml")).ok()?;
            Some((dataset.name.clone(), manifest.counts.interactions))
        };
        let sizes: BTreeMap<String, usize> = self.declaration.datasets.iter().filter_map(size).collect();
        estimate::rest(steps, results, &self.declaration, &sizes)
    }

    /// Returns the words that compute a step; of runs after a search that is not done, nothing.
    pub fn words(&self, step: &Step, results: &Results) -> Option<Vec<String>> {
        let (dataset, places) = (self.dataset(&step.dataset), &self.places);
        if step.task == Task::ClosedForms {
            return Some(command::closed_forms(places, dataset));
        }
        let search = results.model(&step.dataset, &step.row).and_then(|of| of.search.as_ref());
        let is_there = step.task != Task::Tuned || search.is_some();
        let model = self.model(&step.row);
        is_there.then(|| command::of_model(places, &self.declaration, dataset, model, step.task, search))
    }

    /// Computes what is left, several steps at a time. `say` hears of each that begins or ends; `written` is called whenever results have been written.
    ///
    /// # Errors
    /// When data cannot be loaded or is not what results were computed of, or a file cannot be used. A step that fails is no error: the others go on.
    pub fn run(
        &self,
        stop: &AtomicBool,
        say: &mut dyn FnMut(&str),
        written: &mut dyn FnMut(&Results) -> Result<(), TableError>,
    ) -> Result<Ended, TableError> {
        let _lock = self.lock()?;
        let mut results = self.known()?;
        let data = self.data(&mut results, say)?;
        // An earlier call may have been killed after its last result, before the tests and the page.
        self.test(&mut results)?;
        written(&results)?;
        let (mut running, mut failed) = (Vec::new(), Vec::new());
        let mut waits = false;
        let ended = loop {
            if stop.load(Ordering::Relaxed) {
                break Ok(Ended::Stopped);
            }
            let waiting = self.waiting(&results, &running, &failed)?;
            let mut busy = false;
            for step in waiting {
                if running.len() >= self.jobs {
                    break;
                }
                if is_begun(&running, &step) || !step.is_ready(&results) {
                    continue;
                }
                if self.is_busy(&step) {
                    busy = true;
                    continue;
                }
                running.push(self.start(step, &results, say)?);
            }
            if running.is_empty() {
                if !busy {
                    break Ok(self.ended(&failed));
                }
                if !std::mem::replace(&mut waits, true) {
                    say("waits for a run that an earlier call has left working");
                }
                std::thread::sleep(WAIT);
                continue;
            }
            std::thread::sleep(GLANCE);
            match self.collect(&mut running, &mut results, &data, &mut failed, say) {
                Ok(Collected::Nothing) => {}
                Ok(Collected::Results) => {
                    if let Err(error) = self.test(&mut results).and_then(|()| written(&results)) {
                        break Err(error);
                    }
                }
                Ok(Collected::Refused) => std::thread::sleep(WAIT),
                Ok(Collected::Interrupted) => break Ok(Ended::Stopped),
                Err(error) => break Err(error),
            }
        };
        // However it ends, no child works on alone.
        running.iter_mut().for_each(|running| running.child.stop());
        for Running { child, .. } in &mut running {
            while child.ended()?.is_none() {
                std::thread::sleep(GLANCE);
            }
        }
        ended
    }

    /// Brings the tests against the reference up to date with the runs that are here.
    ///
    /// # Errors
    /// When a file cannot be used.
    pub fn test(&self, results: &mut Results) -> Result<(), TableError> {
        let Some(reference) = self.declaration.models.first().map(|model| model.name.as_str()) else { return Ok(()) };
        for dataset in &self.declaration.datasets {
            against::test(&self.places, &dataset.name, reference, results)?;
        }
        Ok(())
    }

    fn asked(&self) -> Result<Asked<'_>, TableError> {
        asked(&self.declaration, &self.only, &self.rows)
    }

    fn dataset(&self, name: &str) -> &DeclaredDataset {
        let found = self.declaration.datasets.iter().find(|dataset| dataset.name == name);
        found.expect("a step of a declared data set")
    }

    fn model(&self, row: &str) -> &DeclaredModel {
        self.declaration.models.iter().find(|model| model.name == row).expect("a step of a declared model")
    }

    fn lock(&self) -> Result<File, TableError> {
        let out = &self.places.out;
        let failed = |source| TableError::File { path: out.clone(), action: "lock the folder for runs", source };
        fs::create_dir_all(out).map_err(failed)?;
        let lock = File::options().create(true).truncate(false).write(true).open(out.join(LOCK)).map_err(failed)?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => Err(TableError::Busy { out: out.clone() }),
            // A file system without locks: nothing to hold on to.
            Ok(()) | Err(TryLockError::Error(_)) => Ok(lock),
        }
    }

    /// Loads every data set that something is left of, and records which models cannot be trained on it.
    fn data(
        &self,
        results: &mut Results,
        say: &mut dyn FnMut(&str),
    ) -> Result<BTreeMap<String, TableData>, TableError> {
        let mut all = BTreeMap::new();
        let asked = self.asked()?;
        for dataset in &asked.datasets {
            let left = self.left(results)?;
            if !left.iter().any(|step| step.dataset == dataset.name) {
                continue;
            }
            let wanted = AskedData {
                dataset: Some(dataset.name.clone()),
                datasets: self.places.datasets.clone(),
                scale: dataset.scale,
                ..AskedData::default()
            };
            let loaded = source::load(&wanted, Rows::Split, false, &mut ())?;
            if loaded.dataset.synthetic && dataset.scale.is_none() {
                return Err(TableError::Synthetic { dataset: dataset.name.clone() });
            }
            let data = rows::data(&loaded);
            results.check_data(&dataset.name, &data)?;
            for model in &asked.models {
                let protocol = self.declaration.protocol(dataset, model);
                let refused = self.refused(&loaded, &protocol);
                let was = results.model(&dataset.name, &model.name);
                if let Some(why) = refused.filter(|_| was.is_none()) {
                    say(&format!("{}, {}: left out, {why}", dataset.name, model.name));
                    let of = self.empty(dataset, model, data.clone());
                    results.keep(ModelResults { refused: Some(why), ..of })?;
                }
            }
            all.insert(dataset.name.clone(), data);
        }
        Ok(all)
    }

    /// Why a model cannot be trained on a data set, where it cannot.
    fn refused(&self, loaded: &Loaded, protocol: &Protocol) -> Option<String> {
        let model = self.models.find(&protocol.model).expect("a checked model");
        let config = declaration::published(self.models, model, protocol).expect("a checked configuration");
        let features = &loaded.dataset.features;
        let missing = |modality: Modality| format!("the data set has no {modality} features");
        let present = tables(features).present();
        let refuses = || {
            let why = config.model.lacking(present).unwrap_or("the data set has not the features that it needs");
            config.model.refuses(present).then(|| why.to_owned())
        };
        config.features.missing(features).map(missing).or_else(refuses)
    }

    fn empty(&self, dataset: &DeclaredDataset, model: &DeclaredModel, data: TableData) -> ModelResults {
        ModelResults {
            dataset: dataset.name.clone(),
            name: model.name.clone(),
            title: model.title(self.models),
            asked: self.declaration.protocol(dataset, model),
            data,
            refused: None,
            published: None,
            search: None,
            tuned: None,
        }
    }

    /// The steps that are left and neither run nor have failed.
    fn waiting(
        &self,
        results: &Results,
        running: &[Running],
        failed: &[(Step, String)],
    ) -> Result<Vec<Step>, TableError> {
        let is_over = |step: &Step| {
            running.iter().any(|running| running.step == *step) || failed.iter().any(|(failed, _)| failed == step)
        };
        Ok(self.left(results)?.into_iter().filter(|step| !is_over(step)).collect())
    }

    fn start(&self, step: Step, results: &Results, say: &mut dyn FnMut(&str)) -> Result<Running, TableError> {
        let words = self.words(&step, results).expect("a step that is ready");
        let child = Child::start(&self.program, &words, &self.base(&step))?;
        say(&format!("{step}: started"));
        Ok(Running { step, child })
    }

    /// Where a step's output goes, without the ending.
    fn base(&self, step: &Step) -> PathBuf {
        let name = match step.task {
            Task::ClosedForms => "baselines",
            Task::Published => "published",
            Task::Search => "search",
            Task::Tuned => "tuned",
        };
        self.folder(step).join(name)
    }

    /// The folder of a step's runs and output.
    fn folder(&self, step: &Step) -> PathBuf {
        let of =
            if step.task == Task::ClosedForms { self.places.of_closed_forms() } else { self.places.of_row(&step.row) };
        of.join(&step.dataset)
    }

    /// Whether a process that an earlier call has started still works for this row.
    fn is_busy(&self, step: &Step) -> bool {
        locks(&self.folder(step), 2).iter().any(|path| {
            let lock = File::options().write(true).open(path);
            lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
        })
    }

    /// Takes the results of children that have ended.
    fn collect(
        &self,
        running: &mut Vec<Running>,
        results: &mut Results,
        data: &BTreeMap<String, TableData>,
        failed: &mut Vec<(Step, String)>,
        say: &mut dyn FnMut(&str),
    ) -> Result<Collected, TableError> {
        let mut collected = Collected::Nothing;
        let mut place = 0;
        while let Some(Running { child, .. }) = running.get_mut(place) {
            let Some(status) = child.ended()? else {
                place += 1;
                continue;
            };
            let Running { step, child } = running.remove(place);
            let took = estimate::said(child.running_for());
            if status.success() {
                let found = self.take(&step, &child, results, &data[&step.dataset])?;
                say(&format!("{step}: {found}, {took}"));
                collected = Collected::Results;
            } else if is_interrupted(status) {
                // A terminal sends Ctrl-C to all of its processes; this one has not heard of it yet.
                return Ok(Collected::Interrupted);
            } else {
                let why = child.failure();
                if why.contains(BUSY) {
                    // A child that an earlier call has left had not locked its folder yet when it was looked at.
                    say(&format!("{step}: another process works in its folder; it is tried again"));
                    collected = collected.max(Collected::Refused);
                    continue;
                }
                say(&format!("{step}: failed after {took}: {why}"));
                failed.push((step, why));
            }
        }
        Ok(collected)
    }

    /// Keeps what a child that ended well has left. Returns it in a few words.
    fn take(&self, step: &Step, child: &Child, results: &mut Results, data: &TableData) -> Result<String, TableError> {
        let label = if step.task == Task::Search { "trace" } else { "report" };
        let nowhere =
            || TableError::Gone { step: step.to_string(), what: label, path: self.base(step).with_extension("out") };
        let path = child.path_of(label).ok_or_else(nowhere)?;
        let name = step.to_string();
        if step.task == Task::ClosedForms {
            let rows = rows::closed_forms(&self.places, &path, data.clone(), &name)?;
            let said = format!("{} methods", rows.methods.len());
            results.keep_closed_forms(rows)?;
            return Ok(said);
        }
        let (dataset, model) = (self.dataset(&step.dataset), self.model(&step.row));
        let known = results.model(&step.dataset, &step.row).cloned();
        let mut of = known.unwrap_or_else(|| self.empty(dataset, model, data.clone()));
        let row = |settings: &[String]| {
            let settings = of.asked.settings.iter().chain(settings).cloned().collect();
            rows::row(&self.places.out, &path, settings, &name)
        };
        let said = match step.task {
            Task::Search => {
                let found = rows::search(&path, &name)?;
                let best = &found.trials[found.best];
                let said = format!("validation Recall@20 {:.4} with {}", best.recall, best.settings.join(" "));
                of.search = Some(found);
                said
            }
            Task::Published => {
                let row = row(&of.asked.published)?;
                let said = in_words(&row);
                of.published = Some(row);
                said
            }
            Task::Tuned => {
                let row = row(command::chosen(of.search.as_ref().expect("a search before the runs of its settings")))?;
                let said = in_words(&row);
                of.tuned = Some(row);
                said
            }
            Task::ClosedForms => unreachable!("returned above"),
        };
        results.keep(of)?;
        Ok(said)
    }

    fn ended(&self, failed: &[(Step, String)]) -> Ended {
        if failed.is_empty() {
            return Ended::Done;
        }
        Ended::Failed(failed.iter().map(|(step, why)| format!("{step}: {why}")).collect())
    }
}

/// What was found when children were looked at, the most important last.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Collected {
    /// Every child still works.
    Nothing,
    /// A child's folder was taken by somebody else.
    Refused,
    /// Results were written.
    Results,
    /// A child was interrupted by somebody else.
    Interrupted,
}

/// Whether a step of the same row is being computed.
fn is_begun(running: &[Running], step: &Step) -> bool {
    running.iter().any(|running| running.step.dataset == step.dataset && running.step.row == step.row)
}

/// The locks of run folders, so many folders below this one.
fn locks(folder: &Path, depth: usize) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let below = entries.filter(|path| path.is_dir());
    match depth {
        0 => vec![folder.join(".lock")],
        _ => below.flat_map(|path| locks(&path, depth - 1)).collect(),
    }
}

/// Whether a process was ended by somebody, not by its own fault.
fn is_interrupted(status: std::process::ExitStatus) -> bool {
    // What a shell expects of a program that was interrupted.
    status.code() == Some(130)
}

/// Says how a row's runs went.
fn in_words(row: &ModelRow) -> String {
    let recall = row.test.get("recall@20").map_or("no test".to_owned(), |recall| match recall.sd {
        Some(sd) => format!("test Recall@20 {:.4} ± {sd:.4} over {} seeds", recall.mean, row.seeds.len()),
        None => format!("test Recall@20 {:.4}", recall.mean),
    });
    match row.at_cap() {
        0 => recall,
        ended => format!("{recall}, {ended} of {} runs ended at the cap", row.seeds.len()),
    }
}
