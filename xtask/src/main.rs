//! Tasks of this repository, run as `cargo xtask <task>`. It depends on none of our crates, so it compiles in seconds.

mod bench;
mod beside;
mod check;
mod commands;
mod doc_comments;
mod documents;
mod english;
mod errors;
mod examples;
mod fuzz;
mod gate;
mod layering;
mod model_names;
mod nearest;
mod on_dataset;
mod outside;
mod packaging;
mod passed;
mod prepare;
mod profiles;
mod promises;
mod report;
mod serving;
mod stand_alone;
mod table;
#[cfg(test)]
mod toolchain;
mod unsafe_code;

use commands::{anchorrec, become_command, cargo, root, run, target_dir};
use std::ffi::OsString;
use std::process::ExitCode;

const HELP: &str = "\
Tasks of this repository: cargo xtask <task>

  reproduce <data set> [options]   build, find the data (or make its synthetic twin), train, evaluate, report; options are those
                                   of `anchorrec train` (`cargo xtask reproduce --help` lists them); with --model all, every model
                                   and the methods without training, in one table and on one page
  ablate <data set> [options]      the same for the first model without each of its parts and with controls, compared by paired tests beside
                                   the measures of collapse (`cargo xtask ablate --help` lists the options)
  tune <data set> [--model NAME] [--budget N]
                                   search for settings on validation, write the best into the data set's manifest
  table [--only NAME,...] [--models NAME,...] [--jobs N] [--dry-run] [--write-only] [--program FILE]
                                   compute the table of all models that datasets/table.toml declares, each step by a child process, and write
                                   docs/results/, docs/results.md and docs/results.html; interrupted anywhere, the same command continues (`cargo
                                   xtask table --help` says more). --program: an `anchorrec` that is built already
  prepare <data set> --raw FOLDER [options]
                                   prepare a data set from the raw public files of an Amazon category
                                   (`cargo xtask prepare --help` lists the options)
  report <path> ... [--out FILE]   generate an HTML report and its figures from runs: folders with report.json or comparison.json
                                   (`cargo xtask report --help` says more)
  bench [--json FILE] [--only NAME]
                                   measure speed and memory beside goals and beside what this machine could reach
                                   (`cargo xtask bench --help` lists more)
  check                            the test command: format, layering, unsafe code, clippy, tests, documentation; tests that passed before
                                   and see nothing that has changed are not run again (--again runs them all)
  check --deep                     all of that and what takes long: hundreds of kills, sanitizer, fuzzing, LAPACK, PNG figures, the text
                                   encoder, the Python wheel, the server by a client and in a browser, debug against release, the real data sets; says what it had to skip
  fuzz [--seconds N]               hostile files for every parser, N seconds each (60); needs cargo-fuzz

Data sets: the folders of datasets/. What a task needs of the program it builds first, in release mode.";

/// The tasks, to suggest one for a misspelt name.
const TASKS: [&str; 10] =
    ["reproduce", "ablate", "tune", "table", "prepare", "report", "bench", "check", "fuzz", "help"];

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    if words.first().is_some_and(|word| word == passed::TASK) {
        return passed::run(&words[1..]).unwrap_or_else(failed);
    }
    let args: Vec<String> = words.into_iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let outcome = match args.split_first().map(|(task, rest)| (task.as_str(), rest)) {
        Some(("reproduce", rest)) => on_dataset::run("reproduce", "train", rest),
        Some((task @ ("ablate" | "tune"), rest)) => on_dataset::run(task, task, rest),
        Some(("table", rest)) => table::run(rest),
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
    outcome.map_or_else(failed, |()| ExitCode::SUCCESS)
}

fn failed(message: String) -> ExitCode {
    eprintln!("error: {message}");
    ExitCode::FAILURE
}
