//! The run of one seed: steps, evaluations and checkpoints, from wherever it stands.
//!
//! Epoch `e` visits every training pair once, in an order of its own, each with one fresh negative; after it (every
//! `evaluate_every` epochs) the model is judged on validation. The best epoch is the one with the highest validation
//! Recall@20, the earliest on a tie; its weights are written at once. Without validation no epoch can be chosen: every epoch is better than the one
//! before it, so none is left out and the last one is kept.
//!
//! A checkpoint can follow any step. When one is written depends on the clock; what is computed does not depend on that: a run that was
//! interrupted anywhere, any number of times, ends with the same bits as one that was not.

use crate::checkpoint::{self, About, State, Times};
use crate::config::CheckedConfig;
use crate::error::TrainError;
use crate::evaluation::{Evaluation, Evaluator};
use crate::identity::Identity;
use crate::longer::{AboutBest, is_judged};
use crate::memory;
use crate::observer::{Observer, RunEvent};
use crate::run_folder::RunFolder;
use crate::stepper::{StepError, StepPlace, Stepper, TakenStep};
use anchorrec_data::Sampler;
use anchorrec_data::sampler::EpochOrder;
use anchorrec_files::fingerprint;
use anchorrec_records::report::{EpochRecord, Metrics, RunRecord};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A run of one seed.
pub(crate) struct Run<'a> {
    pub config: &'a CheckedConfig,
    pub identity: &'a Identity,
    pub evaluator: &'a Evaluator,
    pub folder: &'a RunFolder,
    pub stop: &'a AtomicBool,
    pub sampler: &'a Sampler,
    pub stepper: Stepper<f32>,
    pub state: State,
    pub times: Times,
    pub cadence: Cadence,
    /// Epochs to train.
    pub epochs: usize,
    /// Epochs between evaluations; the last epoch is always followed by one.
    pub evaluate_every: usize,
    /// Epochs after which a run that is not done pauses.
    pub until: usize,
    /// Whether the process does nothing else meanwhile, so that its memory is this run's.
    pub measure_memory: bool,
}

/// How a run ended.
pub(crate) enum End {
    /// The run was trained to its end.
    Done(Box<RunRecord>),
    /// Told to stop, after a checkpoint.
    Stopped,
}

/// When checkpoints are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cadence {
    /// The least time between two; zero: after every step.
    least: Duration,
    last: Instant,
    /// How long the last one took.
    cost: Duration,
}

impl Cadence {
    /// Checkpoints take at most one part in so many of the time.
    const SHARE: u32 = 20;

    pub fn new(least: Duration) -> Self {
        Cadence { least, last: Instant::now(), cost: Duration::ZERO }
    }

    fn is_due(&self) -> bool {
        self.least.is_zero() || self.last.elapsed() >= self.least.max(self.cost * Self::SHARE)
    }

    fn written(&mut self, started: Instant) {
        (self.last, self.cost) = (Instant::now(), started.elapsed());
    }
}

