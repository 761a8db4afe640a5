//! `cargo xtask reproduce <data set>`: `anchorrec train --dataset <data set>`, built in release mode.

use crate::{become_command, cargo, root};
use std::process::Stdio;

/// Builds and runs; the options go through unread.
pub fn run(args: &[String]) -> Result<(), String> {
    let (dataset, options): (Option<&String>, &[String]) = match args {
        [first, rest @ ..] if !first.starts_with('-') => (Some(first), rest),
        options => (None, options),
    };
    let wants_help = options.iter().any(|option| option == "--help" || option == "-h");
    if dataset.is_none() && !wants_help {
        return Err("name a data set: cargo xtask reproduce amazon-sports".to_owned());
    }
    let root = root();
    // A path that reads the same on every machine, where there is one: it stands in the report.
    let datasets = match std::env::current_dir() {
        Ok(here) if here == root => "datasets".into(),
        _ => root.join("datasets"),
    };
    let mut command = cargo();
    command.args(["run", "--release", "--quiet", "--package", "anchorrec-cli", "--manifest-path"]);
    command.arg(root.join("Cargo.toml")).args(["--", "train"]);
    if let Some(dataset) = dataset {
        command.args(["--dataset", dataset]).arg("--datasets").arg(datasets);
    }
    eprintln!("building in release mode (the first time takes a minute or two) ...");
    command.args(options).stdin(Stdio::null());
    become_command(command)
}
