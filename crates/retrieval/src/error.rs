//! Errors on the way from a run to its recommendations.

use anchorrec_data::{DataError, Modality};
use anchorrec_files::{counted, few, grouped, one_line};
use anchorrec_trainer::closed_forms::NotAgain;
use anchorrec_trainer::fusion::NoFusion;
use anchorrec_trainer::{ConfigError, TrainError};
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// An error on the way from a run to its recommendations.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RetrievalError {
    /// The data set cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The model cannot be built, or its weights cannot be read.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// The settings of the run are not understood.
    #[error("{path}: the settings of this run are not understood")]
    Settings {
        /// The file.
        path: PathBuf,
        /// What is wrong with the recorded settings.
        source: ConfigError,
    },
    /// A Parquet file cannot be read.
    #[cfg(feature = "parquet")]
    #[error(transparent)]
    Format(#[from] anchorrec_formats::FormatError),
    /// The folder holds no finished run.
    #[error(
        "{path}: expected the folder of a finished run, which holds report.json and identity.json: `anchorrec train` prints it as `report: ...`"
    )]
    NoRun {
        /// What was named.
        path: PathBuf,
    },
    /// The run in the folder has not come to its end.
    #[error(
        "{path}: this run is not finished: it is still being trained, or was interrupted; the `anchorrec train` command that began it finishes it \
         with --resume"
    )]
    Unfinished {
        /// What was named.
        path: PathBuf,
    },
    /// A file of the run is not what it should be.
    #[error("{path}: {problem}; {remedy}")]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong with the record.
        problem: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The weights are not those that the run wrote.
    #[error(
        "{path}: these weights are not those of the report: SHA-256 {found}, expected {expected}; train the run again with --restart"
    )]
    Damaged {
        /// The weights.
        path: PathBuf,
        /// By the report.
        expected: String,
        /// By the file.
        found: String,
    },
    /// Vectors have numbers that 16 bits do not hold.
    #[error(
        "16 bits hold numbers up to 65,504, and the vectors have {} beyond, up to {largest:.1e}: export 32 bits, without --half",
        counted(*count, "number", "numbers")
    )]
    TooLarge {
        /// How many.
        count: usize,
        /// The largest of them, without its sign; 0 where they are no numbers.
        largest: f32,
    },
    /// The run has not the seed that was asked for.
    #[error("{folder}: there is no run of seed {seed}: expected one of {}", few(seeds.iter().map(u64::to_string), seeds.len()))]
    NoSeed {
        /// The run's folder.
        folder: PathBuf,
        /// What was asked for.
        seed: u64,
        /// What there is.
        seeds: Vec<u64>,
    },
    /// The run has no fusion.
    #[error(
        "{folder}: this run was not fused with a closed form: give its `anchorrec train` command again with --fuse, which chooses the fusion on \
         validation and trains nothing again"
    )]
    NotFused {
        /// The run's folder.
        folder: PathBuf,
    },
    /// The fusion of the run cannot be computed again.
    #[error("{folder}: the fusion of this run cannot be computed again")]
    Fusion {
        /// The run's folder.
        folder: PathBuf,
        /// What is wrong.
        source: NoFusion,
    },
    /// A closed form was not judged.
    #[error("{path}: `{name}` was not evaluated: expected one of {}, or `anchorrec baselines` first", known.join(", "))]
    NoMethod {
        /// The record.
        path: PathBuf,
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// Nothing says which closed form is the best.
    #[error("{path}: nothing was evaluated on validation rows: name a method with --closed-form, one of {}", known.join(", "))]
    NoneChosen {
        /// The record.
        path: PathBuf,
        /// What there is.
        known: Vec<String>,
    },
    /// A closed form cannot be computed again.
    #[error("{path}: this closed form cannot be computed again")]
    ClosedForm {
        /// The record.
        path: PathBuf,
        /// What is wrong.
        source: NotAgain,
    },
    /// The data set of the run has moved.
    #[error("{dir}: the data set that the run was trained on is no longer there: name its folder with --data")]
    DataGone {
        /// The folder in which the data set was.
        dir: PathBuf,
    },
    /// The data set is another one.
    #[error("{dir}: this is not the data set that the run was trained on: {}", differences.join("; "))]
    OtherData {
        /// The folder.
        dir: PathBuf,
        /// What is different.
        differences: Vec<String>,
    },
    /// Ids that the data set does not know.
    #[error("{place}: {count} of {of} {kind} ids are not known to the data set: {shown}")]
    UnknownIds {
        /// Where they were found: a file, an option.
        place: String,
        /// `user` or `item`.
        kind: &'static str,
        /// The first few.
        shown: String,
        /// How many.
        count: usize,
        /// How many were looked up.
        of: usize,
    },
    /// Users of whom the model knows nothing.
    #[error(
        "{place}: {} of {} users have no training row, so the model knows nothing of them: {shown}", grouped(*count), grouped(*of)
    )]
    Untrained {
        /// Where they were named: a file, an option, an argument.
        place: String,
        /// How many.
        count: usize,
        /// How many were named.
        of: usize,
        /// The first few.
        shown: String,
    },
    /// Items whose features are not their own.
    #[error(
        "{place} {shown}: no {kind} features of its own in the space `{space}`, only the mean of the others ({file} lists such items)"
    )]
    NoFeatures {
        /// Where they were named: an option, an argument.
        place: String,
        /// The kind of features.
        kind: Modality,
        /// The first few.
        shown: String,
        /// The space.
        space: String,
        /// The file that lists such items.
        file: PathBuf,
    },
    /// Items without a direction.
    #[error("{place} {shown}: no direction in the space `{space}`, similar to nothing there")]
    NoDirection {
        /// Where they were named: an option, an argument.
        place: String,
        /// The first few.
        shown: String,
        /// The space.
        space: String,
    },
    /// Items that may and may not be recommended.
    #[error(
        "{} both allowed and denied: {shown}; take {} out of one of the two files",
        counted(*count, "item is", "items are"),
        if *count == 1 { "it" } else { "them" }
    )]
    AllowedAndDenied {
        /// The first few.
        shown: String,
        /// How many.
        count: usize,
    },
    /// Nothing is left to recommend.
    #[error("no item is left to recommend: {allowed} are allowed, and none of them remains")]
    NothingLeft {
        /// How many items were allowed.
        allowed: usize,
    },
    /// A space that the model has not.
    #[error("this model has no item space `{name}`: expected one of {}", known.join(", "))]
    NoSpace {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A row of a user's table is wrong.
    #[error("{path}:{line}: expected {expected}, found {found}")]
    Row {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What was expected.
        expected: String,
        /// What was found.
        found: String,
    },
    /// A table as a whole is not what it should be.
    #[error("{path}: expected {expected}, found {found}")]
    Table {
        /// The file.
        path: PathBuf,
        /// What was expected.
        expected: String,
        /// What was found.
        found: String,
    },
    /// A file could not be read or written.
    #[error("{path}: cannot {action}")]
    File {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system says.
        source: io::Error,
    },
}

/// Makes the error of a row of a CSV or TSV that cannot be taken apart.
pub(crate) fn row_error(path: &Path, error: &csv::Error) -> RetrievalError {
    let (expected, found) = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            (format!("as many fields as in the header, {expected_len}"), len.to_string())
        }
        _ => ("a row of a table".to_owned(), one_line(&error.to_string())),
    };
    RetrievalError::Row {
        path: path.to_owned(),
        line: error.position().map_or(1, csv::Position::line),
        expected,
        found,
    }
}

/// Makes the error of a file that could not be read or written.
pub(crate) fn file_error(path: &Path, action: &'static str) -> impl Fn(io::Error) -> RetrievalError + use<> {
    let path = path.to_owned();
    move |source| RetrievalError::File { path: path.clone(), action, source }
}
