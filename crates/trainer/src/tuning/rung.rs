//! One rung of a search: some trials, trained up to an epoch, several at once. Weights are kept of those trials only that may still continue.

use super::asked::{FROM_DEFAULTS, TuneError, Tuning};
use crate::config::CheckedConfig;
use crate::error::TrainError;
use crate::job::{Job, RunOptions};
use crate::layered::configuration;
use crate::loaded::Loaded;
use crate::memory;
use crate::reported::folder;
use crate::search::{Reached, Search};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What a rung trains.
pub(super) struct Rung<'a> {
    pub tuning: &'a Tuning,
    pub loaded: &'a Loaded,
    /// The rung's place, from 0.
    pub place: usize,
    /// Epochs that a trial has when it is compared.
    pub epochs: usize,
    pub stop: &'a AtomicBool,
    pub say: &'a (dyn Fn(&str) + Sync),
}

/// How a trial ended.
enum Outcome {
    Reached(Reached),
    /// The trial's numbers were not finite any more.
    Diverged(String),
    /// Told to.
    Stopped,
}

/// Makes the configuration of a trial. Tuned settings of an earlier search are not under it: they are what is looked for.
pub(super) fn config(tuning: &Tuning, settings: &[String]) -> Result<CheckedConfig, TuneError> {
    Ok(configuration(tuning.models, Some(tuning.model), &tuning.said, FROM_DEFAULTS, settings)?.config)
}

impl Rung<'_> {
    /// Trains the trials that have not reached the rung; after each, `save` is called. Whether none is left to train.
    pub fn train(
        &self,
        search: &mut Search,
        alive: &[usize],
        save: impl Fn(&Search) -> Result<(), TrainError> + Sync,
    ) -> Result<bool, TuneError> {
        let waiting: Vec<usize> = alive.iter().copied().filter(|&trial| !search.is_over(trial, self.place)).collect();
        let points: Vec<Vec<String>> = waiting.iter().map(|&trial| search.trials[trial].settings.clone()).collect();
        let Some(first) = points.first() else { return Ok(true) };
        let workers = self.workers(first)?.min(waiting.len());
        let threads = (rayon::current_num_threads() / workers).max(1);
        let (next, search) = (AtomicUsize::new(0), Mutex::new((search, BTreeSet::new())));
        let work = || -> Result<bool, TuneError> {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let (Some(&trial), Some(point)) = (waiting.get(place), points.get(place)) else { return Ok(true) };
                let outcome = match pool.install(|| self.trial(point))? {
                    Outcome::Stopped => return Ok(false),
                    outcome => outcome,
                };
                let mut held = search.lock().expect("no worker panics while it holds the search");
                let (search, forgotten) = &mut *held;
                match outcome {
                    Outcome::Reached(reached) => {
                        search.trials[trial].reached.push(reached);
                        let Reached { recall, best_epoch, .. } = reached;
                        let point = point.join(" ");
                        (self.say)(&format!("  validation recall@20 {recall:.4} at epoch {best_epoch}: {point}"));
                    }
                    Outcome::Diverged(what) => {
                        (self.say)(&format!("  diverged ({what}): {}", point.join(" ")));
                        search.trials[trial].diverged = Some(what);
                    }
                    Outcome::Stopped => unreachable!("returned above"),
                }
                save(search)?;
                for beaten in search.beaten(self.place) {
                    if forgotten.insert(beaten) {
                        self.forget(&search.trials[beaten].settings)?;
                    }
                }
            }
        };
        let outcomes: Vec<Result<bool, TuneError>> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            workers.into_iter().map(|worker| worker.join().expect("a worker ends with a result")).collect()
        });
        outcomes.into_iter().try_fold(true, |all, one| Ok(all && one?))
    }

    /// Trains one point up to the rung.
    fn trial(&self, point: &[String]) -> Result<Outcome, TuneError> {
        let config = config(self.tuning, point)?;
        let (seed, every) = (config.train.seeds[0], config.train.evaluate_every);
        let (folder, _) = folder(self.loaded, &config, &self.tuning.out)?;
        let job = Job::new(config, self.loaded.dataset.clone());
        let checkpoint_every = self.tuning.checkpoint_every;
        let options = RunOptions { checkpoint_every, until: Some(self.epochs), trial: true, ..RunOptions::default() };
        if let Err(error) = job.run(&folder, options, self.stop, &mut ()) {
            return Ok(Outcome::Diverged(error.divergence().ok_or(error)?));
        }
        if self.stop.load(Ordering::Relaxed) {
            return Ok(Outcome::Stopped);
        }
        let curve = folder.curve(seed).ok_or_else(|| TuneError::TrialGone { folder: folder.path().to_owned() })?;
        let reached = Reached::of(&curve, self.epochs);
        Ok(Outcome::Reached(reached.ok_or(TuneError::NeverJudged { epochs: self.epochs, every })?))
    }

    /// Removes the weights, checkpoints and records of trials that do not continue.
    pub fn forget_beaten(&self, search: &Search) -> Result<(), TuneError> {
        search.beaten(self.place).into_iter().try_for_each(|trial| self.forget(&search.trials[trial].settings))
    }

    fn forget(&self, point: &[String]) -> Result<(), TuneError> {
        let config = config(self.tuning, point)?;
        let (folder, _) = folder(self.loaded, &config, &self.tuning.out)?;
        Ok(folder.clear_trial(config.train.seeds[0])?)
    }

    /// As many trials as there are threads, if there is memory for them.
    fn workers(&self, point: &[String]) -> Result<usize, TuneError> {
        if let Some(parallel) = self.tuning.parallel {
            return Ok(parallel);
        }
        let config = config(self.tuning, point)?;
        let parameters = Job::new(config, self.loaded.dataset.clone()).parameters()?;
        // Weights, two moments of Adam, and as much again for gradients, activations and graphs.
        let bytes = 24 * parameters as u64 + (64 << 20);
        let room = memory::available_bytes().map_or(1, |available| (available / 2 / bytes).max(1) as usize);
        Ok(rayon::current_num_threads().min(room))
    }
}
