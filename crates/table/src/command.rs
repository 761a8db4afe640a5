//! The command line of a step: ordinary words of `anchorrec`, which anybody can repeat.

use crate::declaration::{Declaration, DeclaredDataset, DeclaredModel};
use crate::plan::Task;
use anchorrec_records::table::SearchRecord;
use std::path::{Path, PathBuf};

/// Where steps find data and leave runs.
#[derive(Clone, Debug)]
pub struct Places {
    /// The folder of the manifests.
    pub datasets: PathBuf,
    /// The folder for runs.
    pub out: PathBuf,
}

impl Places {
    /// Returns the folder for the runs of a row. Every row has its own, so that no run is taken for another row's interrupted one.
    pub fn of_row(&self, row: &str) -> PathBuf {
        self.out.join(row)
    }

    /// Returns the folder for the methods without training.
    pub fn of_closed_forms(&self) -> PathBuf {
        self.out.join(anchorrec_records::table::CLOSED_FORMS)
    }
}

/// Returns the words of the step that evaluates the methods without training.
pub fn closed_forms(places: &Places, dataset: &DeclaredDataset) -> Vec<String> {
    let mut words = begin("baselines", places, dataset);
    words.extend(["--analyse".to_owned(), "--out".to_owned(), shown(&places.of_closed_forms())]);
    words
}

/// Returns the words of a step of a model; `search` is what its search has found, for the runs that come after it.
///
/// # Panics
/// When the step comes after a search, and there is none.
pub fn of_model(
    places: &Places,
    declaration: &Declaration,
    dataset: &DeclaredDataset,
    model: &DeclaredModel,
    task: Task,
    search: Option<&SearchRecord>,
) -> Vec<String> {
    let protocol = declaration.protocol(dataset, model);
    let mut words = begin(if task == Task::Search { "tune" } else { "train" }, places, dataset);
    let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
    let seeds = if task == Task::Search { &protocol.seeds[..1] } else { &protocol.seeds[..] };
    option("--model", protocol.model.clone());
    option("--seeds", seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(","));
    option("--epochs", protocol.epochs.to_string());
    option("--patience", protocol.patience.to_string());
    option("--set", format!("train.evaluate_every={}", protocol.evaluate_every));
    settings(&protocol.settings, &mut option);
    match task {
        Task::Search => {
            protocol.ranges.iter().for_each(|range| option("--range", range.clone()));
            option("--strategy", "rising".to_owned());
            option("--budget", protocol.trials.to_string());
            option("--search-seed", protocol.search_seed.to_string());
            option("--parallel", "1".to_owned());
        }
        Task::Published => settings(&protocol.published, &mut option),
        Task::Tuned => settings(chosen(search.expect("a search before the runs of its settings")), &mut option),
        Task::ClosedForms => unreachable!("no model"),
    }
    option("--out", shown(&places.of_row(&model.name)));
    let flags: &[&str] = match task {
        Task::Search => &["--dry-run"],
        Task::Tuned if protocol.fuse => &["--untuned", "--analyse", "--fuse", "--resume"],
        _ => &["--untuned", "--analyse", "--resume"],
    };
    words.extend(flags.iter().map(|&flag| flag.to_owned()));
    words
}

/// Returns the settings that a search chose.
pub fn chosen(search: &SearchRecord) -> &[String] {
    &search.trials[search.best].settings
}

fn settings(assignments: &[String], option: &mut impl FnMut(&str, String)) {
    assignments.iter().for_each(|assignment| option("--set", assignment.clone()));
}

fn begin(command: &str, places: &Places, dataset: &DeclaredDataset) -> Vec<String> {
    let mut words = vec![command.to_owned(), "--dataset".to_owned(), dataset.name.clone()];
    words.extend(["--datasets".to_owned(), shown(&places.datasets), "--threads".to_owned(), "1".to_owned()]);
    if let Some(scale) = dataset.scale {
        words.extend(["--scale".to_owned(), scale.to_string()]);
    }
    words
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
