//! What is recommended by something that is no model's weights alone: a method without training, a model fused with one.
//!
//! A method's record is `closed-forms/<method>.lists.json` beside `closed-forms.json`, that of a fusion `seed-<s>.fused.json` in the folder of its run.

use crate::analysis::{CatalogueRecord, ItemGroupRecord, UserGroupRecord, UserResults};
use crate::report::Metrics;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The folder of the methods' records, beside `closed-forms.json`.
pub const FOLDER: &str = "closed-forms";

/// The lists of all users: judged apart for the few and the many, and what every user got.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListsRecord {
    /// What ranked, in words that nothing else shares that ranks on the same data: a method with its setting, a `γ`.
    pub ranked_by: String,
    /// The SHA-256 of each file of the data, by its name.
    pub files: BTreeMap<String, String>,
    /// What is recommended, over all users.
    pub catalogue: CatalogueRecord,
    /// Test accuracy of users by their number of training pairs, ascending.
    pub user_groups: Vec<UserGroupRecord>,
    /// Test positives by the number of training pairs of their item, ascending.
    pub item_groups: Vec<ItemGroupRecord>,
    /// What every user got. The weights are those of a fused model; there are none behind a method without training.
    pub users: UserResults,
}

impl ListsRecord {
    /// Returns coverage, concentration and popularity lift by the names that [`figures`](crate::figures) has for them.
    ///
    /// ```
    /// use anchorrec_records::ListsRecord;
    ///
    /// assert_eq!(ListsRecord::default().figures()["coverage"], 0.0);
    /// ```
    pub fn figures(&self) -> Metrics {
        let CatalogueRecord { coverage, gini, popularity_lift } = self.catalogue;
        [("coverage", coverage), ("gini", gini), ("popularity lift", popularity_lift)]
            .map(|(name, value)| (name.to_owned(), value))
            .into()
    }
}

/// Returns the name of a method's record in [`FOLDER`].
pub fn of_method(method: &str) -> String {
    format!("{method}.lists.json")
}
