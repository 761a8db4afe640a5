//! The records of a table of models: a file for each model on each data set, `<data set>/<model>.json`, and one for the methods without training,
//! `<data set>/closed-forms.json`.
//!
//! A file holds what its row was asked for and what it was computed of, so that a table never mixes two protocols or two data sets. It holds no path and
//! no name of a machine, so it can be published.

use crate::closed_form::ClosedFormRecord;
use crate::comparison::PairedTests;
use crate::fusion::FusionRecord;
use crate::measured;
use crate::report::{MeanSd, Metrics, RunRecord, Selected, selection_metric};
use anchorrec_data::Provenance;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The file of the methods without training, beside those of the models.
pub const CLOSED_FORMS: &str = "closed-forms";

/// The runs of a model under its published settings, as [`ListsRow::against`] names them.
pub const PUBLISHED: &str = "published";

/// The runs of a model under the settings that a search chose, as [`ListsRow::against`] names them.
pub const TUNED: &str = "tuned";

/// A model on a data set: under its published settings, and under those that a search chose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelResults {
    /// The data set.
    pub dataset: String,
    /// The name of the row.
    pub name: String,
    /// The name of the row for people.
    pub title: String,
    /// What was asked for.
    pub asked: Protocol,
    /// The data that everything was computed of.
    pub data: TableData,
    /// Why the model cannot be trained on this data, where it cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// The runs under the published settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<ModelRow>,
    /// The search for settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<SearchRecord>,
    /// The runs under the settings that the search chose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuned: Option<ModelRow>,
}

/// What is asked for of a model on a data set: two rows with equal fields can stand in one table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Protocol {
    /// The model.
    pub model: String,
    /// The seeds, one run for each.
    pub seeds: Vec<u64>,
    /// The most epochs of a run.
    pub epochs: usize,
    /// Epochs from one evaluation to the next.
    pub evaluate_every: usize,
    /// Evaluations without a better validation Recall@20 after which a run stops.
    pub patience: usize,
    /// Points that the search tries.
    pub trials: usize,
    /// The seed for drawing the points.
    pub search_seed: u64,
    /// Settings of every run, as `path=value`.
    pub settings: Vec<String>,
    /// Settings of the runs under the published settings, over those of every run.
    pub published: Vec<String>,
    /// Ranges that the search tries beside the model's own, as `path=value,value`.
    pub ranges: Vec<String>,
    /// Whether the tuned model is also fused with a closed form.
    pub fuse: bool,
}

impl Protocol {
    /// Returns the first difference from another protocol in words, `patience is 4, and was 2`; nothing where there is none.
    pub fn difference(&self, was: &Protocol) -> Option<String> {
        let fields = |protocol: &Protocol| match serde_json::to_value(protocol) {
            Ok(serde_json::Value::Object(fields)) => fields,
            _ => unreachable!("a protocol is an object"),
        };
        let (now, before) = (fields(self), fields(was));
        let differs = now.iter().find(|(name, value)| before.get(*name) != Some(value));
        differs.map(|(name, value)| format!("{name} is {value}, and was {}", before[name]))
    }
}

/// The data of a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableData {
    /// Where its numbers come from.
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
    /// The SHA-256 of each file, by its name.
    pub files: BTreeMap<String, String>,
}

/// The runs of a model under some settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelRow {
    /// The folder of the runs, below the folder for runs.
    pub run: String,
    /// The settings that differ from the defaults, as `path=value`.
    pub settings: Vec<String>,
    /// Version of this software.
    pub version: String,
    /// The revision of the numerics.
    pub numerics: String,
    /// The arithmetic that computed: an instruction set and a probe of it.
    pub arithmetic: String,
    /// The processor that computed.
    pub processor: String,
    /// Threads of a run. They change times, never numbers.
    pub threads: usize,
    /// Trainable numbers.
    pub parameters: usize,
    /// The runs.
    pub seeds: Vec<SeedRow>,
    /// Validation metrics over seeds, epochs chosen by validation.
    #[serde(with = "measured")]
    pub valid: BTreeMap<String, MeanSd>,
    /// Test metrics over seeds, epochs chosen by validation. This is the result.
    #[serde(with = "measured")]
    pub test: BTreeMap<String, MeanSd>,
    /// Test metrics over seeds where each seed's epoch is chosen by *test* Recall@20. Optimistic.
    #[serde(with = "measured")]
    pub by_test: BTreeMap<String, MeanSd>,
    /// The best seed and epoch by *test* Recall@20: what published tables print. Optimistic.
    #[serde(with = "measured")]
    pub selected_by_test: Selected,
    /// Figures of the analyses over seeds, as [`figures`](crate::figures) names them: collapse, coverage, popularity lift.
    pub figures: BTreeMap<String, MeanSd>,
    /// Test accuracy of users by their number of training pairs, ascending.
    pub user_groups: Vec<UserGroupRow>,
    /// Test positives by the number of training pairs of their item, ascending.
    pub item_groups: Vec<ItemGroupRow>,
    /// Paired tests against the reference of the table; absent where there is none yet, and for the reference itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<AgainstReference>,
    /// The runs fused with a closed form, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fusion: Option<FusionRecord>,
    /// What the fused runs recommend; absent where an earlier version fused them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fused: Option<ListsRow>,
}

