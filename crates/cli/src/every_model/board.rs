//! What several models at once tell: lines with their names, and the time left for all.

use super::entry::{End, Entry};
use crate::progress::cell;
use anchorrec_data::grouped;
use anchorrec_records::report::selection_metric;
use anchorrec_trainer::{Observer, RunEvent};
use indicatif::HumanDuration;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The time left is said at most so often.
const SELDOM: Duration = Duration::from_secs(60);

/// How far all models are.
pub struct Board {
    models: Vec<Standing>,
    workers: usize,
    said: Option<Instant>,
}

/// How far one model is.
struct Standing {
    seeds: usize,
    state: State,
}

enum State {
    Waiting,
    Running {
        /// When the seed that is trained now began or went on.
        began: Instant,
        /// Steps of a seed.
        of_seed: usize,
        /// Seeds behind this one.
        seeds_done: usize,
        /// Steps of this seed that were made before `began`.
        before: usize,
        /// Steps made since.
        made: usize,
    },
    Over {
        /// What all epochs of all seeds would have taken, at its pace; nothing where it was not trained now.
        whole: Option<f64>,
    },
}

impl Standing {
    /// Seconds that all epochs of all seeds take, and of them those to come, at the pace so far.
    fn seconds(&self) -> Option<(f64, f64)> {
        let State::Running { began, of_seed, seeds_done, before, made } = &self.state else { return None };
        if *made == 0 {
            return None;
        }
        let pace = began.elapsed().as_secs_f64() / *made as f64;
        let all = of_seed * self.seeds;
        let left = all.saturating_sub(seeds_done * of_seed + before + made);
        Some((pace * all as f64, pace * left as f64))
    }
}

impl Board {
    /// Makes a board on which every model waits.
    pub fn new(entries: &[Entry], workers: usize) -> Self {
        let waiting = |entry: &Entry| {
            let seeds = entry.configuration.config.train.seeds.len();
            Standing { seeds, state: State::Waiting }
        };
        Board { models: entries.iter().map(waiting).collect(), workers, said: None }
    }

    /// Seconds to go if no model stops early and those that wait take as long as those that began; nothing as long as nothing is known.
    fn left(&self) -> Option<f64> {
        let running: Vec<(f64, f64)> = self.models.iter().filter_map(Standing::seconds).collect();
        let over = self.models.iter().filter_map(|model| match model.state {
            State::Over { whole } => whole,
            _ => None,
        });
        let wholes: Vec<f64> = running.iter().map(|(whole, _)| *whole).chain(over).collect();
        let mean = wholes.iter().sum::<f64>() / wholes.len() as f64;
        let waiting = self.models.iter().filter(|model| matches!(model.state, State::Waiting)).count();
        let left = running.iter().map(|(_, left)| left).sum::<f64>() + waiting as f64 * mean;
        let longest = running.iter().map(|(_, left)| *left).fold(0.0, f64::max);
        (!wholes.is_empty()).then(|| longest.max(left / self.workers as f64))
    }

    fn say_left(&mut self, now: bool) {
        if !now && self.said.is_some_and(|said| said.elapsed() < SELDOM) {
            return;
        }
        let over = self.models.iter().filter(|model| matches!(model.state, State::Over { .. })).count();
        let Some(left) = self.left().filter(|_| over < self.models.len()) else { return };
        self.said = Some(Instant::now());
        let left = HumanDuration(Duration::try_from_secs_f64(left.ceil()).unwrap_or(Duration::MAX));
        eprintln!("{over} of {} models done; about {left} to go, less where one stops early", self.models.len());
    }
}

/// One model on the board.
pub struct Watch<'a> {
    /// The place of the model in the list.
    pub place: usize,
    /// The name of the model.
    pub model: &'static str,
    /// The board.
    pub board: &'a Mutex<Board>,
}

