//! Events of a run for its observers. The trainer knows no terminal: a progress bar, a log and a test are all observers.

use anchorrec_recommender::Term;
use anchorrec_records::report::{EpochRecord, PhaseRecord, RunRecord};

/// An event of a run.
#[derive(Clone, Copy, Debug)]
pub enum RunEvent<'a> {
    /// A phase of the job begins: `load`, `graphs`, `train`, ...
    Phase {
        /// The phase's name.
        name: &'static str,
    },
    /// A phase ended.
    PhaseDone(&'a PhaseRecord),
    /// Something to say as it stands.
    Line(&'a str),
    /// Something a person should know before trusting the numbers.
    Notice(&'a str),
    /// The run of a seed begins.
    RunStarted {
        /// The seed.
        seed: u64,
        /// Trainable numbers.
        parameters: usize,
        /// The most epochs that the run trains.
        epochs: usize,
        /// Steps of an epoch.
        steps: usize,
        /// Evaluations without a better one after which it stops, 0: never; `None` where there is no validation to be better on.
        patience: Option<usize>,
        /// Steps that were made in an earlier sitting.
        made: usize,
        /// The epochs that were trained in an earlier sitting.
        curve: &'a [EpochRecord],
    },
    /// A training step was made.
    Step {
        /// The epoch, from 1.
        epoch: usize,
        /// The step, from 1.
        step: usize,
        /// The terms of the objective on its batch.
        terms: &'a [Term],
    },
    /// An epoch ended, with its evaluation if there was one.
    Epoch(&'a EpochRecord),
    /// The run of a seed ended.
    RunDone(&'a RunRecord),
}

/// An observer of a run.
pub trait Observer {
    /// Called for each event, from the training thread: what it takes is training time.
    fn event(&mut self, event: RunEvent<'_>);
}

/// Two observers, the first one first.
impl<A: Observer + ?Sized, B: Observer + ?Sized> Observer for (&mut A, &mut B) {
    fn event(&mut self, event: RunEvent<'_>) {
        self.0.event(event);
        self.1.event(event);
    }
}

/// Watches nothing.
impl Observer for () {
    fn event(&mut self, _: RunEvent<'_>) {}
}
