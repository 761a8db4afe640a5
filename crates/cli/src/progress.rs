//! A run on the terminal: a bar with epoch, step, loss terms and time left; plain lines where the output is no terminal.

use anchorrec_trainer::spoken::Spoken;
use anchorrec_trainer::{Observer, RunEvent};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

pub use anchorrec_trainer::spoken::cell;

/// How often the loss terms beside the bar change: often enough to see them move, seldom enough to read them.
const REFRESH: Duration = Duration::from_millis(200);

/// Watches a run and shows it on standard error; results go to standard output, elsewhere.
pub struct Progress {
    bar: Option<ProgressBar>,
    terminal: bool,
    refreshed: Instant,
    spoken: Spoken,
}

impl Progress {
    /// Shows nothing yet.
    pub fn new() -> Self {
        let terminal = stderr().is_terminal();
        Progress { bar: None, terminal, refreshed: Instant::now(), spoken: Spoken::default() }
    }

    /// Takes what follows for a refit: the run that it repeats chose its epochs, and there is nothing to choose by.
    #[cfg_attr(not(feature = "retrieval"), allow(dead_code, reason = "called by what reads finished runs"))]
    pub fn refits(&mut self) {
        self.spoken.refits();
    }

    /// Takes the bar away.
    pub fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn start(&mut self, epochs: usize, steps: usize, made: usize) {
        let bar = ProgressBar::with_draw_target(Some((epochs * steps) as u64), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{prefix} {wide_bar} {elapsed} < {eta}\n{msg}").expect("a template");
        bar.set_style(style);
        bar.set_position(made as u64);
        bar.reset_eta();
        self.bar = Some(bar);
    }
}

impl Observer for Progress {
    fn event(&mut self, event: RunEvent<'_>) {
        if let RunEvent::RunDone(_) = event {
            self.finish();
        }
        let bar = &self.bar;
        // A line that stays, above the bar.
        self.spoken.tell(&event, &mut |text| match bar {
            Some(bar) => bar.suspend(|| eprintln!("{text}")),
            None => eprintln!("{text}"),
        });
        match event {
            RunEvent::RunStarted { epochs, steps, made, .. } if self.terminal => self.start(epochs, steps, made),
            RunEvent::Step { epoch, step, terms } => {
                let Some(bar) = &self.bar else { return };
                bar.inc(1);
                if self.refreshed.elapsed() >= REFRESH {
                    self.refreshed = Instant::now();
                    bar.set_prefix(format!("epoch {epoch}/{} step {step}", self.spoken.epochs()));
                    let terms: Vec<String> = terms.iter().map(|t| format!("{} {:.4}", t.name, t.value)).collect();
                    bar.set_message(terms.join("  "));
                }
            }
            _ => {}
        }
    }
}
