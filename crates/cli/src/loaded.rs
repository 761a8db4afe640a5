//! The data set that options name, in memory.

use crate::args::DataOptions;
use crate::progress::Progress;
use anchorrec_trainer::source::{self, Asked};
use anyhow::Result;

pub use anchorrec_trainer::loaded::{Loaded, Rows};

/// Finds and loads a data set, and tells what is unusual about it.
///
/// # Errors
/// Also with `--strict`, when anything was not taken as it stood.
pub fn load(options: &DataOptions, rows: Rows, progress: &mut Progress) -> Result<Loaded> {
    Ok(source::load(&asked(options), rows, options.strict, progress)?)
}

/// Returns the data that options ask for.
pub fn asked(options: &DataOptions) -> Asked {
    let DataOptions { data, dataset, mm, datasets, scale, .. } = options.clone();
    Asked { data, dataset, mm, datasets, scale }
}
