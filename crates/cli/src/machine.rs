//! Threads and arithmetic of the whole process.

use crate::args::MachineOptions;
use anyhow::{Context, Result};

/// Sets threads and arithmetic up; called once, before anything is computed.
pub fn set_up(options: &MachineOptions) -> Result<()> {
    threads_and_arithmetic(options.threads, options.portable)
}

/// Sets threads and arithmetic as [`set_up`] does, for commands that keep no checkpoints.
pub fn threads_and_arithmetic(threads: Option<usize>, portable: bool) -> Result<()> {
    if portable {
        anchorrec_kernels::portable::choose();
    }
    if let Some(threads) = threads {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().context("--threads")?;
    }
    Ok(())
}
