//! Tasks on a data set that are commands of `anchorrec`, built in release mode: `reproduce`, `ablate`, `tune`.

use crate::{anchorrec, become_command, root};
use std::process::Stdio;

/// Builds and runs `anchorrec <command> --dataset <data set>` for `cargo xtask <task> <data set>`; the options go through unread.
pub fn run(task: &str, command: &str, args: &[String]) -> Result<(), String> {
    let (dataset, options): (Option<&String>, &[String]) = match args {
        [first, rest @ ..] if !first.starts_with('-') => (Some(first), rest),
        options => (None, options),
    };
    let wants_help = options.iter().any(|option| option == "--help" || option == "-h");
    if dataset.is_none() && !wants_help {
        return Err(format!("name a data set: cargo xtask {task} amazon-sports"));
    }
    let root = root();
    // A path that reads the same on every machine, where there is one: it stands in the report.
    let datasets = match std::env::current_dir() {
        Ok(here) if here == root => "datasets".into(),
        _ => root.join("datasets"),
    };
    let mut anchorrec = anchorrec(None, &[command]);
    if let Some(dataset) = dataset {
        anchorrec.args(["--dataset", dataset]).arg("--datasets").arg(datasets);
    }
    anchorrec.args(options).stdin(Stdio::null());
    become_command(anchorrec)
}