impl ModelRow {
    /// Returns the SHA-256 of the weights of all seeds.
    pub fn weights(&self) -> Vec<String> {
        self.seeds.iter().map(|seed| seed.weights_sha256.clone()).collect()
    }

    /// Counts the runs that the cap on epochs ended, not a plateau.
    pub fn at_cap(&self) -> usize {
        self.seeds.iter().filter(|seed| seed.ended == Ended::Cap).count()
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ended {
    /// Validation Recall@20 had not risen for as many evaluations as patience says.
    Plateau,
    /// The most epochs were trained.
    Cap,
}

/// The run of one seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeedRow {
    /// The seed.
    pub seed: u64,
    /// The epoch that validation chose.
    pub best_epoch: usize,
    /// Epochs that were trained.
    pub epochs: usize,
    /// How the run ended.
    pub ended: Ended,
    /// Validation metrics of the chosen epoch.
    #[serde(with = "measured")]
    pub valid: Metrics,
    /// Test metrics of the chosen epoch.
    #[serde(with = "measured")]
    pub test: Metrics,
    /// The epoch of the highest *test* Recall@20.
    pub epoch_by_test: usize,
    /// The test metrics of that epoch. Optimistic.
    #[serde(with = "measured")]
    pub by_test: Metrics,
    /// Seconds of the run.
    pub seconds: f64,
    /// Peak resident memory, where it was measured for this run alone.
    pub peak_rss_bytes: Option<u64>,
    /// The SHA-256 of the weights.
    pub weights_sha256: String,
}

impl From<&RunRecord> for SeedRow {
    fn from(run: &RunRecord) -> Self {
        let metric = selection_metric();
        let of_test = |epoch: &Metrics| epoch.get(&metric).copied();
        let tested = run.curve.iter().filter_map(|epoch| Some((epoch.epoch, epoch.test.as_ref()?)));
        let by_test = tested.reduce(|best, other| if of_test(other.1) > of_test(best.1) { other } else { best });
        let (epoch_by_test, by_test) =
            by_test.map_or((run.best_epoch, run.test.clone()), |(e, test)| (e, test.clone()));
        SeedRow {
            seed: run.seed,
            best_epoch: run.best_epoch,
            epochs: run.epochs_run,
            ended: if run.stopped_early { Ended::Plateau } else { Ended::Cap },
            valid: run.valid.clone(),
            test: run.test.clone(),
            epoch_by_test,
            by_test,
            seconds: run.seconds,
            peak_rss_bytes: run.peak_rss_bytes,
            weights_sha256: run.checkpoint_sha256.clone(),
        }
    }
}

/// Users whose number of training pairs is in `[from, to)`, over seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserGroupRow {
    /// Least number of training pairs.
    pub from: usize,
    /// The upper end of the range, exclusive.
    pub to: usize,
    /// How many have a test pair.
    pub users: usize,
    /// The mean test metrics of the group.
    pub test: BTreeMap<String, MeanSd>,
}

/// Test positives whose item's number of training pairs is in `[from, to)`, over seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ItemGroupRow {
    /// Least number of training pairs.
    pub from: usize,
    /// The upper end of the range, exclusive.
    pub to: usize,
    /// How many test positives.
    pub positives: usize,
    /// The share of them that stands among their user's first 20.
    pub hits: MeanSd,
}

