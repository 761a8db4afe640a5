//! The `anchorrec` command: thin, it parses, calls the crates and prints.

mod ablate;
#[cfg(not(feature = "report"))]
mod absent;
mod analysis_table;
mod args;
mod check_data;
mod command;
mod comparison_table;
mod encode_text;
mod fetch;
mod interrupt;
mod loaded;
mod machine;
mod prepare;
mod prepare_amazon;
mod progress;
mod recommendations;
#[cfg(feature = "report")]
mod report;
#[cfg(not(feature = "report"))]
#[path = "absent/report.rs"]
mod report;
mod settings;
mod source;
mod split;
mod table;
mod text_encoder;
mod train;
mod training;
mod tune;

use clap::Parser;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: anchorrec_kernels::allocator::HugePages = anchorrec_kernels::allocator::HugePages;

fn main() -> ExitCode {
    anchorrec_kernels::allocator::keep_freed_memory();
    match command::Cli::parse().command.run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
