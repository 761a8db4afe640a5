//! `anchorrec recommend`: lists for users, by a trained model or by a closed form.

mod closed_form;
mod model;
mod options;
mod people;
mod written;

use crate::finished::{check_not_read, check_place};
use anchorrec_files::counted;
use anchorrec_retrieval::closed_form::JudgedForms;
use anchorrec_retrieval::table::TableFormat;
use anyhow::{Result, bail};
use std::process::ExitCode;

#[cfg(feature = "serve")]
pub use closed_form::enough_memory;
pub use model::Scorer;
pub use options::{CandidateOptions, ExcludeOption, RecommendOptions, WayOption};
pub use written::write_lists;

/// Runs the command.
pub fn run(options: &RecommendOptions) -> Result<ExitCode> {
    if let Some(out) = &options.out {
        check_place("--out", out)?;
        let CandidateOptions { allow, deny } = &options.items.candidates;
        let read = [&options.users, &options.new_users, allow, deny];
        check_not_read("--out", out, read.into_iter().flatten().map(|path| path.as_path()))?;
        TableFormat::of(out)?;
    }
    let (count, short) = match JudgedForms::file(&options.run.run) {
        Some(path) => closed_form::run(options, &path)?,
        None if options.closed_form.is_some() => bail!(
            "{}: --closed-form: expected a closed-forms.json or the folder that holds it, `anchorrec baselines` prints it as `report: ...`",
            options.run.run.display()
        ),
        None => model::run(options)?,
    };
    let top = options.items.top;
    if short > 0 {
        eprintln!("note: {} fewer than {top} items left and a shorter list", counted(short, "user has", "users have"));
    }
    if let Some(out) = &options.out {
        println!("recommendations for {}: {}", counted(count, "user", "users"), out.display());
    }
    Ok(ExitCode::SUCCESS)
}
