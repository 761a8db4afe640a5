//! `cargo xtask`: says which Rust is needed where the installed one is too old, else builds and runs the tasks.
//!
//! Written for compilers of years ago: an old cargo stops at the manifests of the workspace with a message about editions.

#[path = "../../src/toolchain.rs"]
mod toolchain;

use std::env;
use std::path::{Path, PathBuf};
use std::process::{exit, Command};

fn main() {
    let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join("..");
    if let Err(message) = toolchain::check(&root) {
        eprintln!("error: {}", message);
        exit(1);
    }
    let mut tasks = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    tasks.args(&["run", "--quiet", "--package", "xtask", "--manifest-path"]).arg(root.join("Cargo.toml"));
    run(tasks.arg("--").args(env::args_os().skip(1)));
}

/// Ctrl-C goes to all processes of a terminal's group, and a parent that it ends leaves its child alone with its last words: so there is no
/// parent.
#[cfg(unix)]
fn run(tasks: &mut Command) {
    use std::os::unix::process::CommandExt;
    eprintln!("error: cargo: {}", tasks.exec());
    exit(1);
}

/// The tasks said what was wrong; their exit code is passed on.
#[cfg(not(unix))]
fn run(tasks: &mut Command) {
    match tasks.status() {
        Ok(status) => exit(status.code().unwrap_or(1)),
        Err(error) => eprintln!("error: cargo: {}", error),
    }
    exit(1);
}
