//! `anchorrec prepare`: from one's own files to a ready data set.

use anyhow::{Result, bail};
use clap::Args;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct PrepareOptions {}

/// Runs the command.
pub fn run(_options: &PrepareOptions) -> Result<ExitCode> {
    bail!("not there yet")
}
