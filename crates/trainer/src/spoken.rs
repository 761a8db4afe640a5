//! A run in lines of text: what begins, how long it will take, what each epoch reached. The caller decides where to show them.

use crate::observer::RunEvent;
use anchorrec_data::grouped;
use anchorrec_data::note::either;
use anchorrec_files::counted;
use anchorrec_records::report::{EpochRecord, Metrics, RunRecord, selection_metric};
use std::time::{Duration, Instant};

/// The time that a run will take is said after so long, or after its first epoch.
const SOON: Duration = Duration::from_secs(10);

/// What was said of a run so far, so far as the next line depends on it.
#[derive(Debug, Default)]
pub struct Spoken {
    epochs: usize,
    sitting: Option<Sitting>,
    is_refit: bool,
}

/// What has been trained since the run began or went on, until the time that it will take was said.
#[derive(Debug)]
struct Sitting {
    began: Instant,
    /// Steps of an epoch.
    steps: usize,
    /// Steps that the run had made before.
    before: usize,
    /// Steps made since.
    made: usize,
}

impl Sitting {
    /// Seconds that an epoch takes, and those until `epochs` of them are trained, if all steps take as long as those of this sitting did.
    fn forecast(&self, epochs: usize, elapsed: Duration) -> (f64, f64) {
        let step = elapsed.as_secs_f64() / self.made.max(1) as f64;
        let left = (epochs * self.steps).saturating_sub(self.before + self.made);
        (step * self.steps as f64, step * left as f64)
    }
}

impl Spoken {
    /// Takes what follows for a refit: the run that it repeats chose its epochs, and there is nothing to choose by.
    pub fn refits(&mut self) {
        self.is_refit = true;
    }

    /// Returns the most epochs of the run that continues.
    pub fn epochs(&self) -> usize {
        self.epochs
    }

    /// Hands the lines that an event is worth to `say`.
    pub fn tell(&mut self, event: &RunEvent<'_>, say: &mut dyn FnMut(&str)) {
        match *event {
            RunEvent::Phase { name } => say(&format!("{name} ...")),
            RunEvent::PhaseDone(phase) => say(&format!("{} took {:.2} s", phase.name, phase.seconds)),
            RunEvent::Line(text) => say(text),
            RunEvent::Notice(text) => say(&format!("note: {text}")),
            RunEvent::RunStarted { seed, parameters, epochs, steps, patience, made, .. } => {
                self.epochs = epochs;
                self.sitting = Some(Sitting { began: Instant::now(), steps, before: made, made: 0 });
                let (parameters, ends) = (grouped(parameters), self.ends(patience));
                say(&format!(
                    "seed {seed}: {parameters} parameters, up to {epochs} {} of {steps} {}; {ends}",
                    either(epochs, "epoch", "epochs"),
                    either(steps, "step", "steps")
                ));
            }
            RunEvent::Step { .. } => {
                let is_soon = self.sitting.as_mut().is_some_and(|sitting| {
                    sitting.made += 1;
                    sitting.began.elapsed() >= SOON
                });
                if is_soon {
                    self.estimate(false, say);
                }
            }
            RunEvent::Epoch(epoch) => {
                self.epoch(epoch, say);
                if epoch.epoch < self.epochs {
                    self.estimate(true, say);
                }
            }
            RunEvent::RunDone(run) => self.done(run, say),
        }
    }

    /// When the run ends.
    fn ends(&self, patience: Option<usize>) -> String {
        match patience {
            None if self.is_refit => {
                "trains all of them, as many as validation chose in the run that it repeats".to_owned()
            }
            None => "trains all of them, as there is no validation to stop by".to_owned(),
            Some(0) => "never stops early (patience 0)".to_owned(),
            Some(patience) => format!(
                "stops after {patience} evaluations without a better validation {} (--patience)",
                selection_metric()
            ),
        }
    }

    /// Says once how long all epochs will take, as far as can be seen by now.
    fn estimate(&mut self, with_evaluation: bool, say: &mut dyn FnMut(&str)) {
        let Some(sitting) = self.sitting.take() else { return };
        let (epoch, left) = sitting.forecast(self.epochs, sitting.began.elapsed());
        let what = if with_evaluation { "an epoch takes" } else { "without evaluations an epoch takes" };
        say(&format!("{what} about {epoch:.1} s: at most {} to go", about(left)));
    }