/// What is recommended by something that is no model's weights alone, over seeds where there are any.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListsRow {
    /// Coverage, concentration and popularity lift.
    pub figures: BTreeMap<String, MeanSd>,
    /// Test accuracy of users by their number of training pairs, ascending.
    pub user_groups: Vec<UserGroupRow>,
    /// Test positives by the number of training pairs of their item, ascending.
    pub item_groups: Vec<ItemGroupRow>,
    /// Paired tests against the reference of the table, by the settings of its runs: [`PUBLISHED`], [`TUNED`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub against: BTreeMap<String, AgainstReference>,
}

/// A row against the reference of its table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgainstReference {
    /// The name of the reference.
    pub reference: String,
    /// The weights of the reference that these tests are about.
    pub weights: Vec<String>,
    /// The tests by metric. Their corrected values are those of this pair alone: a table corrects for all of its rows.
    pub tests: BTreeMap<String, PairedTests>,
    /// Mean share of the first 20 that a user is shown by both with the same seed.
    pub shared_recommendations: Option<f64>,
}

/// A search for settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchRecord {
    /// The epochs after which trials were compared.
    pub rungs: Vec<usize>,
    /// Every trial, in the order of the points.
    pub trials: Vec<TrialOfSearch>,
    /// The place of the best.
    pub best: usize,
    /// The processor that computed.
    pub processor: String,
    /// The arithmetic that computed.
    pub arithmetic: String,
}

/// A trial of a search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialOfSearch {
    /// The trial's settings, as `path=value`.
    pub settings: Vec<String>,
    /// The epochs of the last rung that it was trained to; its run may have ended at a plateau before.
    pub epochs: usize,
    /// The epoch with the highest validation Recall@20.
    pub best_epoch: usize,
    /// The Recall@20 of that epoch.
    pub recall: f64,
    /// What went wrong, where its numbers did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diverged: Option<String>,
}

/// The methods without training on a data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClosedFormRows {
    /// The data set.
    pub dataset: String,
    /// The data that everything was computed of.
    pub data: TableData,
    /// Version of this software.
    pub version: String,
    /// The arithmetic that computed.
    pub arithmetic: String,
    /// The processor that computed.
    pub processor: String,
    /// Threads in use. They change times, never numbers.
    pub threads: usize,
    /// Neighbours on which EASE and L3AE were solved; `null` where they were solved exactly.
    pub neighbours: Option<usize>,
    /// The methods.
    pub methods: Vec<ClosedFormRecord>,
    /// What each method recommends, by its name in options; nothing where an earlier version computed them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lists: BTreeMap<String, ListsRow>,
}

impl ClosedFormRows {
    /// Returns whether it is known of every method what it recommends.
    pub fn is_complete(&self) -> bool {
        self.methods.iter().all(|method| self.lists.contains_key(&method.method))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::EpochRecord;

    #[test]
    fn a_seed_has_the_choice_by_validation_and_what_test_would_have_chosen() {
        let metrics = |recall| Some(Metrics::from([(selection_metric(), recall)]));
        let curve = [(0.1, 0.3), (0.2, 0.25), (0.15, 0.3)].into_iter().zip(1..).map(|((valid, test), epoch)| {
            EpochRecord { epoch, valid: metrics(valid), test: metrics(test), ..EpochRecord::default() }
        });
        let run = RunRecord {
            seed: 5,
            best_epoch: 2,
            epochs_run: 3,
            stopped_early: true,
            valid: metrics(0.2).unwrap(),
            test: metrics(0.25).unwrap(),
            curve: curve.collect(),
            ..RunRecord::default()
        };
        let row = SeedRow::from(&run);
        // The earliest of two that are as good.
        assert_eq!(
            (row.best_epoch, row.test["recall@20"], row.epoch_by_test, row.by_test["recall@20"]),
            (2, 0.25, 1, 0.3)
        );
        assert_eq!(row.ended, Ended::Plateau);
        assert_eq!(SeedRow::from(&RunRecord { stopped_early: false, ..run }).ended, Ended::Cap);
    }

    #[test]
    fn two_protocols_differ_by_a_field_that_is_named() {
        let protocol = Protocol {
            model: "m".to_owned(),
            seeds: vec![1],
            epochs: 9,
            evaluate_every: 1,
            patience: 4,
            trials: 3,
            search_seed: 0,
            settings: Vec::new(),
            published: Vec::new(),
            ranges: Vec::new(),
            fuse: false,
        };
        assert_eq!(protocol.difference(&protocol), None);
        let other = Protocol { patience: 2, ..protocol.clone() };
        assert_eq!(protocol.difference(&other).unwrap(), "patience is 4, and was 2");
    }
}
