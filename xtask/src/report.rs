//! `cargo xtask report <path> ...`: `anchorrec report`, built in release mode with the renderer of PNG files.

use crate::{anchorrec, become_command};
use std::process::Stdio;

/// Builds and runs where it was called: relative paths are those of the caller. The words go through unread.
pub fn run(args: &[String]) -> Result<(), String> {
    if args.is_empty() {
        return Err("name a run: cargo xtask report runs/amazon-sports/anchorrec/...".to_owned());
    }
    let mut command = anchorrec(&["png"], &["report"]);
    command.args(args).stdin(Stdio::null());
    become_command(command)
}
