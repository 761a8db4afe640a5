//! `cargo xtask bench`: speed and memory of training, each beside its goal and beside what this machine could reach.
//!
//! | module | what |
//! |---|---|
//! | [`rows`] | the figures that are promised: names, units, goals |
//! | [`limit`] | what the machine could reach: bytes over bandwidth, operations over the peak |
//! | [`machine`] | that bandwidth and that peak by loops in registers, measured in the same run |
//! | [`suite`] | which measurement gives which figure |
//! | [`child`] | each measurement in a process of its own, so that memory and allocator are its own |
//! | [`training`] | a run of [`anchorrec_trainer::Job`] with a clock beside it, as a user would start it |
//! | [`electronics`] | a few steps at a size that no file here has |
//! | [`knn`], [`ranking`], [`kernels`] | parts of a run alone |
//! | [`serving`] | lists for all users, a new user and a large catalogue |
//! | [`growth`] | twice the interactions, items or width |
//! | [`report`], [`table`] | the same figures for a machine and for a person |

mod answer;
mod args;
mod child;
mod config;
mod electronics;
mod growth;
mod kernels;
mod knn;
mod limit;
mod machine;
mod ranking;
mod report;
mod rows;
mod sample;
mod serving;
mod shape;
mod steps;
mod suite;
mod table;
mod training;
mod twin_folder;

use anyhow::{Context, Result};
use clap::Parser;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: anchorrec_kernels::allocator::HugePages = anchorrec_kernels::allocator::HugePages;

fn main() -> ExitCode {
    // As the command does at its start.
    anchorrec_kernels::allocator::keep_freed_memory();
    let options = args::Options::parse();
    let outcome = match &options.task {
        Some(task) => child::perform(task),
        None => run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &args::Options) -> Result<()> {
    let only = rows::Only::parse(options.only.as_deref())?;
    let report = suite::run(options, only)?;
    print!("{}", table::render(&report));
    if let Some(path) = &options.json {
        let json = serde_json::to_string_pretty(&report).context("the report as JSON")?;
        std::fs::write(path, json + "\n").with_context(|| format!("{}: cannot write", path.display()))?;
    }
    Ok(())
}
