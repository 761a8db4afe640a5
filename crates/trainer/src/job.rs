//! A job: one data set, one configuration, a run for each seed.

use crate::analysis::{analyse, lists_of_fusion};
use crate::checkpoint::{self, State, Times};
use crate::closed_forms::{self, Unchosen};
use crate::config::CheckedConfig;
use crate::error::TrainError;
use crate::evaluation::{Evaluation, Evaluator};
use crate::fusion;
use crate::identity::Identity;
use crate::lineage::Lineage;
use crate::longer;
use crate::memory;
use crate::models::PreparedModels;
use crate::observer::{Observer, RunEvent};
use crate::run::{Cadence, End, Run};
use crate::run_folder::RunFolder;
use crate::stepper::Stepper;
use crate::trained::TrainedModel;
use anchorrec_closed_forms::{MOST_ITEMS, Method, Solver};
use anchorrec_data::Dataset;
use anchorrec_files::with_causes;
use anchorrec_records::Analysis;
use anchorrec_records::closed_form::ClosedFormRecord;
use anchorrec_records::fusion::FusionRecord;
use anchorrec_records::origin::TakenWeights;
use anchorrec_records::report::{PhaseRecord, RunRecord};
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// Neighbours of the closed form in a fusion where it cannot be exact.
const FUSED_NEIGHBOURS: usize = 200;

/// A data set and a configuration, ready to run.
pub struct Job {
    config: CheckedConfig,
    identity: Identity,
    dataset: Dataset,
    evaluator: Evaluator,
    lineage: Lineage,
    /// Which weights a warm start takes, once a model was made.
    taken: OnceLock<TakenWeights>,
    /// Made when a model is first asked for, and how long that took: a job whose seeds are all trained and looked at never asks.
    prepared: OnceLock<(PreparedModels, Vec<PhaseRecord>)>,
}

/// How runs begin and what they leave behind. None of it changes a number.
///
/// ```
/// use anchorrec_trainer::RunOptions;
///
/// let from_the_beginning = RunOptions { resume: false, ..RunOptions::default() };
/// assert_eq!(from_the_beginning.checkpoint_every, RunOptions::EVERY);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RunOptions {
    /// Whether to continue where an interrupted run of the same job stands; else its traces are removed first.
    pub resume: bool,
    /// The least time between two checkpoints, zero for one after every step. They also never take more than a twentieth of the
    /// time.
    pub checkpoint_every: Duration,
    /// After so many epochs a run that is not done writes a checkpoint and stops, to be resumed or not.
    pub until: Option<usize>,
    /// Whether these are trials of a search. Several of them share the process, so memory is not measured for any; and what they leave
    /// behind may be [cleared away](RunFolder::clear_trial).
    pub trial: bool,
    /// Whether the process does nothing else meanwhile, so that its memory is this job's. Trials are never alone.
    pub alone: bool,
}

impl RunOptions {
    /// The usual time between two checkpoints.
    pub const EVERY: Duration = Duration::from_secs(10);
}

/// Goes on where there is something to continue from, with a checkpoint every [`EVERY`](RunOptions::EVERY), to the end.
impl Default for RunOptions {
    fn default() -> Self {
        RunOptions { resume: true, checkpoint_every: Self::EVERY, until: None, trial: false, alone: true }
    }
}

/// How a job ended.
#[derive(Debug)]
pub enum Outcome {
    /// All seeds were trained.
    Done(Vec<RunRecord>),
    /// The job was told to stop, and can be resumed.
    Stopped,
}

/// A run of one seed, ready to continue.
struct Begun {
    stepper: Stepper<f32>,
    state: State,
    times: Times,
}

impl Job {
    /// Makes a job on a data set; nothing is computed yet but the masks of evaluation.
    pub fn new(config: CheckedConfig, dataset: Dataset) -> Self {
        Self::after(Lineage::default(), config, dataset)
    }

