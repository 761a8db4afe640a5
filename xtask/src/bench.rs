//! `cargo xtask bench`: `anchorrec-bench`, built in release mode.

use crate::{cargo, root};
use std::path::PathBuf;
use std::process::Stdio;

/// Builds and runs; the options go through unread.
pub fn run(options: &[String]) -> Result<(), String> {
    let root = root();
    // Where builds go: synthetic data lie there too, and go with `cargo clean`.
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let mut command = cargo();
    command.args(["run", "--release", "--quiet", "--package", "anchorrec-bench", "--manifest-path"]);
    command.arg(root.join("Cargo.toml")).arg("--");
    command.arg("--datasets").arg(root.join("datasets")).arg("--folder").arg(target.join("bench"));
    eprintln!("building in release mode (the first time takes a minute or two) ...");
    let status = command.args(options).stdin(Stdio::null()).status().map_err(|e| format!("cargo: {e}"))?;
    // The program said what was wrong; its exit code is passed on.
    if status.success() { Ok(()) } else { std::process::exit(status.code().unwrap_or(1)) }
}