impl Run<'_> {
    /// Trains to the end, or until told to stop.
    pub fn finish(mut self, observer: &mut dyn Observer) -> Result<End, TrainError> {
        if self.measure_memory {
            memory::reset_peak();
        }
        let train = &self.config.train;
        let steps = self.sampler.batches(train.batch_size);
        let mut before = self.state.progress.curve.clone();
        before.iter_mut().zip(&self.times.epochs).for_each(|(record, &seconds)| record.seconds = seconds);
        observer.event(RunEvent::RunStarted {
            seed: self.state.seed,
            parameters: self.stepper.model.params().elements(),
            epochs: self.epochs,
            steps,
            patience: self.evaluator.validates().then_some(train.patience),
            made: self.state.epoch * steps + self.state.step,
            curve: &before,
        });
        self.folder.begin_curve(self.state.seed, &before)?;
        while self.state.epoch < self.epochs && !self.is_out_of_patience() {
            if self.state.epoch >= self.until {
                self.save()?;
                return Ok(End::Stopped);
            }
            let order = self.sampler.epoch(self.state.epoch as u64);
            let State { seed, epoch, step, .. } = self.state;
            match step {
                0 => self.stepper.begin_epoch(seed, epoch),
                _ => self.stepper.resume_epoch(seed, epoch),
            }
            while self.state.step < steps {
                self.step(&order, steps, observer)?;
                let stop = self.stop.load(Ordering::Relaxed);
                // Before the last epoch is judged: a run with more epochs goes on from there.
                let last = self.state.epoch + 1 == self.epochs && self.state.step == steps;
                if stop || last || self.cadence.is_due() {
                    self.save()?;
                }
                if stop {
                    return Ok(End::Stopped);
                }
            }
            self.end_epoch(observer)?;
        }
        if self.state.epoch < self.epochs {
            self.save()?;
        }
        self.record(observer)
    }

    fn is_out_of_patience(&self) -> bool {
        let patience = self.config.train.patience;
        patience > 0 && self.state.progress.without_gain >= patience
    }

    fn step(&mut self, order: &EpochOrder, steps: usize, observer: &mut dyn Observer) -> Result<(), TrainError> {
        let started = Instant::now();
        let state = &mut self.state;
        let place = StepPlace { seed: state.seed, epoch: state.epoch, step: state.step };
        let rate = self.config.learning_rate(state.epoch);
        let TakenStep { terms, total } = match self.stepper.step(order, place, self.config.train.batch_size, rate) {
            Ok(taken) => taken,
            Err(StepError::Ranks(problem)) => return Err(problem.into()),
            Err(StepError::NotFinite(problem)) => {
                state.step += 1; // The batch that was computed, for the message.
                return Err(self.not_finite(problem.to_string()));
            }
        };
        state.updates = self.stepper.adam.steps;
        state.loss += total / steps as f64;
        for term in &terms {
            *state.terms.entry(term.name.to_owned()).or_insert(0.0) += term.value / steps as f64;
            if !state.about_terms.contains_key(term.name) {
                state.about_terms.insert(term.name.to_owned(), term.about.to_owned());
            }
        }
        state.step += 1;
        let seconds = started.elapsed().as_secs_f64();
        self.times.train += seconds;
        *self.times.epoch(state.epoch) += seconds;
        observer.event(RunEvent::Step { epoch: state.epoch + 1, step: state.step, terms: &terms });
        Ok(())
    }

    /// Judges the model if it is time to, and begins the next epoch.
    fn end_epoch(&mut self, observer: &mut dyn Observer) -> Result<(), TrainError> {
        let started = Instant::now();
        let epoch = self.state.epoch;
        let mut record = EpochRecord {
            epoch: epoch + 1,
            learning_rate: self.config.learning_rate(epoch),
            loss: self.state.loss,
            terms: std::mem::take(&mut self.state.terms),
            valid: None,
            test: None,
            seconds: 0.0,
        };
        if is_judged(self.epochs, self.evaluate_every, epoch + 1) {
            let judged = self.evaluator.evaluate(self.stepper.model.as_ref());
            let Evaluation { valid, test } = judged.map_err(|bad| self.not_finite(bad.to_string()))?;
            if self.state.progress.is_better(epoch + 1, &valid, &test) {
                let (identity, seed) = (self.identity.clone(), self.state.seed);
                let about = AboutBest { identity, seed, epoch: epoch + 1 };
                self.folder.save_best(seed, self.stepper.model.params(), &about.json())?;
            }
            let measured = |metrics: Metrics| Some(metrics).filter(|metrics| !metrics.is_empty());
            (record.valid, record.test) = (measured(valid), measured(test));
        }
        let seconds = started.elapsed().as_secs_f64();
        self.times.evaluate += seconds;
        *self.times.epoch(epoch) += seconds;
        record.seconds = *self.times.epoch(epoch);
        self.folder.add_to_curve(self.state.seed, &record)?;
        observer.event(RunEvent::Epoch(&record));
        self.state.progress.curve.push(EpochRecord { seconds: 0.0, ..record });
        (self.state.epoch, self.state.step, self.state.loss) = (epoch + 1, 0, 0.0);
        Ok(())
    }

    /// Writes a checkpoint, never one with numbers that are none.
    fn save(&mut self) -> Result<(), TrainError> {
        let started = Instant::now();
        if checkpoint::first_bad_parameter(self.stepper.model.params(), &self.stepper.adam).is_some() {
            return Err(self.not_finite("a weight or a moment of Adam is not finite".to_owned()));
        }
        let missed = checkpoint::missed(self.stepper.model.params(), &self.stepper.adam);
        let about = About { identity: self.identity.clone(), state: State { missed, ..self.state.clone() } };
        self.folder.save(&about, self.stepper.model.params(), &self.stepper.adam)?;
        self.cadence.written(started);
        *self.times.epoch(self.state.epoch) += started.elapsed().as_secs_f64();
        self.folder.save_times(self.state.seed, &self.times)?;
        Ok(())
    }

    fn not_finite(&self, what: String) -> TrainError {
        let parameter = checkpoint::first_bad_parameter(self.stepper.model.params(), &self.stepper.adam);
        let kept = match self.folder.checkpoints(self.state.seed).first() {
            Some(saved) => format!("the last good checkpoint is {}", saved.path.display()),
            None => "no checkpoint was written before".to_owned(),
        };
        TrainError::NonFinite {
            what,
            epoch: self.state.epoch + 1,
            batch: self.state.step,
            parameter: parameter.unwrap_or_else(|| "none".to_owned()),
            kept,
        }
    }

    fn record(self, observer: &mut dyn Observer) -> Result<End, TrainError> {
        let State { seed, epoch, mut progress, about_terms, .. } = self.state;
        for (record, &seconds) in progress.curve.iter_mut().zip(&self.times.epochs) {
            record.seconds = seconds;
        }
        let path = self.folder.best(seed);
        let sha256 = fingerprint::sha256(&path);
        let file_error = |source| TrainError::File { path: path.clone(), action: "read back the weights", source };
        let record = RunRecord {
            seed,
            parameters: self.stepper.model.params().elements(),
            best_epoch: progress.best_epoch,
            epochs_run: progress.curve.len(),
            stopped_early: epoch < self.epochs,
            valid: progress.valid,
            test: progress.test,
            seconds: self.times.epochs.iter().sum(),
            train_seconds: self.times.train,
            evaluate_seconds: self.times.evaluate,
            peak_rss_bytes: self.measure_memory.then(memory::peak_bytes).flatten(),
            checkpoint: path.display().to_string(),
            checkpoint_sha256: sha256.map_err(file_error)?,
            about: about_terms,
            curve: progress.curve,
        };
        self.folder.save_record(&record)?;
        self.folder.keep_last(seed)?;
        observer.event(RunEvent::RunDone(&record));
        Ok(End::Done(Box::new(record)))
    }
}
