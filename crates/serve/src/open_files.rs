//! How many connections the system lets a process have: each is an open file.

use crate::swap::Log;

/// Files that are open beside connections: those of a run that is loaded, the program's own.
const OTHERS: u64 = 128;

/// Raises this process's limit of open files as far as `wanted` connections need and the system allows; returns how many connections there may be, and
/// says where these are fewer.
#[cfg(unix)]
pub fn connections(wanted: usize, log: &Log) -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    // Nothing means that there is no bound.
    let need = wanted as u64 + OTHERS;
    if limit.current.is_some_and(|files| files < need) {
        let asked = limit.maximum.map_or(need, |most| need.min(most));
        let raised = rustix::process::Rlimit { current: Some(asked), maximum: limit.maximum };
        if setrlimit(Resource::Nofile, raised).is_ok() {
            limit = raised;
        }
    }
    let Some(files) = limit.current.filter(|&files| files < need) else { return wanted };
    let connections = files.saturating_sub(OTHERS).max(files / 4).max(1) as usize;
    log(&format!(
        "note: {connections} connections at once, not {wanted}: the system lets this process open {files} files (ulimit -n)"
    ));
    connections
}

/// Returns `wanted`.
#[cfg(not(unix))]
pub fn connections(wanted: usize, _log: &Log) -> usize {
    wanted
}
