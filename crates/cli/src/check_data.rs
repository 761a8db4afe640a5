//! `anchorrec check-data`: what is in a folder of data, and what training on it would take.

use anyhow::{Result, bail};
use clap::Args;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct CheckDataOptions {}

/// Runs the command.
pub fn run(_options: &CheckDataOptions) -> Result<ExitCode> {
    bail!("not there yet")
}
