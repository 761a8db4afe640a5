//! Tasks of this repository, run as `cargo xtask <task>`. It depends on none of our crates, so it compiles in seconds.

mod bench;
mod check;
mod fuzz;
mod layering;
mod on_dataset;
mod outside;
mod prepare;
mod profiles;
mod report;
mod unsafe_code;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const HELP: &str = "\
Tasks of this repository: cargo xtask <task>

  reproduce <data set> [options]   build in release mode, find the data (or make its synthetic twin), train, judge, report;
                                   options are those of `anchorrec train` (`cargo xtask reproduce --help` lists them)
  ablate <data set> [options]      the same for AnchorRec without each of its parts and with controls, compared by paired tests beside
                                   the measures of collapse (`cargo xtask ablate --help` lists the options)
  tune <data set> [--model NAME] [--budget N]
                                   search for settings on validation, write the best into the data set's manifest
  prepare <data set> --raw FOLDER [options]
                                   build in release mode, make the ready data set of the raw public files of an Amazon category
                                   (`cargo xtask prepare --help` lists the options)
  report <path> ... [--out FILE]   build in release mode, make one page and its figures of the records of runs: folders with report.json
                                   or comparison.json (`cargo xtask report --help` says more)
  bench [--json FILE] [--only NAME]
                                   build in release mode, measure speed and memory beside goals and beside what this
                                   machine could reach (`cargo xtask bench --help` lists more)
  fuzz [--seconds N]               hostile files for every parser, N seconds each (60); needs cargo-fuzz
  check                            the gate: format, layering, unsafe code, supply chain, clippy, sanitizer, tests, text
                                   encoder, debug against release, documentation, fuzz targets

Data sets: the folders of datasets/.";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match args.split_first().map(|(task, rest)| (task.as_str(), rest)) {
        Some(("reproduce", rest)) => on_dataset::run("reproduce", "train", rest),
        Some((task @ ("ablate" | "tune"), rest)) => on_dataset::run(task, task, rest),
        Some(("prepare", rest)) => prepare::run_task(rest),
        Some(("report", rest)) => report::run(rest),
        Some(("bench", rest)) => bench::run(rest),
        Some(("fuzz", rest)) => fuzz::run(rest),
        Some(("check", [])) => check::run(),
        None | Some(("help" | "--help" | "-h", _)) => {
            println!("{HELP}");
            Ok(())
        }
        Some((task, _)) => Err(format!("there is no task `{task}` with these words\n\n{HELP}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// The top of the repository.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask is a folder of the repository").to_owned()
}

/// Where builds go, and what is made on the way.
fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The cargo that runs this task.
fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// `anchorrec <words>`, built in release mode with `features`.
fn anchorrec(features: Option<&str>, words: &[&str]) -> Command {
    let mut command = cargo();
    command.args(["run", "--release", "--quiet", "--package", "anchorrec-cli", "--manifest-path"]);
    command.arg(root().join("Cargo.toml"));
    if let Some(features) = features {
        command.args(["--features", features]);
    }
    command.arg("--").args(words);
    eprintln!("building in release mode (the first time takes a minute or two) ...");
    command
}

/// Runs a command to its end; what it was, when it fails.
fn run(command: &mut Command) -> Result<(), String> {
    let shown = format!("{command:?}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{shown}: {status}")),
        Err(error) => Err(format!("{shown}: {error}")),
    }
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
