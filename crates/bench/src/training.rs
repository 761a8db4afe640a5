//! A training run as the command makes it: load the folder, build the job, train; with a clock for an observer.
//!
//! **Step**: the time between two steps of an epoch. **Start-up**: from before the first file is opened to the end of
//! the first step, less the median step; what a first step takes longer than others counts as start-up. **Epoch**:
//! steps, validation and writing of the weights, as the trainer counts it. **Peak**: the most memory of all phases,
//! loading among them.

use crate::answer::answer;
use crate::sample::Sample;
use crate::shape::Shape;
use anchorrec_data::Dataset;
use anchorrec_files::disk::FileSystem;
use anchorrec_models::MODELS;
use anchorrec_trainer::job::phase;
use anchorrec_trainer::{ConfigLayers, Job, Observer, RunEvent, RunFolder, RunOptions, memory};
use anyhow::Result;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Instant;
use toml::Table;

/// What is run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Training {
    /// The data.
    pub folder: PathBuf,
    /// The configuration, every setting of it; it decides the number of epochs.
    pub config: Table,
    /// Ends the process after this many timed steps, where no more than steps are asked for.
    pub stop_after: Option<usize>,
    /// A folder for weights.
    pub weights: PathBuf,
}

/// What the clock saw.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TrainingTimes {
    /// The size of the data.
    pub shape: Shape,
    /// Trainable numbers.
    pub parameters: usize,
    /// Seconds to the end of the first step.
    pub first_step: f64,
    /// Seconds of the steps that follow another in their epoch.
    pub steps: Vec<f64>,
    /// Seconds of each epoch.
    pub epochs: Vec<f64>,
    /// Seconds in which the graphs were built.
    pub graphs: f64,
    /// The most memory of all phases in bytes; 0 where the system does not tell.
    pub peak_bytes: u64,
}

impl TrainingTimes {
    /// Returns the seconds from files to the first step.
    pub fn startup(&self) -> Result<f64> {
        Ok(self.first_step - Sample::of("a step", &self.steps)?.median)
    }
}

/// Runs in the child process to the end, or to the last step that is asked for, which ends the process.
pub fn run(training: Training) -> Result<TrainingTimes> {
    let mut layers = ConfigLayers::new(MODELS);
    layers.put("the configuration", &training.config)?;
    let config = layers.finish()?.check()?;
    let mut clock = Clock::new(training.stop_after);
    let dataset = phase("load", &mut Vec::new(), &mut clock, || Dataset::load(&training.folder))?;
    clock.record.shape = Shape::of(&dataset, &config);
    let job = Job::new(config, dataset);
    let folder = RunFolder::open(&training.weights, Box::new(FileSystem))?;
    let options = RunOptions { resume: false, ..RunOptions::default() };
    job.run(&folder, options, &AtomicBool::new(false), &mut clock)?;
    Ok(clock.record)
}

/// Watches a run.
struct Clock {
    started: Instant,
    stop_after: Option<usize>,
    /// The epoch of the last step, and when it ended.
    last: Option<(usize, Instant)>,
    record: TrainingTimes,
}

impl Clock {
    fn new(stop_after: Option<usize>) -> Self {
        let record = TrainingTimes {
            shape: Shape::default(),
            parameters: 0,
            first_step: 0.0,
            steps: Vec::new(),
            epochs: Vec::new(),
            graphs: 0.0,
            peak_bytes: 0,
        };
        Clock { started: Instant::now(), stop_after, last: None, record }
    }

    fn step(&mut self, epoch: usize) {
        let now = Instant::now();
        match self.last {
            None => self.record.first_step = (now - self.started).as_secs_f64(),
            Some((before, at)) if before == epoch => self.record.steps.push((now - at).as_secs_f64()),
            Some(_) => {}
        }
        if self.stop_after.is_some_and(|most| self.record.steps.len() >= most) {
            self.peak(memory::peak_bytes());
            let code = i32::from(answer(&self.record).is_err());
            std::process::exit(code);
        }
        self.last = Some((epoch, now));
    }

    fn peak(&mut self, bytes: Option<u64>) {
        self.record.peak_bytes = self.record.peak_bytes.max(bytes.unwrap_or(0));
    }
}

impl Observer for Clock {
    fn event(&mut self, event: RunEvent<'_>) {
        match event {
            RunEvent::PhaseDone(phase) => {
                self.peak(phase.peak_rss_bytes);
                if phase.name == "graphs" {
                    self.record.graphs = phase.seconds;
                }
            }
            RunEvent::RunStarted { parameters, .. } => self.record.parameters = parameters,
            RunEvent::Step { epoch, .. } => self.step(epoch),
            RunEvent::Epoch(epoch) => self.record.epochs.push(epoch.seconds),
            RunEvent::RunDone(run) => self.peak(run.peak_rss_bytes),
            RunEvent::Phase { .. } | RunEvent::Line(_) | RunEvent::Notice(_) => {}
        }
    }
}