    /// Makes a job that takes something from another run. A refit's data set was [loaded whole](Dataset::load_whole).
    pub fn after(lineage: Lineage, config: CheckedConfig, dataset: Dataset) -> Self {
        let identity = Identity::new(&config, &dataset.inputs).after(lineage.origin());
        let evaluator = Evaluator::new(&dataset.interactions, &config.protocol).without(&dataset.phantoms.items);
        Job { config, identity, dataset, evaluator, lineage, taken: OnceLock::new(), prepared: OnceLock::new() }
    }

    /// Returns what the job takes from other runs.
    pub fn lineage(&self) -> &Lineage {
        &self.lineage
    }

    /// Returns which weights the warm start took; nothing where there is none, or no model was made in this process.
    pub fn taken(&self) -> Option<&TakenWeights> {
        self.taken.get()
    }

    /// Returns what the job's runs are made of.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Returns the data set.
    pub fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// Returns what was done so far.
    pub fn phases(&self) -> &[PhaseRecord] {
        self.prepared.get().map_or(&[], |(_, phases)| phases)
    }

    /// What the models of all seeds share: graphs and features.
    fn prepared(&self, observer: &mut dyn Observer) -> &PreparedModels {
        let make = || {
            let mut phases = Vec::new();
            let prepared = phase("graphs", &mut phases, observer, || PreparedModels::new(&self.config, &self.dataset));
            (prepared, phases)
        };
        &self.prepared.get_or_init(make).0
    }

    /// Counts the trainable numbers of the job's model.
    ///
    /// # Errors
    /// When a setting cannot work.
    pub fn parameters(&self) -> Result<usize, TrainError> {
        let seed = self.config.train.seeds[0];
        Ok(self.prepared(&mut ()).model(&self.config, seed)?.params().elements())
    }

