//! The record of a job, `report.json`: everything that is printed, and what is needed to repeat it.
//!
//! Metrics are unrounded. Model selection is by validation alone; what a selection by test would have shown stands
//! beside it, labelled optimistic, because published tables show that.

use crate::closed_form::ClosedFormRecord;
use crate::fusion::FusionRecord;
use crate::measured;
use crate::origin::{RefitRecord, WarmStartRecord};
use crate::settings::{RecordedSettings, RecordedValue};
use anchorrec_data::manifest::Reference;
use anchorrec_data::{Findings, Note, Provenance};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The `K` whose validation Recall selects the best epoch.
pub const SELECTION_K: usize = 20;

/// Metrics by name: `recall@20`, `ndcg@5`, ...
pub type Metrics = BTreeMap<String, f64>;

/// Returns the metric that selects an epoch and, between runs, a run.
pub fn selection_metric() -> String {
    format!("recall@{SELECTION_K}")
}

/// A whole job: one model, one data set, one configuration, one run for each seed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// Version of this software.
    pub version: String,
    /// The command line, for repeating it.
    pub command: Vec<String>,
    /// The model's name in configurations and folders, in lower case.
    pub model: String,
    /// The model's name as its authors write it. Empty in files of earlier versions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The data and where it comes from.
    pub data: DataRecord,
    /// Every input file.
    pub inputs: Vec<InputRecord>,
    /// The full configuration.
    pub config: RecordedSettings,
    /// Where its settings come from, the later over the earlier: defaults, tuned settings of a manifest, a file, options.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub settings_from: String,
    /// Threads in use. They change times, never numbers.
    pub threads: usize,
    /// Whether plain loops were used, which give the same bits on every processor.
    #[serde(default)]
    pub portable: bool,
    /// The arithmetic that computed: `portable`, or an instruction set and a probe of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub arithmetic: String,
    /// The revision of the numerics.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub numerics: String,
    /// What was done before training and after it, with time and memory.
    pub phases: Vec<PhaseRecord>,
    /// One run for each seed.
    pub runs: Vec<RunRecord>,
    /// The runs together.
    pub summary: Summary,
    /// Methods without training on the same data, judged alike. Empty in files of earlier versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed_forms: Vec<ClosedFormRecord>,
    /// The model and a closed form at score level, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fusion: Option<FusionRecord>,
    /// The run that this one repeats on all rows, where it is a refit. It has no metrics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refit: Option<RefitRecord>,
    /// The run whose weights this one began with, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_start: Option<WarmStartRecord>,
    /// Published rows for comparison.
    pub reference: Vec<Reference>,
    /// What a reader must know before trusting the numbers.
    pub notices: Vec<String>,
}

impl RunRecord {
    /// Returns whether an epoch was chosen by validation; else the last one is kept.
    pub fn is_chosen(&self) -> bool {
        !self.valid.is_empty()
    }

    /// Returns whether the curve has the best epoch with the same validation metrics; a run without validation has none to compare.
    pub fn is_of_its_curve(&self) -> bool {
        let best = self.curve.iter().find(|epoch| epoch.epoch == self.best_epoch);
        !self.is_chosen() || best.is_some_and(|epoch| epoch.valid.as_ref() == Some(&self.valid))
    }

    /// Returns whether the best epoch is the last that was trained, so that more epochs might have given a better one.
    pub fn best_at_end(&self) -> bool {
        self.is_chosen() && self.best_epoch == self.epochs_run && !self.stopped_early
    }
}

impl Report {
    /// Returns the model's name for people: its title, or its name where the file has no title.
    pub fn model_title(&self) -> &str {
        if self.title.is_empty() { &self.model } else { &self.title }
    }

    /// Returns the `K` of Recall@K and NDCG@K, ascending: the setting `protocol.at`.
    pub fn at(&self) -> Vec<usize> {
        let Some(RecordedValue::List(at)) = self.config.get("protocol.at") else { return Vec::new() };
        at.iter()
            .filter_map(|k| if let RecordedValue::Integer(k) = k { usize::try_from(*k).ok() } else { None })
            .collect()
    }
}