    fn epoch(&self, epoch: &EpochRecord, say: &mut dyn FnMut(&str)) {
        let metric = selection_metric();
        let judged = match &epoch.valid {
            Some(valid) => {
                format!("  validation {metric} {}  ndcg@20 {}", cell(valid, &metric), cell(valid, "ndcg@20"))
            }
            None => String::new(),
        };
        let left = format!("{}/{}", epoch.epoch, self.epochs);
        say(&format!("epoch {left:>7}  loss {:.5}{judged}  {:.2} s", epoch.loss, epoch.seconds));
    }

    fn done(&self, run: &RunRecord, say: &mut dyn FnMut(&str)) {
        let why = if run.stopped_early { "stopped early" } else { "done" };
        let kept = if self.is_refit {
            "as many as validation chose in the run that it repeats".to_owned()
        } else if run.is_chosen() {
            format!("best epoch {}", run.best_epoch)
        } else {
            "no epoch could be chosen without validation: the last is kept".to_owned()
        };
        let (epochs, seconds) = (run.epochs_run, run.seconds);
        say(&format!(
            "seed {}: {why} after {epochs} {} in {seconds:.1} s, {kept}",
            run.seed,
            either(epochs, "epoch", "epochs")
        ));
    }
}

/// Writes a metric, or `-` where it was not measured.
pub fn cell(metrics: &Metrics, name: &str) -> String {
    metrics.get(name).map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"))
}

/// Writes a time in its largest unit of which there are two or more: `90 seconds`, `2 minutes`.
fn about(seconds: f64) -> String {
    let seconds = seconds.ceil();
    let units = [(86_400.0, "day", "days"), (3600.0, "hour", "hours"), (60.0, "minute", "minutes")];
    match units.into_iter().find(|(unit, ..)| seconds >= 1.5 * unit) {
        Some((unit, one, many)) => counted((seconds / unit).round() as usize, one, many),
        None => counted(seconds as usize, "second", "seconds"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_to_go_counts_what_an_earlier_sitting_made_and_not_its_seconds() {
        // Three epochs of ten steps, five of them made before; five more took 2 s, so a step takes 0.4 s and twenty are left.
        let sitting = Sitting { began: Instant::now(), steps: 10, before: 5, made: 5 };
        assert_eq!(sitting.forecast(3, Duration::from_secs(2)), (10.0 * 0.4, 20.0 * 0.4));
    }

    /// The lines of a run of two steps an epoch, of which `trained` of `epochs` are trained.
    fn said(epochs: usize, trained: usize) -> Vec<String> {
        let (mut spoken, mut lines) = (Spoken::default(), Vec::new());
        let mut tell = |event: RunEvent<'_>| spoken.tell(&event, &mut |line| lines.push(line.to_owned()));
        tell(RunEvent::RunStarted {
            seed: 1,
            parameters: 6,
            epochs,
            steps: 2,
            patience: Some(20),
            made: 0,
            curve: &[],
        });
        for epoch in 1..=trained {
            (1..=2).for_each(|step| tell(RunEvent::Step { epoch, step, terms: &[] }));
            tell(RunEvent::Epoch(&EpochRecord { epoch, ..EpochRecord::default() }));
        }
        lines
    }

    #[test]
    fn patience_is_said_at_the_start_and_the_time_once_after_the_first_epoch() {
        let lines = said(3, 2);
        let start = "seed 1: 6 parameters, up to 3 epochs of 2 steps; stops after 20 evaluations without a better validation recall@20";
        assert!(lines[0].starts_with(start), "{lines:?}");
        assert!(
            lines[2].starts_with("an epoch takes about 0.0 s: at most ") && lines[2].ends_with(" to go"),
            "{lines:?}"
        );
        assert_eq!(lines.len(), 4, "{lines:?}");
        // After the only epoch nothing is to go.
        assert_eq!(said(1, 1).len(), 2);
    }

    #[test]
    fn times_are_written_in_a_unit_that_fits() {
        let said = [0.2, 1.0, 89.0, 91.0, 3600.0, 5401.0, 7200.0, 200_000.0].map(about);
        let want = ["1 second", "1 second", "89 seconds", "2 minutes", "60 minutes", "2 hours", "2 hours", "2 days"];
        assert_eq!(said, want);
    }
}
