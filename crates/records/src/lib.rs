#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! The types of the files that training, analysis and comparison write. To read a run's files you need only this crate and no model.
//!
//! | module | file | type |
//! |---|---|---|
//! | [`report`] | `report.json` | [`Report`] |
//! | [`analysis`] | `seed-<s>.analysis.json`, `seed-<s>.users.json` | [`Analysis`], [`UserResults`] |
//! | [`comparison`] | `comparison.json` | [`Comparison`] |
//! | [`closed_form`] | a method without training inside of a report | [`ClosedFormRecord`] |
//! | [`closed_forms`] | `closed-forms.json` | [`ClosedFormsReport`] |
//! | [`figures`] | the figures of an analysis by name, as they are in `comparison.json` | |
//! | [`fusion`] | a model and such a method fused, inside of a report | [`FusionRecord`] |
//! | [`lists`] | `closed-forms/<method>.lists.json`, `seed-<s>.fused.json` | [`ListsRecord`] |
//! | [`origin`] | what a run took from another one, inside of a report: a refit, a warm start | [`RefitRecord`], [`WarmStartRecord`] |
//! | [`table`] | the files of a table of models, `<data set>/<model>.json` | [`ModelResults`], [`ClosedFormRows`] |
//! | [`settings`] | the settings of a run inside of its report | [`RecordedSettings`] |
//!
//! The trainer fills these types and the page shows them. They name no model: a model is its name, its settings are a tree of values.
//!
//! **Compatibility.** A file that an earlier version wrote can be read. So a new field is optional (`#[serde(default)]`) and is left out of
//! the file where it is empty; a field is never renamed. `tests/all/written` holds files of earlier versions: reading one and writing it
//! again gives the same bytes.

pub mod analysis;
pub mod closed_form;
pub mod closed_forms;
pub mod comparison;
pub mod figures;
pub mod fusion;
pub mod lists;
mod measured;
pub mod origin;
pub mod report;
pub mod settings;
pub mod table;

pub use analysis::{Analysis, UserResults};
pub use closed_form::{ClosedFormRecord, TrialRecord};
pub use closed_forms::ClosedFormsReport;
pub use comparison::Comparison;
pub use fusion::FusionRecord;
pub use lists::ListsRecord;
pub use origin::{RefitRecord, WarmStartRecord};
pub use report::{Metrics, Report};
pub use settings::RecordedSettings;
pub use table::{ClosedFormRows, ModelResults};
