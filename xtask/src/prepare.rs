//! `cargo xtask prepare <data set>`: `anchorrec prepare-amazon <data set>`, built in release mode.

use crate::{become_command, cargo, root};

/// Builds and runs; the options go through unread.
pub fn run_task(args: &[String]) -> Result<(), String> {
    let wants_help = args.iter().any(|arg| arg == "--help" || arg == "-h");
    let named = args.first().is_some_and(|first| !first.starts_with('-'));
    if !named && !wants_help {
        return Err("name a data set first: cargo xtask prepare amazon-sports --raw FOLDER".to_owned());
    }
    let root = root();
    let mut command = cargo();
    command.args(["run", "--release", "--quiet", "--package", "anchorrec-cli", "--manifest-path"]);
    command.arg(root.join("Cargo.toml"));
    if args.iter().any(|arg| arg == "--text-model" || arg.starts_with("--text-model=")) {
        command.args(["--features", "text-encoder"]);
    }
    command.args(["--", "prepare-amazon"]);
    if !args.iter().any(|arg| arg == "--datasets" || arg.starts_with("--datasets=")) {
        command.arg("--datasets").arg(root.join("datasets"));
    }
    eprintln!("building in release mode (the first time takes a minute or two) ...");
    command.args(args);
    become_command(command)
}