/// The data of a job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DataRecord {
    /// Name of the data set.
    pub name: String,
    /// The folder that the data set was read from.
    pub dir: String,
    /// `real`, `derived` (real interactions, some features rebuilt) or `synthetic`.
    pub source: Provenance,
    /// Users.
    pub users: usize,
    /// Items.
    pub items: usize,
    /// Training pairs.
    pub train: usize,
    /// Validation pairs.
    pub valid: usize,
    /// Test pairs.
    pub test: usize,
    /// Width of each modality that is there.
    pub widths: BTreeMap<String, usize>,
    /// Modalities that are not; their terms and heads are absent from the model.
    pub absent: Vec<String>,
    /// What loading found.
    pub findings: Findings,
    /// What was ignored, guessed, merged, dropped, filled in or missing, by preparing and by loading. Absent in files of earlier versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}

/// An input file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InputRecord {
    /// The file's path as it was opened.
    pub path: String,
    /// The file's size.
    pub bytes: u64,
    /// The file's SHA-256.
    pub sha256: String,
}

/// A phase of the job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PhaseRecord {
    /// The name of the row.
    pub name: String,
    /// How long the phase took.
    pub seconds: f64,
    /// Peak resident memory during it, where the system tells.
    pub peak_rss_bytes: Option<u64>,
}

/// The run of one seed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RunRecord {
    /// The seed.
    pub seed: u64,
    /// Trainable numbers.
    pub parameters: usize,
    /// The epoch (from 1) whose weights are kept: the one with the highest validation Recall@20, the earliest on a tie; without validation the last.
    pub best_epoch: usize,
    /// Epochs that were trained.
    pub epochs_run: usize,
    /// Whether patience ended the run.
    pub stopped_early: bool,
    /// Validation metrics of the best epoch; `null` in files where there is no validation.
    #[serde(with = "measured")]
    pub valid: Metrics,
    /// Test metrics of the best epoch; `null` in files where there is no test.
    #[serde(with = "measured")]
    pub test: Metrics,
    /// Duration of the run.
    pub seconds: f64,
    /// Seconds of training steps.
    pub train_seconds: f64,
    /// Seconds of evaluations.
    pub evaluate_seconds: f64,
    /// Peak resident memory during the run, where the system tells.
    pub peak_rss_bytes: Option<u64>,
    /// The weights of the best epoch.
    pub checkpoint: String,
    /// The SHA-256 of the weights.
    pub checkpoint_sha256: String,
    /// What each term of the objective is, in the model's own words, by the term's name. Empty in files of earlier versions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub about: BTreeMap<String, String>,
    /// Every epoch.
    pub curve: Vec<EpochRecord>,
}

/// One epoch of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// The epoch, from 1.
    pub epoch: usize,
    /// Learning rate of its steps.
    pub learning_rate: f64,
    /// Mean of the objective over its batches.
    pub loss: f64,
    /// Mean of each term over its batches, before weighting.
    pub terms: BTreeMap<String, f64>,
    /// Validation metrics, if it was evaluated.
    pub valid: Option<Metrics>,
    /// Test metrics, if it was evaluated. Recorded for the curve; nothing is selected by them.
    pub test: Option<Metrics>,
    /// Duration, evaluation included.
    pub seconds: f64,
}

/// The runs of a job together.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Mean and standard deviation over seeds of the validation-selected results; `null` where none was measured. This is the result.
    #[serde(with = "measured")]
    pub valid: BTreeMap<String, MeanSd>,
    /// Metrics on test, mean and sd over seeds; `null` where none was measured. This is the result.
    #[serde(with = "measured")]
    pub test: BTreeMap<String, MeanSd>,
    /// The seed whose validation Recall@20 is highest, with its test metrics; `null` without validation.
    #[serde(with = "measured")]
    pub selected_by_validation: Selected,
    /// The seed and epoch whose *test* Recall@20 is highest. Optimistic: published tables select like this. `null`
    /// without test.
    #[serde(with = "measured")]
    pub selected_by_test_optimistic: Selected,
}

/// A choice among runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Selected {
    /// The seed.
    pub seed: u64,
    /// The epoch, from 1.
    pub epoch: usize,
    /// The test metrics; `null` without a test split.
    #[serde(with = "measured")]
    pub test: Metrics,
}

/// Mean and sample standard deviation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeanSd {
    /// Mean.
    pub mean: f64,
    /// `√(Σ(x - mean)² / (n - 1))`; absent for one run.
    pub sd: Option<f64>,
}

impl MeanSd {
    /// Summarises at least one value.
    pub fn of(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
        MeanSd { mean, sd: (values.len() > 1).then(|| (squares / (n - 1.0)).sqrt()) }
    }
}

