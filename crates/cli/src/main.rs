//! The `anchorrec` command: thin, it parses, calls the crates and prints.

#[macro_use]
mod say;

mod ablate;
mod absent;
mod analysis_table;
mod args;
mod baselines;
#[cfg(feature = "prepare")]
mod check_data;
mod closed_forms_table;
mod command;
mod comparison_table;
mod earlier;
#[cfg(feature = "prepare")]
mod encode_text;
#[cfg(feature = "retrieval")]
mod evaluate;
#[cfg(feature = "baselines")]
mod every_model;
#[cfg(feature = "retrieval")]
mod export;
#[cfg(feature = "download")]
mod fetch;
#[cfg(feature = "retrieval")]
mod finished;
#[cfg(feature = "retrieval")]
mod from_run;
#[cfg(not(feature = "retrieval"))]
#[path = "from_run/absent.rs"]
mod from_run;
mod interrupt;
#[cfg(feature = "retrieval")]
mod lists;
mod loaded;
mod machine;
#[cfg(feature = "table")]
mod model_table;
#[cfg(feature = "retrieval")]
mod new_items;
#[cfg(feature = "prepare")]
mod prepare;
#[cfg(feature = "prepare")]
mod prepare_amazon;
mod progress;
mod reads;
#[cfg(feature = "retrieval")]
mod recommend;
#[cfg(feature = "report")]
mod report;
#[cfg(feature = "serve")]
mod serve;
mod settings;
#[cfg(feature = "retrieval")]
mod similar;
#[cfg(feature = "prepare")]
mod split;
mod table;
#[cfg(feature = "prepare")]
mod text_encoder;
mod train;
mod training;
mod tune;

#[cfg(all(feature = "prepare", not(feature = "download")))]
use absent::fetch;
#[cfg(not(feature = "table"))]
use absent::model_table;
#[cfg(not(feature = "report"))]
use absent::report;
#[cfg(not(feature = "serve"))]
use absent::serve;
#[cfg(not(feature = "prepare"))]
use absent::{check_data, encode_text, prepare, prepare_amazon};
#[cfg(not(feature = "retrieval"))]
use absent::{evaluate, export, lists, recommend, similar};
use clap::Parser;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: anchorrec_kernels::allocator::HugePages = anchorrec_kernels::allocator::HugePages;

fn main() -> ExitCode {
    anchorrec_kernels::allocator::keep_freed_memory();
    #[cfg(feature = "parquet")]
    anchorrec_formats::guard::quiet();
    match command::Cli::parse().command.run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
