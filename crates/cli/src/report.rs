//! `anchorrec report`: records of runs to a page for people, or to a table for other programs.

use crate::reads::Reads;
use anchorrec_files::atomic::write_atomic;
use anchorrec_files::disk::FileSystem;
use anchorrec_report::results::{ResultsFormat, USUAL, measures, table};
use anchorrec_report::{Skipped, home, page, read, write};
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct ReportOptions {
    /// Folders of runs, their report.json, or folders with a comparison.json. A folder without a record is skipped with a note, so shell patterns
    /// work: runs/amazon-sports/*/*
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,

    /// File to write: the HTML page, whose figures go to `figures` beside it [default: report.html in the first folder], or the table of
    /// --table [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Write a table of results instead of a page, models by measures with 95 % intervals over seeds: `csv` (all measures, unrounded), `markdown` or
    /// `latex` (a tabular that needs no package)
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub table: Option<FormatOption>,

    /// Test measures in a Markdown or LaTeX table
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', requires = "table", default_values = USUAL)]
    pub measures: Vec<String>,
}

/// A format of tables as an option.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum FormatOption {
    Csv,
    #[value(alias = "md")]
    Markdown,
    #[value(alias = "tex")]
    Latex,
}

/// Runs the command.
pub fn run(options: &ReportOptions) -> Result<ExitCode> {
    if let Some(out) = &options.out {
        let reads = options.paths.iter().fold(Reads::default(), |reads, path| reads.run(path, None));
        reads.check("--out", out)?;
    }
    let study = read(&options.paths)?;
    for Skipped { path, found } in &study.skipped {
        eprintln!("note: {}: skipped: {found}", path.display());
    }
    if let Some(format) = options.table {
        let format = match format {
            FormatOption::Csv => ResultsFormat::Csv,
            FormatOption::Markdown => ResultsFormat::Markdown,
            FormatOption::Latex => ResultsFormat::Latex,
        };
        let known = measures(&study);
        let is_asked = options.measures != USUAL;
        if let Some(unknown) = options.measures.iter().find(|name| is_asked && !known.contains(*name)) {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            bail!("--measures: none of these runs has a test `{unknown}`: expected some of {}", known.join(", "));
        }
        let text = table(&study, format, &options.measures);
        match &options.out {
            Some(path) => {
                let written = write_atomic(&FileSystem, path, |file| file.write_all(text.as_bytes()));
                written.with_context(|| format!("{}: cannot write", path.display()))?;
                println!("{}", path.display());
            }
            None => print!("{text}"),
        }
        return Ok(ExitCode::SUCCESS);
    }
    let shown = |path: &&PathBuf| study.skipped.iter().all(|skipped| skipped.path != **path);
    let first = options.paths.iter().find(shown).expect("a study has a record");
    let out = options.out.clone().unwrap_or_else(|| home(first).join("report.html"));
    let written = write(&page(&study), &out)?;
    for path in written {
        println!("{}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}
