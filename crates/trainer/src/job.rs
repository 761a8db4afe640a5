//! The loop: seeds, epochs, batches; evaluate, keep the best, stop when nothing gets better.
//!
//! Epoch `e` visits every training pair once, in an order of its own, each with one fresh negative; after it (every
//! `evaluate_every` epochs) the model is judged on validation. The best epoch is the one with the highest validation
//! Recall@20, the earliest on a tie; its weights are written at once, so a crash leaves the best so far.

use crate::adam::Adam;
use crate::config::{CheckedConfig, RunConfig};
use crate::error::TrainError;
use crate::evaluation::{Evaluation, Evaluator};
use crate::memory;
use crate::models::Prepared;
use crate::observer::{Event, Observer};
use crate::report::{EpochRecord, Metrics, PhaseRecord, RunRecord, selection_metric};
use crate::weights_file;
use anchorrec_data::{Dataset, Sampler};
use anchorrec_encoders::{Batch, Recommender, Term};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Instant;

/// A data set and a configuration, ready to run.
pub struct Job {
    config: CheckedConfig,
    dataset: Dataset,
    evaluator: Evaluator,
    prepared: Prepared,
    phases: Vec<PhaseRecord>,
}

impl Job {
    /// Builds what all seeds share: masks and graphs.
    pub fn new(config: CheckedConfig, mut dataset: Dataset, observer: &mut dyn Observer) -> Self {
        let mut phases = Vec::new();
        let prepared = phase("graphs", &mut phases, observer, || Prepared::new(&config, &mut dataset));
        let evaluator = Evaluator::new(&dataset.interactions, &config.protocol);
        Job { config, dataset, evaluator, prepared, phases }
    }

    /// The data set; a model that uses features has taken them.
    pub fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// What was done so far.
    pub fn phases(&self) -> &[PhaseRecord] {
        &self.phases
    }

    /// Trains and judges one model for each seed; weights go into `folder`.
    ///
    /// # Errors
    /// When the data cannot be sampled, the numbers go wrong or a file cannot be written.
    pub fn run(&self, folder: &Path, observer: &mut dyn Observer) -> Result<Vec<RunRecord>, TrainError> {
        fs::create_dir_all(folder).map_err(|source| TrainError::File {
            path: folder.to_owned(),
            action: "make the folder",
            source,
        })?;
        self.config.train.seeds.iter().map(|&seed| self.run_seed(seed, folder, observer)).collect()
    }

    fn run_seed(&self, seed: u64, folder: &Path, observer: &mut dyn Observer) -> Result<RunRecord, TrainError> {
        memory::reset_peak();
        let started = Instant::now();
        let train = &self.config.train;
        let sampler = Sampler::new(&self.dataset.interactions, seed)?;
        let mut model = self.prepared.model(&self.config, seed)?;
        let mut adam = Adam::new(model.params());
        let parameters = model.params().elements();
        let steps = sampler.batches(train.batch_size);
        observer.event(Event::RunStarted { seed, parameters, epochs: train.epochs, steps });

        let path = folder.join(format!("seed-{seed}.best.safetensors"));
        let file_error = |action| {
            let path = path.clone();
            move |source| TrainError::File { path, action, source }
        };
        let mut progress = Progress::default();
        let (mut train_seconds, mut evaluate_seconds) = (0.0, 0.0);
        for epoch in 0..train.epochs {
            let epoch_started = Instant::now();
            let (loss, terms) = self.train_epoch(epoch, &sampler, model.as_mut(), &mut adam, observer)?;
            let trained = epoch_started.elapsed().as_secs_f64();
            train_seconds += trained;
            let mut record = EpochRecord {
                epoch: epoch + 1,
                learning_rate: self.config.learning_rate(epoch),
                loss,
                terms,
                valid: None,
                test: None,
                seconds: 0.0,
            };
            let last = epoch + 1 == train.epochs;
            if last || (epoch + 1).is_multiple_of(train.evaluate_every) {
                let Evaluation { valid, test } = self.evaluator.evaluate(model.as_ref(), epoch + 1)?;
                if progress.is_better(epoch + 1, &valid, &test) {
                    let about = about(&self.config, seed, epoch + 1);
                    weights_file::write(&path, model.params(), &about).map_err(file_error("write the weights"))?;
                }
                (record.valid, record.test) = (Some(valid), Some(test));
                evaluate_seconds += epoch_started.elapsed().as_secs_f64() - trained;
            }
            record.seconds = epoch_started.elapsed().as_secs_f64();
            observer.event(Event::Epoch(&record));
            progress.curve.push(record);
            if train.patience > 0 && progress.without_gain >= train.patience && !last {
                progress.stopped_early = true;
                break;
            }
        }

        let record = RunRecord {
            seed,
            parameters,
            best_epoch: progress.best_epoch,
            epochs_run: progress.curve.len(),
            stopped_early: progress.stopped_early,
            valid: progress.valid,
            test: progress.test,
            seconds: started.elapsed().as_secs_f64(),
            train_seconds,
            evaluate_seconds,
            peak_rss_bytes: memory::peak_bytes(),
            checkpoint: path.display().to_string(),
            checkpoint_sha256: weights_file::sha256(&path).map_err(file_error("read back the weights"))?,
            curve: progress.curve,
        };
        observer.event(Event::RunDone(&record));
        Ok(record)
    }

