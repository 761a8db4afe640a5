//! The `anchorrec` command: thin, it parses, calls the crates and prints.

mod ablate;
#[cfg(not(feature = "report"))]
mod absent;
mod analysis_table;
mod args;
mod check_data;
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
    let outcome = match args::Cli::parse().command {
        args::Command::Train(options) => train::run(&options),
        args::Command::Ablate(options) => ablate::run(&options),
        args::Command::Tune(options) => tune::run(&options),
        args::Command::CheckData(options) => check_data::run(&options),
        args::Command::Prepare(options) => prepare::run(&options),
        args::Command::Report(options) => report::run(&options),
        args::Command::PrepareAmazon(options) => prepare_amazon::run(&options),
        args::Command::EncodeText(options) => encode_text::run(&options),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
