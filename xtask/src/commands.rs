//! Commands that tasks start, and where the repository is.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Returns the top of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask is a folder of the repository").to_owned()
}

/// Returns where builds go, and what is made on the way.
pub fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// Returns the cargo that runs this task.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// `anchorrec <words>`, built in release mode with these features and no others. Cargo shows what it compiles; each set of
/// features is kept beside the others.
pub fn anchorrec(features: &[&str], words: &[&str]) -> Command {
    let mut command = cargo();
    command.args(["run", "--release", "--package", "anchorrec-cli", "--no-default-features", "--manifest-path"]);
    command.arg(root().join("Cargo.toml")).args(["--features", &features.join(",")]).arg("--").args(words);
    command
}

/// Runs a command to its end; what it was, when it fails.
pub fn run(command: &mut Command) -> Result<(), String> {
    let shown = format!("{command:?}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{shown}: {status}")),
        Err(error) => Err(format!("{shown}: {error}")),
    }
}

/// Becomes the command. Ctrl-C goes to all processes of a terminal's group, and a parent that it ends leaves its child alone with its last words: so there is no
/// parent.
#[cfg(unix)]
pub fn become_command(mut command: Command) -> Result<(), String> {
    use std::os::unix::process::CommandExt;
    Err(format!("cargo: {}", command.exec()))
}

/// Runs the command and passes its exit code on: it has said what was wrong.
#[cfg(not(unix))]
pub fn become_command(mut command: Command) -> Result<(), String> {
    let status = command.status().map_err(|e| format!("cargo: {e}"))?;
    if status.success() { Ok(()) } else { std::process::exit(status.code().unwrap_or(1)) }
}
