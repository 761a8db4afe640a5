//! The data set that options name, in memory.

use crate::args::DataOptions;
use crate::progress::Progress;
use crate::source;
use anchorrec_data::note::Note;
use anchorrec_trainer::loaded;
use anyhow::{Result, bail};

pub use anchorrec_trainer::loaded::{Loaded, Rows};

/// Finds and loads a data set, and tells what is unusual about it.
///
/// # Errors
/// Also with `--strict`, when anything was not taken as it stood.
pub fn load(options: &DataOptions, rows: Rows, progress: &mut Progress) -> Result<Loaded> {
    let loaded = loaded::load(source::find(options)?, &options.datasets, rows, progress)?;
    say(&loaded.notes, options, progress)?;
    Ok(loaded)
}

/// Says notes, and refuses those that `--strict` does not allow.
pub fn say(notes: &[Note], options: &DataOptions, progress: &mut Progress) -> Result<()> {
    match loaded::say(notes, progress).filter(|_| options.strict) {
        Some(refused) => bail!("--strict: {refused}"),
        None => Ok(()),
    }
}
