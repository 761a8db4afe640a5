//! Errors and panics as Python exceptions, with the sentences that the command prints.
//!
//! | what happened | exception |
//! |---|---|
//! | an argument, a setting, data that cannot be right | `InputError`, a `ValueError` |
//! | an id that the data set does not know | `UnknownIdError`, a `LookupError` too |
//! | a file that cannot be read or written | `FileError`, an `OSError` |
//! | a panic of a function of arrays, which its documentation names | `InputError` |
//! | any other panic | `InternalError`, a `RuntimeError` |
//!
//! No panic reaches Python as `PanicException`, which `except Exception` would not catch.

use anchorrec_files::with_causes;
use anchorrec_retrieval::RetrievalError;
use pyo3::prelude::*;
use std::any::Any;
use std::error::Error;
use std::io;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

pyo3::import_exception!(anchorrec.errors, FileError);
pyo3::import_exception!(anchorrec.errors, InputError);
pyo3::import_exception!(anchorrec.errors, InternalError);
pyo3::import_exception!(anchorrec.errors, UnknownIdError);

/// Where the last panic was: the hook knows it, and whoever catches a panic does not.
static LAST_PLACE: Mutex<Option<String>> = Mutex::new(None);

/// Makes panics of this library say nothing on standard error: each becomes an exception.
pub fn keep_panics_quiet() {
    panic::set_hook(Box::new(|panic| {
        if let Ok(mut place) = LAST_PLACE.lock() {
            *place = panic.location().map(ToString::to_string);
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

/// Runs `work` while other Python threads go on. A panic is a fault of this library.
pub fn detached<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    caught(py, work).map_err(|payload| internal(&*payload))
}

/// Runs a function of arrays while other Python threads go on. These functions panic where a caller's arrays do not fit together, and say how.
pub fn of_arrays<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    caught(py, work).map_err(|payload| InputError::new_err(message(&*payload)))
}

fn caught<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> Result<T, Box<dyn Any + Send>> {
    py.detach(|| catch_unwind(AssertUnwindSafe(work)))
}

/// Makes the exception of a panic.
pub fn internal(payload: &(dyn Any + Send)) -> PyErr {
    let place = LAST_PLACE.lock().ok().and_then(|place| place.clone()).unwrap_or_default();
    InternalError::new_err(format!("{} ({place}): this is a fault of anchorrec and not of yours", message(payload)))
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without a message").to_owned()
}
