//! The record of a comparison, `comparison.json`: what `ablate` writes and a report shows.

use crate::report::MeanSd;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Several variants on one data set.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Comparison {
    /// The data set.
    pub dataset: String,
    /// The variant that the others are compared with.
    pub reference: String,
    /// Seeds that every variant was trained with.
    pub seeds: Vec<u64>,
    /// How many comparisons the p-values are corrected for: one for each other variant and metric.
    pub comparisons: usize,
    /// The variants, the reference first.
    pub variants: Vec<VariantRecord>,
    /// Variants without results, because their numbers stopped being finite. Absent in files of earlier versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diverged: Vec<DivergedVariant>,
}

/// A variant that diverged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DivergedVariant {
    /// The variant's short name.
    pub name: String,
    /// What is different in it, in words.
    pub about: String,
    /// The settings that make it, as `path=value`.
    pub settings: Vec<String>,
    /// Where it went wrong: epoch, batch, and what was not finite.
    pub what: String,
}

/// One variant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VariantRecord {
    /// The variant's short name.
    pub name: String,
    /// What is different in it, in words.
    pub about: String,
    /// The settings that make it, as `path=value`.
    pub settings: Vec<String>,
    /// The folder of its runs, beside this file or below it.
    pub folder: String,
    /// How long it was trained. Absent in files of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training: Option<VariantTraining>,
    /// Trainable numbers.
    pub parameters: usize,
    /// Validation metrics over seeds.
    pub valid: BTreeMap<String, MeanSd>,
    /// Test metrics over seeds.
    pub test: BTreeMap<String, MeanSd>,
    /// Figures of its analyses over seeds: `overlap final-raw_mm`, `spread id-mm`, `effective rank final`, ...
    pub collapse: BTreeMap<String, MeanSd>,
    /// Against the reference, by metric (`recall@20`, `ndcg@20`); empty for the reference itself.
    pub against: BTreeMap<String, PairedTests>,
    /// Mean share of the first 20 that a user is shown by this variant and by the reference with the same seed; absent for the reference.
    pub shared_recommendations: Option<f64>,
}

/// How long the runs of a variant were trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariantTraining {
    /// Epochs of its longest run.
    pub epochs: usize,
    /// How many of its runs had their best epoch at the very end, when no patience had run out: they might have become better still.
    pub best_at_end: usize,
}

/// Differences of users, variant minus reference, each user's metric averaged over seeds first.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairedTests {
    /// Users.
    pub users: usize,
    /// Mean difference.
    pub mean: f64,
    /// The 95 % confidence interval of the difference by the t distribution.
    pub interval: (f64, f64),
    /// Two-sided p of the paired t test.
    pub t_p: f64,
    /// The p-value of the t test after Holm's correction for all comparisons.
    pub t_p_corrected: f64,
    /// Two-sided p of the Wilcoxon signed-rank test.
    pub wilcoxon_p: f64,
    /// The p-value of Wilcoxon's test after Holm's correction for all comparisons.
    pub wilcoxon_p_corrected: f64,
}
