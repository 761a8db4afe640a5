//! `cargo xtask reproduce <data set>`: `anchorrec train --dataset <data set>`, built in release mode.

use crate::{cargo, root};
use std::process::{Command, Stdio};

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

/// Ctrl-C goes to all processes of a terminal's group, and a parent that it ends leaves its child alone with its last words: so there is no
/// parent.
#[cfg(unix)]
fn become_command(mut command: Command) -> Result<(), String> {
    use std::os::unix::process::CommandExt;
    Err(format!("cargo: {}", command.exec()))
}

/// The command said what was wrong; its exit code is passed on.
#[cfg(not(unix))]
fn become_command(mut command: Command) -> Result<(), String> {
    let status = command.status().map_err(|e| format!("cargo: {e}"))?;
    if status.success() { Ok(()) } else { std::process::exit(status.code().unwrap_or(1)) }
}
