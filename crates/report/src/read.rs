//! From paths to records: a run's folder, its `report.json`, a folder with `comparison.json` or `closed-forms.json`, in any number.

use crate::error::ReportError;
use anchorrec_data::error::one_line;
use anchorrec_records::analysis::Analysis;
use anchorrec_records::comparison::Comparison;
use anchorrec_records::{ClosedFormsReport, Report};
use serde::de::DeserializeOwned;
use std::fs;
use std::path::{Path, PathBuf};

/// Everything that one page shows.
#[derive(Clone, Debug, Default)]
pub struct Study {
    /// Comparisons of variants.
    pub comparisons: Vec<Comparison>,
    /// Runs, in the order of their paths; of a comparison, the reference.
    pub runs: Vec<Run>,
    /// Methods without training, a record for each data set.
    pub closed_forms: Vec<ClosedFormsReport>,
    /// Paths that were skipped, since others have records.
    pub skipped: Vec<Skipped>,
}

/// A path without a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The path, as it was named.
    pub path: PathBuf,
    /// What is there instead.
    pub found: &'static str,
}

/// A run with what was found out about it.
#[derive(Clone, Debug)]
pub struct Run {
    /// The run's folder, as it was named.
    pub folder: PathBuf,
    /// The run's record.
    pub report: Report,
    /// Analyses of its seeds, in the order of its runs; those that are there.
    pub analyses: Vec<Analysis>,
    /// What a reader should know about the files.
    pub notes: Vec<String>,
}

/// Returns the folder that a path of the command means: where the page goes by default.
pub fn home(path: &Path) -> PathBuf {
    match path.extension() {
        Some(extension) if extension == "json" => path.parent().unwrap_or(Path::new("")).to_owned(),
        _ => path.to_owned(),
    }
}

/// Reads the records that the paths lead to. A folder that several paths name is shown once.
///
/// A pattern of a shell matches whatever is beside the runs: unfinished ones, trials of a search, pages. Such paths are
/// [skipped](Study::skipped) if others have records.
///
/// # Errors
/// When a path does not exist, none leads to a record, or a record is not what it should be.
pub fn read(paths: &[PathBuf]) -> Result<Study, ReportError> {
    let mut study = Study::default();
    for path in paths {
        let folder = home(path);
        let named = |name: &str| path.file_name().is_some_and(|found| found == name);
        let wants = |name: &str| (named(name) || folder == *path) && folder.join(name).is_file();
        let (comparison, report, closed_forms) =
            (wants("comparison.json"), wants("report.json"), wants("closed-forms.json"));
        if comparison {
            let comparison: Comparison = record(&folder.join("comparison.json"), "a comparison")?;
            let reference = comparison.variants.iter().find(|variant| variant.name == comparison.reference);
            if let Some(reference) = reference.map(|variant| folder.join(&variant.folder))
                && reference.join("report.json").is_file()
            {
                study.add(run(&reference)?);
            }
            study.comparisons.push(comparison);
        }
        if report {
            study.add(run(&folder)?);
        }
        if closed_forms {
            study.closed_forms.push(record(&folder.join("closed-forms.json"), "methods without training")?);
        }
        if !comparison && !report && !closed_forms {
            if !path.exists() {
                return Err(ReportError::NoRecord { path: path.clone() });
            }
            study.skipped.push(Skipped { path: path.clone(), found: instead(path) });
        }
    }
    match study.skipped.first() {
        Some(first) if study.skipped.len() == paths.len() => Err(ReportError::NoRecord { path: first.path.clone() }),
        _ => Ok(study),
    }
}

/// What is found instead of a record, as far as names tell.
fn instead(path: &Path) -> &'static str {
    let Ok(entries) = fs::read_dir(path) else { return "no record of a run" };
    let names: Vec<String> = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    if names.iter().any(|name| name == "trial") {
        "a trial of a search, which has no report.json"
    } else if names.iter().any(|name| name.starts_with("seed-")) {
        "a run that has not ended, so it has no report.json"
    } else {
        "no record of a run"
    }
}

impl Study {
    fn add(&mut self, run: Run) {
        let place = |folder: &Path| fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        if self.runs.iter().all(|known| place(&known.folder) != place(&run.folder)) {
            self.runs.push(run);
        }
    }
}

fn run(folder: &Path) -> Result<Run, ReportError> {
    let report: Report = record(&folder.join("report.json"), "a run's report")?;
    let (mut analyses, mut notes) = (Vec::new(), Vec::new());
    for run in &report.runs {
        let path = folder.join(format!("seed-{}.analysis.json", run.seed));
        if !path.is_file() {
            continue;
        }
        let analysis: Analysis = record(&path, "the analysis of a run")?;
        check(&path, &analysis)?;
        if analysis.weights_sha256 == run.checkpoint_sha256 {
            analyses.push(analysis);
        } else {
            notes.push(format!(
                "The analysis of seed {} is of other weights than the report, and is left out.",
                run.seed
            ));
        }
    }
    Ok(Run { folder: folder.to_owned(), report, analyses, notes })
}

/// The map is a table for each space: everything is drawn by place.
fn check(path: &Path, analysis: &Analysis) -> Result<(), ReportError> {
    let map = &analysis.map;
    let width = map.spaces.iter().flat_map(|space| &space.positions).map(Vec::len).next().unwrap_or(0);
    for space in &map.spaces {
        let wrong = |expected: String, found: String| {
            let place = format!("map, space `{}`", one_line(&space.name));
            Err(ReportError::Inconsistent { path: path.to_owned(), place, expected, found })
        };
        if space.positions.len() != map.items.len() {
            return wrong(
                format!("a position for each of {} items", map.items.len()),
                space.positions.len().to_string(),
            );
        }
        if let Some(other) = space.positions.iter().find(|position| position.len() != width || width == 0) {
            return wrong(format!("positions of one width, {width} in the first"), other.len().to_string());
        }
        if space.positions.iter().flatten().any(|number| !number.is_finite()) {
            return wrong("finite numbers".to_owned(), "another one".to_owned());
        }
    }
    Ok(())
}

fn record<T: DeserializeOwned>(path: &Path, expected: &'static str) -> Result<T, ReportError> {
    let bytes = fs::read(path).map_err(|source| ReportError::Io { path: path.to_owned(), action: "read", source })?;
    serde_json::from_slice(&bytes).map_err(|error| ReportError::Malformed {
        path: path.to_owned(),
        line: error.line(),
        column: error.column(),
        expected,
        found: one_line(&error.to_string()),
    })
}
