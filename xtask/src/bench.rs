//! `cargo xtask bench`: `anchorrec-bench`, built in release mode.

use crate::{cargo, root, target_dir};
use std::process::Stdio;

/// Builds and runs; the options go through unread.
pub fn run(options: &[String]) -> Result<(), String> {
    let root = root();
    // Synthetic data lie where builds go, and go with `cargo clean`.
    let mut command = cargo();
    command.args(["run", "--release", "--package", "anchorrec-bench", "--manifest-path"]);
    command.arg(root.join("Cargo.toml")).arg("--");
    command.arg("--datasets").arg(root.join("datasets")).arg("--folder").arg(target_dir().join("bench"));
    let status = command.args(options).stdin(Stdio::null()).status().map_err(|e| format!("cargo: {e}"))?;
    // The program said what was wrong; its exit code is passed on.
    if status.success() { Ok(()) } else { std::process::exit(status.code().unwrap_or(1)) }
}