    /// Trains and judges one model for each seed, until `stop` says otherwise.
    ///
    /// # Errors
    /// When the data cannot be sampled, the numbers go wrong, a file cannot be written, or what is to be resumed cannot be.
    pub fn run(
        &self,
        folder: &RunFolder,
        options: RunOptions,
        stop: &AtomicBool,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, TrainError> {
        let seeds = &self.config.train.seeds;
        if !options.resume {
            folder.clear(seeds)?;
        }
        if let Some(refit) = &self.lineage.refit
            && let Some(&seed) = seeds.iter().find(|seed| !refit.epochs.contains_key(seed))
        {
            return Err(TrainError::NoSuchSeed { seed, seeds: refit.epochs.keys().copied().collect() });
        }
        folder.mark_trial(options.trial)?;
        folder.claim(&self.identity)?;
        let mut records = Vec::new();
        for &seed in seeds {
            if let Some(record) = folder.finished(seed) {
                observer.event(RunEvent::Notice(&format!("seed {seed} was trained to its end before")));
                records.push(record);
                continue;
            }
            folder.remove_report_of(&[seed])?;
            let Begun { stepper, state, times } = self.begin(seed, folder, observer)?;
            let sampler = self.dataset.sampler(seed)?;
            // There is nothing to judge a refit by: its weights are written once, at the end.
            let refitted = self.lineage.refit.as_ref().map(|refit| (refit.epochs[&seed], refit.epochs[&seed]));
            let train = &self.config.train;
            let (epochs, evaluate_every) = refitted.unwrap_or((train.epochs, train.evaluate_every));
            let run = Run {
                config: &self.config,
                identity: &self.identity,
                evaluator: &self.evaluator,
                folder,
                stop,
                sampler: &sampler,
                stepper,
                times,
                state,
                cadence: Cadence::new(options.checkpoint_every),
                epochs,
                evaluate_every,
                until: options.until.unwrap_or(usize::MAX),
                measure_memory: options.alone && !options.trial,
            };
            match run.finish(observer)? {
                End::Done(record) => records.push(*record),
                End::Stopped => return Ok(Outcome::Stopped),
            }
        }
        Ok(Outcome::Done(records))
    }

    /// Looks at the best weights of a finished run and writes what it sees beside them; nothing is done again for weights that were looked at
    /// before.
    ///
    /// # Errors
    /// When the weights cannot be read back, an embedding is not finite, or the disk fails.
    pub fn analyse(&self, folder: &RunFolder, run: &RunRecord) -> Result<Analysis, TrainError> {
        if let Some(analysis) = folder.analysis(run) {
            return Ok(analysis);
        }
        let TrainedModel { model, embeddings, .. } = self.trained(folder, run.seed)?;
        let spaces = model.item_spaces();
        drop(model);
        let sha256 = run.checkpoint_sha256.clone();
        let (analysis, users) = analyse(&self.dataset, &self.config.protocol, &embeddings, spaces, run.seed, sha256);
        folder.save_analysis(&analysis, &users)?;
        Ok(analysis)
    }

    /// Judges popularity and item kNN as the models of this job are judged: what they have to beat. Returns nothing once `stop` is set.
    pub fn closed_forms(&self, stop: &AtomicBool) -> Option<Vec<ClosedFormRecord>> {
        let methods = [Method::Popularity, Method::ItemKnn];
        let fitter = closed_forms::fitter(&self.dataset, Solver::Exact { most_items: 0 }, false);
        let fitter = fitter.expect("no features are asked for");
        match closed_forms::judged(&fitter, &self.evaluator, &methods, stop, &mut |_, _| {}) {
            Ok(judged) => Some(judged),
            Err(Unchosen::Stopped) => None,
            Err(Unchosen::Unsolvable(error)) => unreachable!("counts and cosines solve no equation: {error}"),
        }
    }

    /// Fuses the best weights of finished runs with a closed form: L3AE where there are features, else EASE; on neighbours where there are too many
    /// items. What each fused run recommends goes to a file beside its weights. `said` hears of each setting of it that was tried. Returns nothing once `stop` is set.
    ///
    /// # Errors
    /// When weights cannot be read back, an embedding is not finite, or the closed form cannot be computed.
    pub fn fuse(
        &self,
        folder: &RunFolder,
        runs: &[RunRecord],
        stop: &AtomicBool,
        said: &mut dyn FnMut(&closed_forms::Setting, &Evaluation),
    ) -> Result<Option<FusionRecord>, TrainError> {
        let neighbours = (self.dataset.interactions.items > MOST_ITEMS).then_some(FUSED_NEIGHBOURS);
        let solver = neighbours.map_or(Solver::Exact { most_items: MOST_ITEMS }, Solver::Neighbours);
        let fitter = closed_forms::fitter(&self.dataset, solver, true)?;
        let method = if fitter.features.is_empty() { Method::Ease } else { Method::L3ae };
        let (kernel, scores) = match closed_forms::fitted(&fitter, &self.evaluator, method, stop, said) {
            Ok(fitted) => fitted,
            Err(Unchosen::Stopped) => return Ok(None),
            Err(Unchosen::Unsolvable(error)) => return Err(error.into()),
        };
        let mut record = FusionRecord { kernel, neighbours, runs: Vec::new() };
        for run in runs {
            let TrainedModel { model, embeddings, .. } = self.trained(folder, run.seed)?;
            drop(model);
            let sha256 = run.checkpoint_sha256.clone();
            let fused = fusion::fused(&self.evaluator, &embeddings, &*scores, run.seed, sha256.clone(), stop);
            let Some(fused) = fused else { return Ok(None) };
            let (protocol, ranked_by) = (&self.config.protocol, record.ranked_by(fused.gamma));
            let scores = (&*scores, fused.gamma);
            folder.save_fused(
                run.seed,
                &lists_of_fusion(&self.dataset, protocol, &embeddings, scores, ranked_by, sha256),
            )?;
            record.runs.push(fused);
        }
        Ok(Some(record))
    }

    /// Reads back the best weights of a seed.
    ///
    /// # Errors
    /// When they cannot be read, or an embedding is not finite.
    pub fn trained(&self, folder: &RunFolder, seed: u64) -> Result<TrainedModel, TrainError> {
        TrainedModel::read(&self.config, self.prepared(&mut ()), seed, &folder.best(seed))
    }

    /// The run of a seed where it stands: at its newest checkpoint that can be read; else where a shorter run stands; else at the beginning.
    fn begin(&self, seed: u64, folder: &RunFolder, observer: &mut dyn Observer) -> Result<Begun, TrainError> {
        let mut stepper = Stepper::new(self.prepared(observer).model(&self.config, seed)?);
        if let Some(start) = &self.lineage.start {
            let taken = start.taken(stepper.model.params())?;
            self.taken.get_or_init(|| taken);
        }
        if let Some(state) = self.state(seed, folder, &mut stepper, observer)? {
            return Ok(Begun { stepper, state, times: folder.times(seed) });
        }
        match longer::go_on(folder, &self.identity, &self.config, seed, &mut stepper, observer) {
            Ok(Some((state, times))) => return Ok(Begun { stepper, state, times }),
            Ok(None) => {}
            Err(TrainError::Weights { path, problem }) => {
                let path = path.display();
                observer.event(RunEvent::Notice(&format!("seed {seed} begins at the beginning: {path} {problem}")));
                drop(stepper);
                stepper = Stepper::new(self.prepared(observer).model(&self.config, seed)?);
            }
            Err(error) => return Err(error),
        }
        if let Some(start) = &self.lineage.start {
            start.put_into(stepper.model.params_mut())?;
        }
        Ok(Begun { stepper, state: State { seed, ..State::default() }, times: Times::default() })
    }

    /// Reads the newest checkpoint that can be read; nothing when there is none.
    fn state(
        &self,
        seed: u64,
        folder: &RunFolder,
        stepper: &mut Stepper<f32>,
        observer: &mut dyn Observer,
    ) -> Result<Option<State>, TrainError> {
        let mut tried = Vec::new();
        for saved in folder.checkpoints(seed) {
            let about = match checkpoint::about(&saved.path) {
                Ok(about) => {
                    let differences = self.identity.differences_from(&about.identity);
                    if !differences.is_empty() {
                        return Err(TrainError::OtherJob { path: saved.path, differences });
                    }
                    checkpoint::read(&saved.path, stepper.model.params_mut(), &mut stepper.adam)
                }
                Err(error) => Err(error),
            };
            match about {
                Ok(about) => {
                    let State { epoch, step, .. } = about.state;
                    let name = saved.path.display();
                    observer.event(RunEvent::Notice(&format!(
                        "seed {seed} goes on after epoch {epoch} and {step} steps, from {name}"
                    )));
                    return Ok(Some(about.state));
                }
                Err(error) => {
                    let problem = format!("{} {}", saved.path.display(), with_causes(&error));
                    observer.event(RunEvent::Notice(&problem));
                    tried.push(problem);
                }
            }
        }
        if tried.is_empty() { Ok(None) } else { Err(TrainError::NoCheckpoint { tried }) }
    }
}

/// Runs `work` as a named phase: timed, its peak memory taken, both told.
pub fn phase<T>(
    name: &'static str,
    phases: &mut Vec<PhaseRecord>,
    observer: &mut dyn Observer,
    work: impl FnOnce() -> T,
) -> T {
    observer.event(RunEvent::Phase { name });
    memory::reset_peak();
    let started = Instant::now();
    let result = work();
    let record = PhaseRecord {
        name: name.to_owned(),
        seconds: started.elapsed().as_secs_f64(),
        peak_rss_bytes: memory::peak_bytes(),
    };
    observer.event(RunEvent::PhaseDone(&record));
    phases.push(record);
    result
}
