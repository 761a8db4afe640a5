//! The record of several methods without training on one data set, `closed-forms.json`.

use crate::closed_form::{ClosedFormRecord, TrialRecord};
use crate::report::{DataRecord, InputRecord, PhaseRecord};
use serde::{Deserialize, Serialize};

/// Several methods on one data set, `closed-forms.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClosedFormsReport {
    /// Version of this software.
    pub version: String,
    /// The command line, for repeating it.
    pub command: Vec<String>,
    /// The data and where it comes from.
    pub data: DataRecord,
    /// Every input file.
    pub inputs: Vec<InputRecord>,
    /// The `K` of Recall@K and NDCG@K, ascending.
    pub at: Vec<usize>,
    /// Whether validation positives were masked when ranking for test.
    pub mask_validation_at_test: bool,
    /// Neighbours on which EASE and L3AE were solved; `null` where they were solved exactly.
    pub neighbours: Option<usize>,
    /// Threads in use. They change times, never numbers.
    pub threads: usize,
    /// The arithmetic that computed.
    pub arithmetic: String,
    /// Loading and evaluation, with time and memory.
    pub phases: Vec<PhaseRecord>,
    /// The methods.
    pub methods: Vec<ClosedFormRecord>,
    /// The settings that were tried of a method whose search was interrupted; none where every search came to its end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trials: Vec<TrialRecord>,
    /// What a reader must know before trusting the numbers.
    pub notices: Vec<String>,
}
