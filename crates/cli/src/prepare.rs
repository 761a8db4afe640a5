//! `anchorrec prepare`: from your own files to a ready data set.

use crate::check_data::{FolderOptions, problems};
use crate::split::SplitOptions;
use crate::text_encoder;
use anchorrec_prepare::own::{self, Own, Plan, write};
use anchorrec_prepare::steps::Step;
use anyhow::{Result, bail};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct PrepareOptions {
    #[command(flatten)]
    pub folder: FolderOptions,

    /// Output folder; replaced if it was prepared before
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,

    /// Name of the data set [default: the name of the output folder]
    #[arg(long, value_parser = write::name)]
    pub name: Option<String>,

    /// k-core: drop users and items with fewer than N interactions, repeatedly, until every one has N; 0: keep all
    #[arg(long, value_name = "N", default_value = "0")]
    pub k_core: usize,

    #[command(flatten)]
    pub split: SplitOptions,

    /// Make text features from a column of texts (--text FILE:COLUMN): encode them with the model in this folder, as `anchorrec encode-text` does
    #[arg(long, value_name = "DIR", requires = "text")]
    pub text_model: Option<PathBuf>,

    /// Download missing files of the model and verify existing ones; without this option nothing is downloaded
    #[arg(long, requires = "text_model")]
    pub download: bool,

    /// Keep items that have features but no interaction, as candidates of the ranking
    #[arg(long)]
    pub keep_new_items: bool,

    /// Fail if anything is ignored, guessed, merged, dropped or filled in
    #[arg(long)]
    pub strict: bool,
}

/// Runs the command.
pub fn run(options: &PrepareOptions) -> Result<ExitCode> {
    let given = match &options.name {
        Some(name) => name.clone(),
        None => {
            let folder = options.out.file_name().unwrap_or_default().to_string_lossy().into_owned();
            match write::name(&folder) {
                Ok(name) => name,
                Err(expected) => {
                    bail!("--out {}: {expected}, found another name: give one with --name", options.out.display())
                }
            }
        }
    };
    options.folder.reads().check_folder("--out", &options.out)?;
    // Before anything is read: whether there is a model.
    let encoder = options.text_model.as_ref().map(|model| text_encoder::open(model, options.download)).transpose()?;
    let mut folder = options.folder.options();
    if let Some(column) = options.split.column() {
        if folder.reading.columns.part.as_ref().is_some_and(|other| other != column) {
            bail!("--split column:{column} and --split-column name two columns: leave one of them out");
        }
        folder.reading.columns.part = Some(column.clone());
    }
    let mut foreign = match own::read(&options.folder.dir, &folder)? {
        Own::Foreign(foreign) => foreign,
        Own::Ready(dataset) => {
            let dir = dataset.dir.display();
            bail!("{dir}: is a ready data set already: train on it with `anchorrec train --data {dir}`");
        }
    };
    if foreign.source.wrong > 0 {
        return Ok(problems(&foreign.source.problem_lines()));
    }
    let is_split = !foreign.source.events.parts.is_empty();
    let plan = Plan {
        out: options.out.clone(),
        name: given,
        k: options.k_core,
        split: options.split.rule(is_split).map_err(anyhow::Error::msg)?,
        keep_new_items: options.keep_new_items,
        strict: options.strict,
    };
    println!("{}: {} to {}", plan.name, foreign.source.path.display(), plan.out.display());
    println!("{}", Step::head());
    if let Some(encoder) = &encoder {
        foreign.encode_texts(|texts| -> Result<_> { Ok(text_encoder::encode(encoder, texts)?) })?;
    }
    let made = write::prepare(*foreign, &plan, &mut |step| println!("{step}"))?;
    let widths: Vec<String> = made.features.iter().map(|made| format!("{} {}", made.modality, made.width)).collect();
    println!("feature widths: {}", if widths.is_empty() { "none".to_owned() } else { widths.join(", ") });
    made.notes.iter().for_each(|note| println!("note: {note}"));
    println!("ready: {}", options.out.display());
    println!("train with\n  anchorrec train --data {}", crate::interrupt::quoted(&options.out.display().to_string()));
    Ok(ExitCode::SUCCESS)
}
