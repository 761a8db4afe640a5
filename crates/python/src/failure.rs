//! Errors and panics as Python exceptions, with the sentences that the command prints.
//!
//! | what happened | exception |
//! |---|---|
//! | an argument, a setting, data that cannot be right | `InputError`, a `ValueError` |
//! | an id that the data set does not know | `UnknownIdError`, a `LookupError` too |
//! | a file that cannot be read or written | `FileError`, an `OSError` |
//! | a panic of a function of arrays, which its documentation names | `InputError` |
//! | a panic of Arrow, whose data are not as they must be | `InputError` |
//! | any other panic | `InternalError`, a `RuntimeError` |
//!
//! No panic reaches Python as `PanicException`, which `except Exception` would not catch. Long work is done on a thread of its own: Ctrl-C ends the call, and
//! not the work, which then ends unseen and changes nothing.

use anchorrec_files::with_causes;
use anchorrec_retrieval::RetrievalError;
use pyo3::prelude::*;
use std::any::Any;
use std::error::Error;
use std::io;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

pyo3::import_exception!(anchorrec.errors, FileError);
pyo3::import_exception!(anchorrec.errors, InputError);
pyo3::import_exception!(anchorrec.errors, InternalError);
pyo3::import_exception!(anchorrec.errors, UnknownIdError);

/// How often the caller's thread looks for Ctrl-C.
pub const LISTEN: Duration = Duration::from_millis(50);

/// Messages of the last panics and where they were: the hook knows the place, and whoever catches a panic on another thread knows the message alone.
static PLACES: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());
/// As many panics are remembered: more than threads could meet at once.
const PLACES_KEPT: usize = 64;

/// Makes panics of this library say nothing on standard error: each becomes an exception.
pub fn keep_panics_quiet() {
    panic::set_hook(Box::new(|panic| {
        if let (Ok(mut places), Some(place)) = (PLACES.lock(), panic.location()) {
            let first = places.len().saturating_sub(PLACES_KEPT - 1);
            places.drain(..first);
            places.push((message(panic.payload()), place.to_string()));
        }
    }));
}

/// Makes the exception of an error of the library: its sentence and those of its causes.
pub fn said(error: impl Error + 'static) -> PyErr {
    let text = with_causes(&error);
    let first: &(dyn Error + 'static) = &error;
    if let Some(RetrievalError::UnknownIds { .. }) = first.downcast_ref() {
        return UnknownIdError::new_err(text);
    }
    let mut causes = std::iter::successors(Some(first), |&error| error.source());
    match causes.any(|cause| cause.is::<io::Error>()) {
        true => FileError::new_err(text),
        false => InputError::new_err(text),
    }
}

/// Makes the exception of an argument that cannot be right.
pub fn refused(text: impl Into<String>) -> PyErr {
    InputError::new_err(text.into())
}

/// Runs long work while other Python threads go on and this one listens to Ctrl-C. A panic is a fault of this library.
pub fn heard<T: Send + 'static>(py: Python<'_>, work: impl FnOnce() -> T + Send + 'static) -> PyResult<T> {
    let (done, mut ended) = mpsc::sync_channel(1);
    // Nobody receives what an interrupted call was for.
    let work = move || drop(done.send(catch_unwind(AssertUnwindSafe(work))));
    thread::Builder::new().spawn(work).map_err(|error| refused(format!("a thread for the work: {error}")))?;
    loop {
        let ended = &mut ended;
        match py.detach(move || ended.recv_timeout(LISTEN)) {
            Ok(ended) => return ended.map_err(|payload| internal(&*payload)),
            Err(RecvTimeoutError::Timeout) => py.check_signals()?,
            Err(RecvTimeoutError::Disconnected) => return Err(refused("the work ended without a result")),
        }
    }
}

/// Runs work as [`heard`] does where it `is_long`, else to its end: starting a thread would take longer than the work.
pub fn heard_if<T: Send + 'static>(
    py: Python<'_>,
    is_long: bool,
    work: impl FnOnce() -> T + Send + 'static,
) -> PyResult<T> {
    if is_long { heard(py, work) } else { detached(py, work) }
}

/// Runs work to its end while other Python threads go on. A panic is a fault of this library.
pub fn detached<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    py.detach(|| catch_unwind(AssertUnwindSafe(work))).map_err(|payload| internal(&*payload))
}

/// Runs work of a caller's arrays to its end while other Python threads go on. It panics where they do not fit together, and says how.
pub fn of_arrays<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    py.detach(|| catch_unwind(AssertUnwindSafe(work))).map_err(|payload| refused(message(&*payload)))
}

/// Runs `work`, which holds Python objects. A panic is said of `what`.
pub fn attached<T>(what: &str, work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|payload| Err(refused(format!("{what}: {}", message(&*payload)))))
}

/// Makes the exception of a panic.
pub fn internal(payload: &(dyn Any + Send)) -> PyErr {
    let text = message(payload);
    let places = PLACES.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let place = places.iter().rev().find(|place| place.0 == text).map_or("", |place| place.1.as_str());
    InternalError::new_err(format!("{text} ({place}): this is a fault of anchorrec and not of yours"))
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without a message").to_owned()
}
