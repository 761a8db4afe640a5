//! Long work: a thread of its own does it, and the one that called shows what is told, and listens to Ctrl-C.

use crate::failure::{LISTEN, internal, refused};
use anchorrec_trainer::spoken::Spoken;
use anchorrec_trainer::{Observer, RunEvent};
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// How often the terms of a step are told.
const REFRESH: Duration = Duration::from_millis(200);

/// What is told while a run trains.
pub enum Told {
    Line(String),
    Step { seed: u64, epoch: usize, epochs: usize, step: usize, steps: usize, terms: Vec<(&'static str, f64)> },
    Epoch { seed: u64, record: String },
}

impl Told {
    fn event<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let event = PyDict::new(py);
        match self {
            Told::Line(text) => {
                event.set_item("kind", "line")?;
                event.set_item("text", text)?;
            }
            Told::Step { seed, epoch, epochs, step, steps, terms } => {
                event.set_item("kind", "step")?;
                event.set_item("seed", seed)?;
                event.set_item("epoch", epoch)?;
                event.set_item("epochs", epochs)?;
                event.set_item("step", step)?;
                event.set_item("steps", steps)?;
                let values = PyDict::new(py);
                terms.iter().try_for_each(|(name, value)| values.set_item(name, value))?;
                event.set_item("terms", values)?;
            }
            Told::Epoch { seed, record } => {
                event.set_item("kind", "epoch")?;
                event.set_item("seed", seed)?;
                event.set_item("record", record)?;
            }
        }
        Ok(event)
    }
}

/// Tells the caller's thread what happens.
pub struct Teller {
    pub spoken: Spoken,
    out: Sender<Told>,
    refreshed: Instant,
    seed: u64,
    steps: usize,
}

impl Teller {
    /// Tells on this channel.
    pub fn new(out: Sender<Told>) -> Self {
        Teller { spoken: Spoken::default(), out, refreshed: Instant::now(), seed: 0, steps: 0 }
    }

    /// Tells a line.
    pub fn line(&self, text: &str) {
        drop(self.out.send(Told::Line(text.to_owned())));
    }
}

impl Observer for Teller {
    fn event(&mut self, event: RunEvent<'_>) {
        let Teller { spoken, out, .. } = self;
        // Nobody who listens is no reason to stop: the flag is.
        let tell = |told: Told| drop(out.send(told));
        spoken.tell(&event, &mut |line| tell(Told::Line(line.to_owned())));
        match event {
            RunEvent::RunStarted { seed, steps, .. } => (self.seed, self.steps) = (seed, steps),
            RunEvent::Step { epoch, step, terms } if self.refreshed.elapsed() >= REFRESH => {
                self.refreshed = Instant::now();
                let terms = terms.iter().map(|term| (term.name, term.value)).collect();
                tell(Told::Step { seed: self.seed, epoch, epochs: spoken.epochs(), step, steps: self.steps, terms });
            }
            RunEvent::Epoch(record) => {
                let record = serde_json::to_string(record).unwrap_or_default();
                tell(Told::Epoch { seed: self.seed, record });
            }
            _ => {}
        }
    }
}

/// Does `work` while other Python threads go on; `listener` is called with each event. Ctrl-C, and whatever the listener raises, set the flag that work
/// looks at, which then returns nothing. `again` says how to go on.
pub fn watched<T: Send>(
    py: Python<'_>,
    listener: Option<Py<PyAny>>,
    again: &str,
    work: impl FnOnce(Sender<Told>, &AtomicBool) -> PyResult<Option<T>> + Send,
) -> PyResult<T> {
    let stop = AtomicBool::new(false);
    let (ended, raised) = py.detach(|| {
        let (out, told) = mpsc::channel();
        thread::scope(|scope| {
            let stop = &stop;
            let work = scope.spawn(move || catch_unwind(AssertUnwindSafe(|| work(out, stop))));
            let mut raised: Option<PyErr> = None;
            loop {
                let event = told.recv_timeout(LISTEN);
                if let Err(RecvTimeoutError::Disconnected) = event {
                    break;
                }
                if raised.is_some() {
                    continue;
                }
                let heard = Python::attach(|py| {
                    if let (Ok(told), Some(listener)) = (&event, &listener) {
                        listener.call1(py, (told.event(py)?,))?;
                    }
                    py.check_signals()
                });
                if let Err(error) = heard {
                    stop.store(true, Ordering::Relaxed);
                    raised = Some(error);
                }
            }
            (work.join(), raised)
        })
    });
    let ended = match ended {
        Ok(Ok(ended)) => ended?,
        Ok(Err(payload)) | Err(payload) => return Err(internal(&*payload)),
    };
    match (ended, raised) {
        (Some(done), None) => Ok(done),
        (None, Some(error)) if error.is_instance_of::<PyKeyboardInterrupt>(py) => {
            Err(PyKeyboardInterrupt::new_err(format!("interrupted; nothing is lost: {again}")))
        }
        (_, Some(error)) => Err(error),
        (None, None) => Err(refused("stopped without a reason")),
    }
}
