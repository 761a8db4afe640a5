//! `cargo xtask report <path> ...`: `anchorrec report`, built in release mode with the renderer of PNG files.

use crate::{become_command, cargo, root};
use std::process::Stdio;

/// Builds and runs where it was called: relative paths are those of the caller. The words go through unread.
pub fn run(args: &[String]) -> Result<(), String> {
    if args.is_empty() {
        return Err("name a run: cargo xtask report runs/amazon-sports/anchorrec/...".to_owned());
    }
    let mut command = cargo();
    command.args(["run", "--release", "--quiet", "--package", "anchorrec-cli", "--features", "png", "--manifest-path"]);
    command.arg(root().join("Cargo.toml")).args(["--", "report"]);
    eprintln!("building in release mode (the first time takes a minute or two) ...");
    command.args(args).stdin(Stdio::null());
    become_command(command)
}
