//! What is recommended by something that is no model's weights alone: read from the folder for runs, and made a row over seeds.

use crate::command::Places;
use crate::groups::{item_groups, user_groups};
use crate::read::json;
use anchorrec_records::fusion::FusionRecord;
use anchorrec_records::report::over_runs;
use anchorrec_records::table::{ClosedFormRows, ListsRow};
use anchorrec_records::{ClosedFormRecord, ListsRecord, lists};
use anchorrec_trainer::run_folder;
use std::path::Path;

/// Reads what a method recommends, where its file is of this setting and of this data.
pub fn of_method(places: &Places, rows: &ClosedFormRows, method: &ClosedFormRecord) -> Option<ListsRecord> {
    let folder = places.of_closed_forms().join(&rows.dataset).join(lists::FOLDER);
    let found: ListsRecord = json(&folder.join(lists::of_method(&method.method)))?;
    (found.ranked_by == method.ranked_by(rows.neighbours) && found.files == rows.data.files).then_some(found)
}

/// Reads what each fused run of a folder recommends, where they are all there and still those.
pub fn of_fusion(folder: &Path, fusion: &FusionRecord) -> Option<Vec<ListsRecord>> {
    fusion.runs.iter().map(|run| run_folder::fused(folder, fusion, run)).collect()
}

/// Makes a row of the lists of all seeds, not tested yet; one record where there are no seeds.
pub fn row(records: &[ListsRecord]) -> ListsRow {
    let of_users = records.iter().map(|record| record.user_groups.as_slice()).collect::<Vec<_>>();
    let of_items = records.iter().map(|record| record.item_groups.as_slice()).collect::<Vec<_>>();
    ListsRow {
        figures: over_runs(&records.iter().map(ListsRecord::figures).collect::<Vec<_>>()),
        user_groups: user_groups(&of_users),
        item_groups: item_groups(&of_items),
        against: Default::default(),
    }
}
