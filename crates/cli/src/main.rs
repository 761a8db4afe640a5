//! The `anchorrec` command: thin, it parses, calls the crates and prints.

mod args;
mod check_data;
mod interrupt;
mod prepare;
mod prepare_amazon;
mod progress;
mod recommendations;
mod report;
mod source;
mod table;
mod train;

use clap::Parser;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: anchorrec_kernels::allocator::HugePages = anchorrec_kernels::allocator::HugePages;

fn main() -> ExitCode {
    anchorrec_kernels::allocator::keep_freed_memory();
    let outcome = match args::Cli::parse().command {
        args::Command::Train(options) => train::run(&options),
        args::Command::CheckData(options) => check_data::run(&options),
        args::Command::Prepare(options) => prepare::run(&options),
        args::Command::Report(options) => report::run(&options),
        args::Command::PrepareAmazon(options) => prepare_amazon::run(&options),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
