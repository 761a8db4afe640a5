//! What is recommended, and what the item spaces share.

use super::markdown::{header, mean_sd, section, text};
use super::rows::DatasetOfTable;

pub(super) fn recommended(dataset: &DatasetOfTable) -> String {
    let about = "Share of the items that stand in anybody's first 20, their concentration (0: all as often), and how popular they are compared with what users take.";
    let columns = [("coverage", "coverage"), ("gini", "Gini"), ("popularity lift", "popularity lift")];
    section("What is recommended", about, &head(&columns), &body(dataset, &columns, |_| true))
}

pub(super) fn overlaps(dataset: &DatasetOfTable) -> String {
    let about = "Share of the 20 nearest neighbours of an item that two spaces have in common, the spread of ID and fused positions, and the effective rank of the scored space. A \
                 hyphen: the model has no such space, or the data no such features.";
    let columns = [
        ("overlap mm-raw_mm", "anchor kept"),
        ("overlap text-raw_text", "text kept"),
        ("overlap vision-raw_vision", "vision kept"),
        ("overlap final-raw_mm", "final and raw anchor"),
        ("overlap final-raw_text", "final and raw text"),
        ("overlap final-raw_vision", "final and raw vision"),
        ("overlap final-id", "final and ID"),
        ("overlap id-mm", "ID and anchor"),
        ("spread id-mm", "spread"),
        ("effective rank final", "rank"),
    ];
    section("Item spaces", about, &head(&columns), &body(dataset, &columns, |name| !name.starts_with("effective")))
}

type Column = (&'static str, &'static str);

fn head(columns: &[Column]) -> Vec<String> {
    header(&["model", "settings"]).into_iter().chain(columns.iter().map(|(_, title)| (*title).to_owned())).collect()
}

/// Three digits for shares, one for what counts dimensions.
fn body(dataset: &DatasetOfTable, columns: &[Column], is_share: impl Fn(&str) -> bool) -> Vec<Vec<String>> {
    let rows = dataset.rows().into_iter().map(|(kind, of, row)| {
        let digits = |name: &str| if is_share(name) { 3 } else { 1 };
        let cells = columns.iter().map(|(name, _)| mean_sd(&row.figures, name, digits(name)));
        [text(&of.title), kind.word().to_owned()].into_iter().chain(cells).collect()
    });
    rows.collect()
}
