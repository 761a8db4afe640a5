//! What happens, as it happens. Who listens draws it, and may say stop.

use super::error::{DownloadError, DownloadProblem};
use super::part::Part;
use std::ops::ControlFlow;
use std::time::Duration;

/// Something happened.
#[derive(Debug)]
pub enum Progress<'a> {
    /// A place is asked: an address or a path.
    Asking {
        /// The place.
        place: &'a str,
    },
    /// More bytes are there. The first of a place says how many there were already.
    Bytes {
        /// All that are there.
        have: u64,
        /// All that there will be, where known.
        total: Option<u64>,
    },
    /// A place did not give the file.
    Failed {
        /// The place.
        place: &'a str,
        /// What happened.
        problem: &'a DownloadProblem,
        /// The time until it is asked again; `None`: it is given up.
        again_in: Option<Duration>,
    },
    /// Said several times a second while it waits before it asks again.
    Waiting,
    /// All bytes are there; the checksum is computed.
    Checking,
}

/// A listener to progress. [`ControlFlow::Break`] ends the fetch; what is there stays and is continued by the next one.
pub type Listener<'a> = dyn FnMut(Progress<'_>) -> ControlFlow<()> + 'a;

/// Says something, and turns a stop into an error.
pub(super) fn tell(listener: &mut Listener<'_>, part: &Part, what: Progress<'_>) -> Result<(), DownloadError> {
    match listener(what) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(DownloadError::Stopped { path: part.path().to_owned(), have: part.len() }),
    }
}
