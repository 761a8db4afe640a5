//! One rung of a search: some trials, trained up to an epoch, several at once. Weights are kept of those trials only that may still continue.

use super::options::TuneOptions;
use crate::loaded::Loaded;
use crate::settings::{Tuned, configuration};
use crate::training::folder;
use anchorrec_recommender::Model;
use anchorrec_trainer::search::{Reached, Search};
use anchorrec_trainer::{CheckedConfig, Job, RunOptions, TrainError, memory};
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What a rung trains.
pub struct Rung<'a> {
    pub options: &'a TuneOptions,
    pub loaded: &'a Loaded,
    pub model: &'static dyn Model,
    /// The rung's place, from 0.
    pub place: usize,
    /// Epochs that a trial has when it is compared.
    pub epochs: usize,
    pub stop: &'a AtomicBool,
}

/// How a trial ended.
enum Outcome {
    Reached(Reached),
    /// The trial's numbers were not finite any more.
    Diverged(String),
    /// Told to.
    Stopped,
}

/// What is under the settings of a trial.
pub const FROM_DEFAULTS: Tuned<'_> = Tuned::None("a search does not begin at tuned settings");

/// Makes the configuration of a trial. Tuned settings of an earlier search are not under it: they are what is looked for.
pub fn config(options: &TuneOptions, model: &'static dyn Model, settings: &[String]) -> Result<CheckedConfig> {
    Ok(configuration(Some(model), &options.job.settings, FROM_DEFAULTS, settings)?.config)
}

impl Rung<'_> {
    /// Trains the trials that have not reached the rung; after each, `save` is called. Whether none is left to train.
    pub fn train(
        &self,
        search: &mut Search,
        alive: &[usize],
        save: impl Fn(&Search) -> Result<(), TrainError> + Sync,
    ) -> Result<bool> {
        let waiting: Vec<usize> = alive.iter().copied().filter(|&trial| !search.is_over(trial, self.place)).collect();
        let points: Vec<Vec<String>> = waiting.iter().map(|&trial| search.trials[trial].settings.clone()).collect();
        let Some(first) = points.first() else { return Ok(true) };
        let workers = self.workers(first)?.min(waiting.len());
        let threads = (rayon::current_num_threads() / workers).max(1);
        let (next, search) = (AtomicUsize::new(0), Mutex::new((search, BTreeSet::new())));
        let work = || -> Result<bool> {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().context("threads of a trial")?;
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
                        eprintln!("  validation recall@20 {recall:.4} at epoch {best_epoch}: {}", point.join(" "));
                    }
                    Outcome::Diverged(what) => {
                        eprintln!("  diverged ({what}): {}", point.join(" "));
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
        let outcomes: Vec<Result<bool>> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            workers.into_iter().map(|worker| worker.join().expect("a worker ends with a result")).collect()
        });
        outcomes.into_iter().try_fold(true, |all, one| Ok(all && one?))
    }

    /// Trains one point up to the rung.
    fn trial(&self, point: &[String]) -> Result<Outcome> {
        let config = config(self.options, self.model, point)?;
        let (seed, every) = (config.train.seeds[0], config.train.evaluate_every);
        let (folder, _) = folder(self.loaded, &config, &self.options.job.machine.out)?;
        let job = Job::new(config, self.loaded.dataset.clone());
        let checkpoint_every = self.options.job.machine.checkpoint_every;
        let options = RunOptions { checkpoint_every, until: Some(self.epochs), trial: true, ..RunOptions::default() };
        if let Err(error) = job.run(&folder, options, self.stop, &mut ()) {
            return Ok(Outcome::Diverged(error.divergence().ok_or(error)?));
        }
        if self.stop.load(Ordering::Relaxed) {
            return Ok(Outcome::Stopped);
        }
        let curve = folder.curve(seed).context("a trial leaves a record or a checkpoint behind")?;
        let reached = Reached::of(&curve, self.epochs).with_context(|| {
            format!(
                "no epoch up to {} was judged: train.evaluate_every = {every} is more than the first rung",
                self.epochs
            )
        })?;
        Ok(Outcome::Reached(reached))
    }

    /// Removes the weights, checkpoints and records of trials that do not continue.
    pub fn forget_beaten(&self, search: &Search) -> Result<()> {
        search.beaten(self.place).into_iter().try_for_each(|trial| self.forget(&search.trials[trial].settings))
    }

    fn forget(&self, point: &[String]) -> Result<()> {
        let config = config(self.options, self.model, point)?;
        let (folder, _) = folder(self.loaded, &config, &self.options.job.machine.out)?;
        Ok(folder.clear_trial(config.train.seeds[0])?)
    }

    /// As many trials as there are threads, if there is memory for them.
    fn workers(&self, point: &[String]) -> Result<usize> {
        if let Some(parallel) = self.options.parallel {
            return Ok(parallel);
        }
        let config = config(self.options, self.model, point)?;
        let parameters = Job::new(config, self.loaded.dataset.clone()).parameters()?;
        // Weights, two moments of Adam, and as much again for gradients, activations and graphs.
        let bytes = 24 * parameters as u64 + (64 << 20);
        let room = memory::available_bytes().map_or(1, |available| (available / 2 / bytes).max(1) as usize);
        Ok(rayon::current_num_threads().min(room))
    }
}
