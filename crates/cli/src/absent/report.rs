//! `anchorrec report`, built without the feature `report`.

use crate::absent::{AbsentOptions, without};
use anyhow::Result;
use std::process::ExitCode;

/// Options that nothing reads.
pub type ReportOptions = AbsentOptions;

/// Says how to build with it.
pub fn run(_options: &ReportOptions) -> Result<ExitCode> {
    without("report", "report")
}
