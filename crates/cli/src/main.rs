//! The `anchorrec` command: thin, it parses, calls the crates and prints.

mod args;
mod interrupt;
mod progress;
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
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
