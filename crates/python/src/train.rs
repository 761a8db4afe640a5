//! Training: a thread of its own trains, and the one that called shows what is told, and listens to Ctrl-C.

use crate::failure::{internal, refused, said};
use anchorrec_models::MODELS;
use anchorrec_trainer::layered::{Said, configuration};
use anchorrec_trainer::loaded::{self, DataFolder, Rows};
use anchorrec_trainer::origin::Origin;
use anchorrec_trainer::reported::{self, Earlier, Ended, check_fusion, check_history, folder_after};
use anchorrec_trainer::spoken::Spoken;
use anchorrec_trainer::{Observer, RunEvent, RunOptions};
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// How often the caller's thread looks for Ctrl-C.
const LISTEN: Duration = Duration::from_millis(50);
/// How often the terms of a step are told.
const REFRESH: Duration = Duration::from_millis(200);

/// What to train.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Wanted {
    data: PathBuf,
    datasets: PathBuf,
    model: Option<String>,
    seeds: Option<Vec<u64>>,
    epochs: Option<usize>,
    patience: Option<usize>,
    /// A settings file: its name and its text.
    config: Option<(String, String)>,
    set: Vec<String>,
    out: PathBuf,
    resume: bool,
    restart: bool,
    checkpoint_every: f64,
    strict: bool,
    fuse: bool,
    command: Vec<String>,
}

/// What is told while a run trains.
enum Told {
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
struct Teller {
    spoken: Spoken,
    out: Sender<Told>,
    refreshed: Instant,
    seed: u64,
    steps: usize,
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

/// Trains every seed and writes the report; returns its path, whether the run was finished before, and what was noted.
fn run(wanted: &Wanted, out: Sender<Told>, stop: &AtomicBool) -> PyResult<Option<(PathBuf, bool, Vec<String>)>> {
    let mut teller = Teller { spoken: Spoken::default(), out, refreshed: Instant::now(), seed: 0, steps: 0 };
    let model = wanted.model.as_ref().map(|name| {
        let known = || refused(format!("model: expected one of {}, found `{name}`", MODELS.names().join(", ")));
        MODELS.find(name).ok_or_else(known)
    });
    let model = model.transpose()?;
    let what = Said {
        file: wanted.config.clone(),
        set: wanted.set.clone(),
        epochs: wanted.epochs,
        patience: wanted.patience,
        seeds: wanted.seeds.clone(),
    };
    let every = Duration::try_from_secs_f64(wanted.checkpoint_every)
        .map_err(|_| refused("checkpoint_every: expected seconds, such as 10 or 0.5"))?;
    let folder = DataFolder { dir: wanted.data.clone(), ..DataFolder::default() };
    let loaded = loaded::load(folder, &wanted.datasets, Rows::Split, &mut teller).map_err(said)?;
    let strict = loaded::say(&loaded.notes, &mut teller).filter(|_| wanted.strict);
    if let Some(refused_notes) = strict {
        return Err(refused(format!("strict: {refused_notes}")));
    }
    if wanted.fuse {
        check_fusion(loaded.dataset.interactions.items).map_err(said)?;
    }
    let configured = configuration(MODELS, model, &what, loaded.tuned(), &[]).map_err(said)?;
    drop(teller.out.send(Told::Line(format!("settings: {}", configured.sources))));
    let (folder, identity) = folder_after(Origin::default(), &loaded, &configured.config, &wanted.out).map_err(said)?;
    if !wanted.restart {
        check_history(&folder, &identity, &configured.config.train.seeds, wanted.resume).map_err(said)?;
    }
    let options = RunOptions { resume: !wanted.restart, checkpoint_every: every, ..RunOptions::default() };
    let notes = loaded.notes.iter().map(ToString::to_string).collect();
    let command = wanted.command.clone();
    let ended = reported::train(&loaded, command, configured, Earlier::default(), folder, options, stop, &mut teller);
    let Ended::Done(mut done) = ended.map_err(said)? else { return Ok(None) };
    if wanted.fuse && done.report.fusion.is_none() {
        let line = "fusion: choosing the setting of the closed form on validation ...";
        drop(teller.out.send(Told::Line(line.to_owned())));
        if !done.fuse(stop, &mut |_, _| ()).map_err(said)? {
            return Ok(None);
        }
    }
    Ok(Some((done.path, done.before, notes)))
}

/// Trains; `listener` is called with each event. Ctrl-C, and whatever the listener raises, stop after the step at hand, with a checkpoint.
#[pyfunction]
pub fn train(py: Python<'_>, wanted: Wanted, listener: Option<Py<PyAny>>) -> PyResult<(PathBuf, bool, Vec<String>)> {
    anchorrec_kernels::allocator::keep_freed_memory();
    let stop = AtomicBool::new(false);
    let (ended, raised) = py.detach(|| {
        let (out, told) = mpsc::channel();
        thread::scope(|scope| {
            let (wanted, stop) = (&wanted, &stop);
            let work = scope.spawn(move || catch_unwind(AssertUnwindSafe(|| run(wanted, out, stop))));
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
            Err(PyKeyboardInterrupt::new_err("interrupted; nothing is lost: train(..., resume=True) goes on"))
        }
        (_, Some(error)) => Err(error),
        (None, None) => Err(refused("training stopped without a reason")),
    }
}

/// Sets the number of threads, once, before anything was computed.
#[pyfunction]
pub fn set_threads(threads: usize) -> PyResult<()> {
    let built = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    built.map_err(|error| refused(format!("threads: {error}")))
}
