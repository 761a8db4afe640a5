//! Tasks of this repository, run as `cargo xtask <task>`. It depends on none of our crates, so it compiles in seconds.

mod bench;
mod check;
mod fuzz;
mod gate;
mod layering;
mod nearest;
mod on_dataset;
mod outside;
mod prepare;
mod profiles;
mod report;
#[cfg(test)]
mod toolchain;
mod unsafe_code;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const HELP: &str = "\
Tasks of this repository: cargo xtask <task>

  reproduce <data set> [options]   build, find the data (or make its synthetic twin), train, evaluate, report; options are those
                                   of `anchorrec train` (`cargo xtask reproduce --help` lists them)
  ablate <data set> [options]      the same for AnchorRec without each of its parts and with controls, compared by paired tests beside
                                   the measures of collapse (`cargo xtask ablate --help` lists the options)
  tune <data set> [--model NAME] [--budget N]
                                   search for settings on validation, write the best into the data set's manifest
  prepare <data set> --raw FOLDER [options]
                                   prepare a data set from the raw public files of an Amazon category
                                   (`cargo xtask prepare --help` lists the options)
  report <path> ... [--out FILE]   generate an HTML report and its figures from runs: folders with report.json or comparison.json
                                   (`cargo xtask report --help` says more)
  bench [--json FILE] [--only NAME]
                                   measure speed and memory beside goals and beside what this machine could reach
                                   (`cargo xtask bench --help` lists more)
  check                            the test command: format, layering, unsafe code, clippy, tests, documentation
  check --deep                     all of that and what takes long: hundreds of kills, sanitizer, fuzzing, LAPACK, PNG figures, the text
                                   encoder, debug against release, the real data sets; says what it had to skip
  fuzz [--seconds N]               hostile files for every parser, N seconds each (60); needs cargo-fuzz

Data sets: the folders of datasets/. What a task needs of the program it builds first, in release mode.";

/// The tasks, for whoever misspells one.
const TASKS: [&str; 9] = ["reproduce", "ablate", "tune", "prepare", "report", "bench", "check", "fuzz", "help"];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match args.split_first().map(|(task, rest)| (task.as_str(), rest)) {
        Some(("reproduce", rest)) => on_dataset::run("reproduce", "train", rest),
        Some((task @ ("ablate" | "tune"), rest)) => on_dataset::run(task, task, rest),
        Some(("prepare", rest)) => prepare::run_task(rest),
        Some(("report", rest)) => report::run(rest),
        Some(("bench", rest)) => bench::run(rest),
        Some(("fuzz", rest)) => fuzz::run(rest),
        Some(("check", rest)) => check::run(rest),
        None | Some(("help" | "--help" | "-h", _)) => {
            println!("{HELP}");
            Ok(())
        }
        Some((task, _)) => {
            Err(format!("{} (`cargo xtask help` says what each does)", nearest::unknown("task", task, TASKS)))
        }
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

/// `anchorrec <words>`, built in release mode with these features and no others. Cargo shows what it compiles; each set of
/// features is kept beside the others.
fn anchorrec(features: &[&str], words: &[&str]) -> Command {
    let mut command = cargo();
    command.args(["run", "--release", "--package", "anchorrec-cli", "--no-default-features", "--manifest-path"]);
    command.arg(root().join("Cargo.toml")).args(["--features", &features.join(",")]).arg("--").args(words);
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
