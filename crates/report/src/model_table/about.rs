//! What is said of a data set before its numbers.

use super::rows::DatasetOfTable;
use crate::number::listed;
use anchorrec_data::Provenance;
use anchorrec_records::table::TableData;

pub(super) fn counts(data: &TableData) -> String {
    format!(
        "{} users, {} items, {} training pairs, {} for validation, {} for test",
        data.users, data.items, data.train, data.valid, data.test
    )
}

pub(super) fn source(data: &TableData) -> &'static str {
    match data.source {
        Provenance::Real => "real data",
        Provenance::Derived => "real interactions, some features rebuilt",
        Provenance::Synthetic => "a synthetic twin: **no result**",
        Provenance::Unknown => "data of unknown origin",
    }
}

/// Says which models were left out, and why.
pub(super) fn refused(dataset: &DatasetOfTable) -> Option<String> {
    let of = dataset.models.iter().filter_map(|of| Some(format!("{} ({})", of.title, of.refused.as_ref()?)));
    let all: Vec<String> = of.collect();
    (!all.is_empty()).then(|| format!("Left out: {}.", listed(&all)))
}
