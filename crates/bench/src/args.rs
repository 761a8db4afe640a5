//! The command line.

use clap::Parser;
use std::path::PathBuf;

/// Measure training, evaluation and their kernels, beside the limits of this machine.
#[derive(Clone, Debug, Parser)]
#[command(name = "anchorrec-bench", bin_name = "cargo xtask bench", version, about)]
pub struct Options {
    /// Write the figures there as JSON too
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Measure one row, or `kernels`, or `growth`
    #[arg(long, value_name = "NAME")]
    pub only: Option<String>,

    /// Size of the data as a share of the real size: a quick look; figures of a shrunken run mean nothing for the goals
    #[arg(long, value_name = "SHARE", default_value_t = 1.0, value_parser = scale)]
    pub scale: f64,

    /// Folder of the data sets' manifests
    #[arg(long, value_name = "DIR", default_value = "datasets")]
    pub datasets: PathBuf,

    /// Folder for synthetic data, which later runs find again, and for weights, which are removed
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    pub folder: PathBuf,

    /// What this process is to measure, when it is a child of another
    #[arg(long, hide = true, value_name = "JSON")]
    pub task: Option<String>,
}

fn scale(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if share > 0.0 && share <= 1.0 => Ok(share),
        _ => Err("expected a share above 0 and up to 1, such as 0.02".to_owned()),
    }
}
