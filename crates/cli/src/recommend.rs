//! `anchorrec recommend`: lists for users, by a trained model or by a closed form.

mod closed_form;
mod model;
mod options;
mod people;
mod written;

use crate::finished::check_place;
use anchorrec_files::counted;
use anchorrec_retrieval::closed_form::JudgedForms;
use anchorrec_retrieval::table::TableFormat;
use anyhow::{Result, bail};
use std::process::ExitCode;

#[cfg(feature = "serve")]
pub use closed_form::enough_memory;
pub use model::Scorer;
#[cfg(feature = "serve")]
pub use options::{CandidateOptions, WayOption};
pub use options::{ExcludeOption, RecommendOptions};
pub use written::write_lists;

/// Runs the command.
pub fn run(options: &RecommendOptions) -> Result<ExitCode> {
    if let Some(out) = &options.out {
        check_place("--out", out)?;
        options.reads().check("--out", out)?;
        TableFormat::of(out)?;
    }
    let handed = match JudgedForms::file(&options.run.run) {
        Some(path) => closed_form::run(options, &path)?,
        None if options.closed_form.is_some() => bail!(
            "{}: --closed-form: expected a closed-forms.json or the folder that holds it, `anchorrec baselines` prints it as `report: ...`",
            options.run.run.display()
        ),
        None => model::run(options)?,
    };
    handed.notes(options.items.top).iter().for_each(|note| eprintln!("note: {note}"));
    if let Some(out) = &options.out {
        println!("recommendations for {}: {}", counted(handed.lists, "user", "users"), out.display());
    }
    Ok(ExitCode::SUCCESS)
}
