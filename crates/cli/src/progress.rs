//! A run on the terminal: a bar with epoch, step, loss terms and time left; plain lines where the output is no terminal.

use anchorrec_data::grouped;
use anchorrec_records::report::{EpochRecord, Metrics, RunRecord, selection_metric};
use anchorrec_trainer::{Observer, RunEvent};
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

/// How often the loss terms beside the bar change: often enough to see them move, seldom enough to read them.
const REFRESH: Duration = Duration::from_millis(200);

/// Watches a run and shows it on standard error; results go to standard output, elsewhere.
pub struct Progress {
    bar: Option<ProgressBar>,
    terminal: bool,
    epochs: usize,
    refreshed: Instant,
    sitting: Option<Sitting>,
    is_refit: bool,
}

/// What has been trained since the run began or went on, until the time that it will take was said.
struct Sitting {
    began: Instant,
    /// Steps of an epoch.
    steps: usize,
    /// Steps that the run had made before.
    before: usize,
    /// Steps made since.
    made: usize,
}

/// The time that a run will take is said after so long, or after its first epoch.
const SOON: Duration = Duration::from_secs(10);

impl Progress {
    /// Shows nothing yet.
    pub fn new() -> Self {
        let terminal = stderr().is_terminal();
        Progress { bar: None, terminal, epochs: 0, refreshed: Instant::now(), sitting: None, is_refit: false }
    }

    /// Takes what follows for a refit: the run that it repeats chose its epochs, and there is nothing to choose by.
    #[cfg_attr(not(feature = "retrieval"), allow(dead_code, reason = "called by what reads finished runs"))]
    pub fn refits(&mut self) {
        self.is_refit = true;
    }

    /// Takes the bar away.
    pub fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    /// A line that stays.
    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("{text}")),
            None => eprintln!("{text}"),
        }
    }

    fn start(
        &mut self,
        seed: u64,
        parameters: usize,
        epochs: usize,
        steps: usize,
        patience: Option<usize>,
        made: usize,
    ) {
        self.epochs = epochs;
        self.sitting = Some(Sitting { began: Instant::now(), steps, before: made, made: 0 });
        let ends = match patience {
            None if self.is_refit => {
                "trains all of them, as many as validation chose in the run that it repeats".to_owned()
            }
            None => "trains all of them, as there is no validation to stop by".to_owned(),
            Some(0) => "never stops early (patience 0)".to_owned(),
            Some(patience) => format!(
                "stops after {patience} evaluations without a better validation {} (--patience)",
                selection_metric()
            ),
        };
        self.line(&format!(
            "seed {seed}: {} parameters, up to {epochs} epochs of {steps} steps; {ends}",
            grouped(parameters)
        ));
        if self.terminal {
            let bar = ProgressBar::with_draw_target(Some((epochs * steps) as u64), ProgressDrawTarget::stderr());
            let style =
                ProgressStyle::with_template("{prefix} {wide_bar} {elapsed} < {eta}\n{msg}").expect("a template");
            bar.set_style(style);
            bar.set_position(made as u64);
            bar.reset_eta();
            self.bar = Some(bar);
        }
    }

    /// Says once how long all epochs will take, as far as can be seen by now.
    fn estimate(&mut self, with_evaluation: bool) {
        let Some(Sitting { began, steps, before, made }) = self.sitting.take() else { return };
        let step = began.elapsed().as_secs_f64() / made.max(1) as f64;
        let left = (self.epochs * steps).saturating_sub(before + made) as f64 * step;
        let time = |seconds: f64| HumanDuration(Duration::try_from_secs_f64(seconds.ceil()).unwrap_or(Duration::MAX));
        let what = if with_evaluation { "an epoch takes" } else { "without evaluations an epoch takes" };
        self.line(&format!("{what} about {:.1} s: at most {} to go", step * steps as f64, time(left)));
    }

    fn epoch(&self, epoch: &EpochRecord) {
        let metric = selection_metric();
        let judged = match &epoch.valid {
            Some(valid) => {
                format!("  validation {metric} {}  ndcg@20 {}", cell(valid, &metric), cell(valid, "ndcg@20"))
            }
            None => String::new(),
        };
        let left = format!("{}/{}", epoch.epoch, self.epochs);
        self.line(&format!("epoch {left:>7}  loss {:.5}{judged}  {:.2} s", epoch.loss, epoch.seconds));
    }

    fn done(&mut self, run: &RunRecord) {
        self.finish();
        let why = if run.stopped_early { "stopped early" } else { "done" };
        let kept = if self.is_refit {
            "as many as validation chose in the run that it repeats".to_owned()
        } else if run.is_chosen() {
            format!("best epoch {}", run.best_epoch)
        } else {
            "no epoch could be chosen without validation: the last is kept".to_owned()
        };
        let (epochs, seconds) = (run.epochs_run, run.seconds);
        self.line(&format!("seed {}: {why} after {epochs} epochs in {seconds:.1} s, {kept}", run.seed));
    }
}

/// Writes a metric, or `-` where it was not measured.
pub fn cell(metrics: &Metrics, name: &str) -> String {
    metrics.get(name).map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"))
}

impl Observer for Progress {
    fn event(&mut self, event: RunEvent<'_>) {
        match event {
            RunEvent::Phase { name } => self.line(&format!("{name} ...")),
            RunEvent::PhaseDone(phase) => self.line(&format!("{} took {:.2} s", phase.name, phase.seconds)),
            RunEvent::Notice(text) => self.line(&format!("note: {text}")),
            RunEvent::RunStarted { seed, parameters, epochs, steps, patience, made, .. } => {
                self.start(seed, parameters, epochs, steps, patience, made);
            }
            RunEvent::Step { epoch, step, terms } => {
                if let Some(sitting) = &mut self.sitting {
                    sitting.made += 1;
                    if sitting.began.elapsed() >= SOON {
                        self.estimate(false);
                    }
                }
                let Some(bar) = &self.bar else { return };
                bar.inc(1);
                if self.refreshed.elapsed() >= REFRESH {
                    self.refreshed = Instant::now();
                    bar.set_prefix(format!("epoch {epoch}/{} step {step}", self.epochs));
                    let terms: Vec<String> = terms.iter().map(|t| format!("{} {:.4}", t.name, t.value)).collect();
                    bar.set_message(terms.join("  "));
                }
            }
            RunEvent::Epoch(epoch) => {
                self.epoch(epoch);
                if epoch.epoch < self.epochs {
                    self.estimate(true);
                }
            }
            RunEvent::RunDone(run) => self.done(run),
        }
    }
}
