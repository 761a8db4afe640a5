//! `anchorrec ablate`: variants of the default model on one data set, compared.

use crate::args::JobOptions;
use crate::comparison_table;
use crate::loaded::{self, Rows};
use crate::progress::Progress;
use crate::settings::{check_said, said};
use crate::{interrupt, machine};
use anchorrec_models::MODELS;
use anchorrec_trainer::ablation::Ablation;
use anyhow::Result;
use clap::Args;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct AblateOptions {
    #[command(flatten)]
    pub job: JobOptions,

    /// Train only these variants and the whole method; an unknown name lists all variants
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub only: Option<Vec<String>>,

    /// Train the other models as well, each with its own settings
    #[arg(long)]
    pub models: bool,
}

/// Runs the command. What was trained before is not trained again, so the same command continues after an interruption.
pub fn run(options: &AblateOptions) -> Result<ExitCode> {
    let stop = interrupt::flag()?;
    machine::set_up(&options.job.machine)?;
    check_said(None, &options.job.settings)?;
    let ablation = Ablation {
        models: MODELS,
        said: said(&options.job.settings)?,
        only: options.only.clone(),
        with_models: options.models,
        out: options.job.machine.out.clone(),
        checkpoint_every: options.job.machine.checkpoint_every,
        command: std::env::args().collect(),
    };
    // A name that is none is told before any data is read.
    ablation.wanted()?;
    let mut progress = Progress::new();
    let loaded = loaded::load(&options.job.data, Rows::Split, &mut progress)?;
    let ended = ablation.run(&loaded, &stop, &mut progress);
    progress.finish();
    let Some((comparison, path)) = ended? else {
        eprintln!("interrupted; nothing is lost. Go on with the same command");
        return Ok(ExitCode::from(interrupt::EXIT_CODE));
    };
    print!("{}", comparison_table::render(&comparison));
    loaded.notes.iter().for_each(|note| println!("note: {note}"));
    println!("comparison: {}", path.display());
    Ok(ExitCode::SUCCESS)
}