impl Watch<'_> {
    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the model off the board.
    pub fn over(&self, end: &End) {
        let mut board = self.board();
        let standing = &mut board.models[self.place];
        let whole = standing.seconds().map(|(whole, _)| whole);
        match end {
            // The time that is left is no use any more.
            End::Stopped => return,
            End::Done { .. } => {}
            End::Without(why) => eprintln!("{:<10} {why}", self.model),
        }
        standing.state = State::Over { whole };
        board.say_left(true);
    }
}

impl Observer for Watch<'_> {
    fn event(&mut self, event: RunEvent<'_>) {
        let mut board = self.board();
        let standing = &mut board.models[self.place];
        let model = self.model;
        match event {
            RunEvent::Phase { name } => eprintln!("{model:<10} {name} ..."),
            RunEvent::PhaseDone(phase) => eprintln!("{model:<10} {} took {:.2} s", phase.name, phase.seconds),
            RunEvent::Line(text) => eprintln!("{model:<10} {text}"),
            RunEvent::Notice(text) => eprintln!("{model:<10} {text}"),
            RunEvent::RunStarted { seed, parameters, epochs, steps, made, .. } => {
                let seeds_done = match &standing.state {
                    State::Running { seeds_done, .. } => *seeds_done,
                    _ => 0,
                };
                standing.state = State::Running {
                    began: Instant::now(),
                    of_seed: epochs * steps,
                    seeds_done,
                    before: made,
                    made: 0,
                };
                let from = if made > 0 { format!(", goes on after step {}", grouped(made)) } else { String::new() };
                eprintln!(
                    "{model:<10} seed {seed}: {} parameters, up to {epochs} epochs of {steps} steps{from}",
                    grouped(parameters)
                );
            }
            RunEvent::Step { .. } => {
                if let State::Running { made, .. } = &mut standing.state {
                    *made += 1;
                }
            }
            RunEvent::Epoch(epoch) => {
                let metric = selection_metric();
                let judged = match &epoch.valid {
                    Some(valid) => format!("  validation {metric} {}", cell(valid, &metric)),
                    None => String::new(),
                };
                eprintln!("{model:<10} epoch {}  loss {:.5}{judged}  {:.2} s", epoch.epoch, epoch.loss, epoch.seconds);
                board.say_left(false);
            }
            RunEvent::RunDone(run) => {
                if let State::Running { seeds_done, .. } = &mut standing.state {
                    *seeds_done += 1;
                }
                let why = if run.stopped_early { "stopped early" } else { "done" };
                eprintln!(
                    "{model:<10} seed {}: {why} after {} epochs in {:.1} s, best epoch {}",
                    run.seed, run.epochs_run, run.seconds, run.best_epoch
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board(states: Vec<State>) -> Board {
        Board { models: states.into_iter().map(|state| Standing { seeds: 2, state }).collect(), workers: 2, said: None }
    }

    fn running(ago: u64, before: usize, made: usize) -> State {
        let began = Instant::now().checked_sub(Duration::from_secs(ago)).unwrap();
        State::Running { began, of_seed: 100, seeds_done: 0, before, made }
    }

    #[test]
    fn the_time_left_counts_those_that_wait_and_is_not_less_than_the_longest() {
        assert!(board(vec![State::Waiting]).left().is_none(), "nothing is known yet");
        // One step a second, 200 steps: 190 to go, beside one that waits for 200: 390 s over two workers.
        let left = board(vec![running(10, 0, 10), State::Waiting]).left().unwrap();
        assert!((left - 195.0).abs() < 1.0, "{left}");
        // Alone, two workers do not halve it; what an earlier sitting made is done, and not the pace.
        let left = board(vec![running(10, 50, 10)]).left().unwrap();
        assert!((left - 140.0).abs() < 1.0, "{left}");
        // What is over still tells how long the others may take.
        let left = board(vec![State::Over { whole: Some(60.0) }, State::Waiting, State::Waiting]).left().unwrap();
        assert!((left - 60.0).abs() < 1e-9, "{left}");
    }
}
