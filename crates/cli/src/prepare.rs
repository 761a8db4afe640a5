//! `anchorrec prepare`: from one's own files to a ready data set.

use crate::check_data::{FolderOptions, problems};
use anchorrec_data::grouped;
use anchorrec_prepare::own::{self, Own, Plan, SplitRule, write};
use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct PrepareOptions {
    #[command(flatten)]
    pub folder: FolderOptions,

    /// Folder to make
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,

    /// Name of the data set [default: the name of the folder to make]
    #[arg(long, value_parser = name)]
    pub name: Option<String>,

    /// Leave out users and items with fewer pairs, until none has; 0: keep all
    #[arg(long, value_name = "N", default_value = "0")]
    pub k_core: usize,

    /// How pairs are split into training, validation and test
    #[arg(long, default_value = "random")]
    pub split: SplitOption,

    /// Seed of the random split
    #[arg(long, default_value = "999")]
    pub seed: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SplitOption {
    /// Of each user at random
    Random,
    /// Of each user the latest
    UserTime,
    /// The latest of all
    GlobalTime,
}

impl From<SplitOption> for SplitRule {
    fn from(split: SplitOption) -> Self {
        match split {
            SplitOption::Random => SplitRule::Random,
            SplitOption::UserTime => SplitRule::UserTime,
            SplitOption::GlobalTime => SplitRule::GlobalTime,
        }
    }
}

/// A name becomes the name of files and folders.
fn name(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    if !text.is_empty() && !text.starts_with('.') && text.chars().all(plain) {
        Ok(text.to_owned())
    } else {
        Err("expected letters, digits, -, _ and ., not beginning with a .".to_owned())
    }
}

/// Runs the command.
pub fn run(options: &PrepareOptions) -> Result<ExitCode> {
    let given = match &options.name {
        Some(name) => name.clone(),
        None => {
            let folder = options.out.file_name().unwrap_or_default().to_string_lossy().into_owned();
            match name(&folder) {
                Ok(name) => name,
                Err(expected) => {
                    bail!("--out {}: {expected}, found another name: give one with --name", options.out.display())
                }
            }
        }
    };
    let foreign = match own::read(&options.folder.dir, &options.folder.options())? {
        Own::Foreign(foreign) => foreign,
        Own::Ready(dataset) => {
            let dir = dataset.dir.display();
            bail!("{dir}: is a ready data set already: train on it with `anchorrec train --data {dir}`");
        }
    };
    if foreign.source.wrong > 0 {
        let shown: Vec<String> = foreign.source.problems.iter().map(ToString::to_string).collect();
        return Ok(problems(&shown, foreign.source.wrong));
    }
    let plan = Plan {
        out: options.out.clone(),
        name: given,
        k_core: options.k_core,
        split: options.split.into(),
        seed: options.seed,
    };
    let made = write::prepare(&foreign, &plan)?;
    println!("{}: {} rows of {}", made.name, grouped(made.rows), foreign.source.path.display());
    println!(
        "  {} repeated rows left out, {} pairs outside the {}-core",
        grouped(made.repeats),
        grouped(made.outside_core),
        made.k_core
    );
    let [train, valid, test] = made.pairs.map(grouped);
    println!(
        "  {} users, {} items; {train} training, {valid} validation, {test} test pairs",
        grouped(made.users),
        grouped(made.items)
    );
    for (modality, width, missing) in &made.features {
        println!("  {modality} features of width {width}; {} items have the mean of the others", grouped(*missing));
    }
    made.notes.iter().for_each(|note| println!("note: {note}"));
    println!("ready: {}", options.out.display());
    println!("train with\n  anchorrec train --data {}", crate::interrupt::quoted(&options.out.display().to_string()));
    Ok(ExitCode::SUCCESS)
}