/// Computes mean and standard deviation of every metric by its name, over the runs that have it.
pub fn over_runs<'a>(runs: impl IntoIterator<Item = &'a Metrics>) -> BTreeMap<String, MeanSd> {
    let mut values: BTreeMap<&String, Vec<f64>> = BTreeMap::new();
    for (name, &value) in runs.into_iter().flatten() {
        values.entry(name).or_default().push(value);
    }
    values.into_iter().map(|(name, values)| (name.clone(), MeanSd::of(&values))).collect()
}

impl Summary {
    /// Summarises at least one run.
    pub fn new(runs: &[RunRecord]) -> Self {
        let metric = selection_metric();
        let mut by_validation: Option<(f64, Selected)> = None;
        let mut by_test: Option<(f64, Selected)> = None;
        for run in runs {
            let choice = Selected { seed: run.seed, epoch: run.best_epoch, test: run.test.clone() };
            keep_first_highest(&mut by_validation, run.valid.get(&metric), || choice);
            for epoch in &run.curve {
                let Some(test) = &epoch.test else { continue };
                let choice = || Selected { seed: run.seed, epoch: epoch.epoch, test: test.clone() };
                keep_first_highest(&mut by_test, test.get(&metric), choice);
            }
        }
        Summary {
            valid: over_runs(runs.iter().map(|run| &run.valid)),
            test: over_runs(runs.iter().map(|run| &run.test)),
            selected_by_validation: by_validation.map(|b| b.1).unwrap_or_default(),
            selected_by_test_optimistic: by_test.map(|b| b.1).unwrap_or_default(),
        }
    }
}

fn keep_first_highest(best: &mut Option<(f64, Selected)>, value: Option<&f64>, choice: impl FnOnce() -> Selected) {
    if let Some(&value) = value
        && best.as_ref().is_none_or(|(highest, _)| value > *highest)
    {
        *best = Some((value, choice()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics(recall: f64) -> Metrics {
        Metrics::from([(selection_metric(), recall)])
    }

    fn run(seed: u64, epochs: &[(f64, f64)], best_epoch: usize) -> RunRecord {
        let (valid, test) = epochs[best_epoch - 1];
        let curve = epochs
            .iter()
            .enumerate()
            .map(|(e, &(valid, test))| EpochRecord {
                epoch: e + 1,
                valid: Some(metrics(valid)),
                test: Some(metrics(test)),
                ..EpochRecord::default()
            })
            .collect();
        RunRecord {
            seed,
            best_epoch,
            epochs_run: epochs.len(),
            valid: metrics(valid),
            test: metrics(test),
            curve,
            ..RunRecord::default()
        }
    }

    #[test]
    fn the_result_is_selected_by_validation_and_the_optimistic_one_by_test() {
        let runs = [run(1, &[(0.1, 0.9), (0.3, 0.2)], 2), run(2, &[(0.2, 0.4)], 1)];
        let summary = Summary::new(&runs);
        assert_eq!(summary.test["recall@20"].mean, (0.2 + 0.4) / 2.0);
        assert!((summary.test["recall@20"].sd.unwrap() - 0.02f64.sqrt()).abs() < 1e-15);
        assert_eq!((summary.selected_by_validation.seed, summary.selected_by_validation.epoch), (1, 2));
        let optimistic = &summary.selected_by_test_optimistic;
        assert_eq!((optimistic.seed, optimistic.epoch, optimistic.test["recall@20"]), (1, 1, 0.9));
    }

    #[test]
    fn what_was_not_measured_is_null_and_never_a_number() {
        let run = RunRecord { best_epoch: 2, epochs_run: 2, ..run(1, &[(0.1, 0.9), (0.3, 0.2)], 2) };
        let run = RunRecord { valid: Metrics::new(), test: Metrics::new(), curve: Vec::new(), ..run };
        let summary = Summary::new(std::slice::from_ref(&run));
        let written = serde_json::to_value((&run, &summary)).unwrap();
        for place in ["/0/valid", "/0/test", "/1/valid", "/1/test", "/1/selected_by_validation"] {
            assert_eq!(written.pointer(place), Some(&serde_json::Value::Null), "{place}");
        }
        let (again, _): (RunRecord, Summary) = serde_json::from_value(written).unwrap();
        assert!(again.valid.is_empty() && !again.is_chosen() && !again.best_at_end());
    }

    #[test]
    fn one_run_has_no_deviation() {
        assert_eq!(MeanSd::of(&[0.5]), MeanSd { mean: 0.5, sd: None });
    }
}
