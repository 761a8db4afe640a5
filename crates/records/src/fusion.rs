//! A trained model and a closed form fused at score level, `z(model) + γ z(closed form)`: a recipe of this software, not of any paper.

use crate::closed_form::ClosedFormRecord;
use crate::measured;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The fusion of every seed of a job with one closed form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FusionRecord {
    /// The closed form alone, at the setting that validation chose before anything was fused.
    pub kernel: ClosedFormRecord,
    /// Neighbours on which it was solved; `null` where it was solved exactly.
    pub neighbours: Option<usize>,
    /// One fusion for each seed.
    pub runs: Vec<FusedRun>,
}

impl FusionRecord {
    /// Says by what a run ranks: the closed form and its weight.
    ///
    /// ```
    /// use anchorrec_records::ClosedFormRecord;
    /// use anchorrec_records::fusion::{FusedRun, FusionRecord};
    ///
    /// let kernel = ClosedFormRecord { method: "ease".to_owned(), setting: "λ 300".to_owned(), ..ClosedFormRecord::default() };
    /// let fusion = FusionRecord { kernel, neighbours: None, runs: Vec::new() };
    /// assert_eq!(fusion.ranked_by(0.5), "γ 0.5, ease λ 300");
    /// ```
    pub fn ranked_by(&self, gamma: f64) -> String {
        format!("γ {gamma}, {}", self.kernel.ranked_by(self.neighbours))
    }
}

/// The fusion of one seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FusedRun {
    /// The seed.
    pub seed: u64,
    /// SHA-256 of the weights that were fused.
    pub weights_sha256: String,
    /// The `γ` that validation chose; 0 is the model alone.
    pub gamma: f64,
    /// How many `γ` were tried.
    pub tried: usize,
    /// Validation metrics by name; `null` where none was measured.
    #[serde(with = "measured")]
    pub valid: BTreeMap<String, f64>,
    /// Test metrics by name; `null` where none was measured.
    #[serde(with = "measured")]
    pub test: BTreeMap<String, f64>,
    /// Seconds of all `γ` with their evaluations.
    pub seconds: f64,
}
