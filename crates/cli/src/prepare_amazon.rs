//! `anchorrec prepare-amazon`: from the raw public files of an Amazon category to a ready data set.

use anyhow::{Result, bail};
use clap::Args;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct PrepareAmazonOptions {}

/// Runs the command.
pub fn run(_options: &PrepareAmazonOptions) -> Result<ExitCode> {
    bail!("not there yet")
}
