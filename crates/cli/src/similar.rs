//! `anchorrec similar`: items that are like an item.

use crate::args::at_least_one;
use crate::finished::{RunOptions, load};
use crate::recommend::entries;
use crate::say::Output;
use anchorrec_data::few;
use anchorrec_retrieval::candidates::never;
use anchorrec_retrieval::similar::{similar, space};
use anchorrec_retrieval::table::{TableFormat, write};
use anchorrec_retrieval::{Ids, Trained};
use anyhow::{Result, bail};
use clap::Args;
use std::io::BufWriter;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct SimilarOptions {
    #[command(flatten)]
    pub run: RunOptions,

    /// The item to compare with, by its id; may be repeated
    #[arg(long, value_name = "ID", required = true)]
    pub item: Vec<String>,

    /// Where to compare: `final`, the vectors that score, or another of the model's spaces (`id`, `mm`, `text`, `vision`), or the features
    /// themselves (`raw_text`, `raw_vision`, `raw_mm`)
    #[arg(long, value_name = "SPACE", default_value = "final")]
    pub space: String,

    /// Items per list
    #[arg(long, value_name = "N", default_value = "10", value_parser = at_least_one)]
    pub top: usize,
}

/// Runs the command.
pub fn run(options: &SimilarOptions) -> Result<ExitCode> {
    let (_, Trained { dataset, trained, .. }) = load(&options.run)?;
    let wanted = Ids::of_items(&dataset).find_all("--item", options.item.iter().map(String::as_str))?;
    let positions = space(&*trained.model, &dataset.features, &options.space)?;
    let lists = similar(&positions, &wanted, options.top, &never(&dataset, None, &[])?);
    let nowhere: Vec<String> = wanted
        .iter()
        .zip(&lists)
        .filter(|(_, list)| list.is_empty())
        .map(|(&item, _)| dataset.item_name(item))
        .collect();
    if !nowhere.is_empty() {
        bail!(
            "--item {}: no direction in the space `{}`, similar to nothing there",
            few(&nowhere, nowhere.len()),
            options.space
        );
    }
    write(TableFormat::Csv, &mut BufWriter::new(Output::lock()), |add| {
        let mut both = wanted.iter().zip(&lists);
        both.try_for_each(|(&item, list)| add(&dataset.item_name(item), &entries(&dataset, list)))
    })?;
    Ok(ExitCode::SUCCESS)
}
