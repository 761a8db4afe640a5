//! Threads and arithmetic of the whole process.

use crate::args::MachineOptions;
use anyhow::{Context, Result};

/// Sets threads and arithmetic up; called once, before anything is computed.
pub fn set_up(options: &MachineOptions) -> Result<()> {
    if options.portable {
        anchorrec_kernels::portable::choose();
    }
    if let Some(threads) = options.threads {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().context("--threads")?;
    }
    Ok(())
}