    /// One pass over all training pairs: the mean objective and the mean of each term.
    fn train_epoch(
        &self,
        epoch: usize,
        sampler: &Sampler,
        model: &mut dyn Recommender<f32>,
        adam: &mut Adam<f32>,
        observer: &mut dyn Observer,
    ) -> Result<(f64, BTreeMap<String, f64>), TrainError> {
        let batch_size = self.config.train.batch_size;
        let order = sampler.epoch(epoch as u64);
        let batches = sampler.batches(batch_size);
        let (mut loss, mut terms) = (0.0, BTreeMap::new());
        for index in 0..batches {
            let triples = order.batch(index, batch_size);
            let batch = Batch { users: &triples.users, positives: &triples.positives, negatives: &triples.negatives };
            let step = model.step(&batch);
            if let Some(&Term { name: term, value, .. }) = step.terms.iter().find(|term| !term.value.is_finite()) {
                return Err(TrainError::NonFiniteTerm { term, value, epoch: epoch + 1, batch: index + 1 });
            }
            adam.update(model.params_mut(), &step.gradients, self.config.learning_rate(epoch));
            loss += step.total() / batches as f64;
            for term in &step.terms {
                *terms.entry(term.name.to_owned()).or_insert(0.0) += term.value / batches as f64;
            }
            observer.event(Event::Step { epoch: epoch + 1, step: index + 1, terms: &step.terms });
        }
        Ok((loss, terms))
    }
}

/// The best so far, and how long ago.
#[derive(Default)]
struct Progress {
    best_epoch: usize,
    valid: Metrics,
    test: Metrics,
    without_gain: usize,
    stopped_early: bool,
    curve: Vec<EpochRecord>,
}

impl Progress {
    /// Takes the evaluation of `epoch` in; whether it is the best. The first is, also at a recall of 0.
    fn is_better(&mut self, epoch: usize, valid: &Metrics, test: &Metrics) -> bool {
        let metric = selection_metric();
        let better = self.best_epoch == 0 || valid.get(&metric) > self.valid.get(&metric);
        if better {
            (self.best_epoch, self.without_gain) = (epoch, 0);
            (self.valid, self.test) = (valid.clone(), test.clone());
        } else {
            self.without_gain += 1;
        }
        better
    }
}

/// What a weights file says about itself.
fn about(config: &RunConfig, seed: u64, epoch: usize) -> String {
    serde_json::json!({ "version": env!("CARGO_PKG_VERSION"), "seed": seed, "epoch": epoch, "config": config })
        .to_string()
}

/// Runs `work` as a named phase: timed, its peak memory taken, both told.
pub fn phase<T>(
    name: &'static str,
    phases: &mut Vec<PhaseRecord>,
    observer: &mut dyn Observer,
    work: impl FnOnce() -> T,
) -> T {
    observer.event(Event::Phase { name });
    memory::reset_peak();
    let started = Instant::now();
    let result = work();
    let record = PhaseRecord {
        name: name.to_owned(),
        seconds: started.elapsed().as_secs_f64(),
        peak_rss_bytes: memory::peak_bytes(),
    };
    observer.event(Event::PhaseDone(&record));
    phases.push(record);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_of_equal_epochs_is_the_best() {
        let mut progress = Progress::default();
        let at = |recall: f64| Metrics::from([(selection_metric(), recall)]);
        assert!(progress.is_better(1, &at(0.0), &at(0.9)), "the first evaluation is the best so far");
        assert!(progress.is_better(2, &at(0.5), &at(0.1)));
        assert!(!progress.is_better(3, &at(0.5), &at(0.8)), "a tie keeps the earlier epoch");
        assert!(!progress.is_better(4, &at(0.4), &at(0.9)));
        assert_eq!((progress.best_epoch, progress.without_gain), (2, 2));
        assert_eq!(progress.test, at(0.1));
    }
}
