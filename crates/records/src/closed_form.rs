//! A method without training beside a model, judged on the same users with the same masks: popularity, item kNN, EASE, L3AE.

use crate::measured;
use crate::settings::RecordedSettings;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One method at the setting that validation chose.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClosedFormRecord {
    /// The method's name in options: `popularity`, `item-knn`, ...
    pub method: String,
    /// The method's name for people.
    pub title: String,
    /// The setting in words; without validation the first of the grid, see [`is_chosen`](Self::is_chosen).
    pub setting: String,
    /// The setting, value by value.
    pub settings: RecordedSettings,
    /// How many settings were tried.
    pub tried: usize,
    /// Validation metrics by name; `null` where none was measured.
    #[serde(with = "measured")]
    pub valid: BTreeMap<String, f64>,
    /// Test metrics by name; `null` where none was measured.
    #[serde(with = "measured")]
    pub test: BTreeMap<String, f64>,
    /// Seconds to compute this setting alone.
    pub seconds: f64,
    /// Seconds of all settings with their evaluations.
    pub search_seconds: f64,
    /// Bytes that its matrices hold at their peak, by their shapes.
    pub bytes: u64,
    /// The largest magnitude that is left of the equation that was solved, `P (RᵀR + λ Id) - Id`, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub residual: Option<f64>,
}

/// One setting of a search that has not come to its end: what a search that continues need not compute again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrialRecord {
    /// The method's name in options: `popularity`, `item-knn`, ...
    pub method: String,
    /// The setting, value by value.
    pub settings: RecordedSettings,
    /// Validation metrics by name; `null` where none was measured.
    #[serde(with = "measured")]
    pub valid: BTreeMap<String, f64>,
    /// Test metrics by name; `null` where none was measured.
    #[serde(with = "measured")]
    pub test: BTreeMap<String, f64>,
    /// Seconds to compute this setting alone.
    pub seconds: f64,
    /// Seconds that it added to the search.
    pub search_seconds: f64,
    /// As [`ClosedFormRecord::residual`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub residual: Option<f64>,
}

impl ClosedFormRecord {
    /// Returns whether validation chose the setting.
    pub fn is_chosen(&self) -> bool {
        !self.valid.is_empty()
    }

    /// Says by what the method ranks: itself and its setting, solved exactly or on so many `neighbours` of each item.
    ///
    /// ```
    /// use anchorrec_records::ClosedFormRecord;
    ///
    /// let ease = ClosedFormRecord { method: "ease".to_owned(), setting: "λ 300".to_owned(), ..ClosedFormRecord::default() };
    /// assert_eq!(ease.ranked_by(Some(200)), "ease λ 300, 200 neighbours");
    /// ```
    pub fn ranked_by(&self, neighbours: Option<usize>) -> String {
        let on = neighbours.map_or_else(String::new, |neighbours| format!(", {neighbours} neighbours"));
        format!("{} {}{on}", self.method, self.setting)
    }
}
