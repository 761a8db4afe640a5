//! The steps of a table, in the order in which they are computed.
//!
//! Data sets follow one another. On each, the methods without training come first, then every model under its published settings, so that there soon is a table
//! to read; then every model's search and the runs of the settings that it chose.

use crate::declaration::{Declaration, DeclaredDataset, DeclaredModel};
use crate::error::TableError;
use crate::results::Results;
use anchorrec_records::ClosedFormRows;
use anchorrec_trainer::config_layers::nearest;
use std::fmt::{self, Display, Formatter};

/// What a step computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    /// The methods without training.
    ClosedForms,
    /// The runs under the published settings.
    Published,
    /// The search for settings.
    Search,
    /// The runs under the settings that the search chose.
    Tuned,
}

/// One step: what a child process does from its beginning to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The data set.
    pub dataset: String,
    /// The name of the row; empty for the methods without training.
    pub row: String,
    /// What is computed.
    pub task: Task,
}

impl Display for Step {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        let Step { dataset, row, task } = self;
        match task {
            Task::ClosedForms => write!(f, "{dataset}, methods without training"),
            Task::Published => write!(f, "{dataset}, {row}, published settings"),
            Task::Search => write!(f, "{dataset}, {row}, search"),
            Task::Tuned => write!(f, "{dataset}, {row}, tuned settings"),
        }
    }
}

impl Step {
    /// Returns whether the step's result is there, or can never be.
    pub fn is_done(&self, results: &Results) -> bool {
        let of = results.model(&self.dataset, &self.row);
        let refused = of.is_some_and(|of| of.refused.is_some());
        match self.task {
            // An earlier version did not look at their lists; that takes minutes.
            Task::ClosedForms => results.closed_forms(&self.dataset).is_some_and(ClosedFormRows::is_complete),
            Task::Published => refused || of.is_some_and(|of| of.published.is_some()),
            Task::Search => refused || of.is_some_and(|of| of.search.is_some()),
            Task::Tuned => refused || of.is_some_and(|of| of.tuned.is_some()),
        }
    }

    /// Returns whether everything is there that the step needs.
    pub fn is_ready(&self, results: &Results) -> bool {
        let has_search = || results.model(&self.dataset, &self.row).is_some_and(|of| of.search.is_some());
        self.task != Task::Tuned || has_search()
    }
}

/// The part of a declaration that is asked for.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The data sets.
    pub datasets: Vec<&'a DeclaredDataset>,
    /// The rows.
    pub models: Vec<&'a DeclaredModel>,
    /// Whether the methods without training are asked for.
    pub closed_forms: bool,
}

/// Returns what is asked for: the data sets and rows of these names, all of them where none is named.
///
/// # Errors
/// When a name is none; it says the nearest.
pub fn asked<'a>(declaration: &'a Declaration, datasets: &[String], rows: &[String]) -> Result<Asked<'a>, TableError> {
    let check =
        |option, what, words: &[String], known: Vec<String>| match words.iter().find(|word| !known.contains(word)) {
            Some(word) => Err(TableError::Unknown { option, what, word: word.clone(), nearest: nearest(word, &known) }),
            None => Ok(()),
        };
    check("--only", "data set", datasets, declaration.dataset_names())?;
    check("--models", "model", rows, declaration.row_names())?;
    let is_asked = |words: &[String], name: &String| words.is_empty() || words.contains(name);
    Ok(Asked {
        datasets: declaration.datasets.iter().filter(|dataset| is_asked(datasets, &dataset.name)).collect(),
        models: declaration.models.iter().filter(|model| is_asked(rows, &model.name)).collect(),
        closed_forms: rows.is_empty(),
    })
}

/// Returns the steps of what is asked for, in order.
pub fn steps(asked: &Asked) -> Vec<Step> {
    let mut steps = Vec::new();
    for dataset in &asked.datasets {
        let step = |row: &str, task| Step { dataset: dataset.name.clone(), row: row.to_owned(), task };
        steps.extend(asked.closed_forms.then(|| step("", Task::ClosedForms)));
        steps.extend(asked.models.iter().map(|model| step(&model.name, Task::Published)));
        for model in &asked.models {
            steps.extend([Task::Search, Task::Tuned].map(|task| step(&model.name, task)));
        }
    }
    steps
}
