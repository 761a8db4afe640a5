//! `anchorrec report`: records of runs to a page for people.

use anchorrec_report::{home, page, read, write};
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct ReportOptions {
    /// Folders of runs, their report.json, or folders with a comparison.json
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,

    /// The HTML file to write; its figures go into `figures` beside it [default: report.html in the first folder]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Runs the command.
pub fn run(options: &ReportOptions) -> Result<ExitCode> {
    let study = read(&options.paths)?;
    let out = options.out.clone().unwrap_or_else(|| home(&options.paths[0]).join("report.html"));
    let written = write(&page(&study), &out)?;
    for path in written {
        println!("{}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}
