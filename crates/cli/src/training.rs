//! A job on loaded data, asked for by this command.

use crate::earlier::Earlier;
use crate::loaded::Loaded;
use crate::settings::Configuration;
use anchorrec_trainer::{Observer, RunFolder, RunOptions, reported};
use anyhow::Result;
use std::sync::atomic::AtomicBool;

pub use anchorrec_trainer::reported::Ended;

/// Trains every seed of the configuration and writes the report, which names this command.
pub fn train(
    loaded: &Loaded,
    configured: Configuration,
    earlier: Earlier,
    folder: RunFolder,
    options: RunOptions,
    stop: &AtomicBool,
    observer: &mut dyn Observer,
) -> Result<Ended> {
    let command = std::env::args().collect();
    Ok(reported::train(loaded, command, configured, earlier, folder, options, stop, observer)?)
}
