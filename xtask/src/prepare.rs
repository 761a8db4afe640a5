//! `cargo xtask prepare <data set>`: `anchorrec prepare-amazon <data set>`, built in release mode.

use crate::{anchorrec, become_command, root};

/// Builds and runs; the options go through unread.
pub fn run_task(args: &[String]) -> Result<(), String> {
    let wants_help = args.iter().any(|arg| arg == "--help" || arg == "-h");
    let named = args.first().is_some_and(|first| !first.starts_with('-'));
    if !named && !wants_help {
        return Err("name a data set first: cargo xtask prepare amazon-sports --raw FOLDER".to_owned());
    }
    let encodes = args.iter().any(|arg| arg == "--text-model" || arg.starts_with("--text-model="));
    let features: &[&str] = if encodes { &["download", "text-encoder"] } else { &["download"] };
    let mut command = anchorrec(features, &["prepare-amazon"]);
    if !args.iter().any(|arg| arg == "--datasets" || arg.starts_with("--datasets=")) {
        command.arg("--datasets").arg(root().join("datasets"));
    }
    command.args(args);
    become_command(command)
}
