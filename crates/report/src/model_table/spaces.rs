//! What is recommended, and what the item spaces share.

use super::cells::mean_sd;
use super::rows::{DatasetOfTable, Of};
use super::table::Table;

pub(super) fn recommended(dataset: &DatasetOfTable) -> Table {
    let about = "Share of the items that stand in anybody's first 20, their concentration (0: all as often), and how popular they are compared with what users take.";
    let columns = [("coverage", "coverage"), ("gini", "Gini"), ("popularity lift", "popularity lift")];
    table("What is recommended", about, dataset, &columns, |_| true)
}

pub(super) fn overlaps(dataset: &DatasetOfTable) -> Table {
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
    table("Item spaces", about, dataset, &columns, |of| matches!(of, Of::Model(_)))
}

/// Three digits for shares, one for what counts dimensions.
fn table(
    title: &str,
    about: &str,
    dataset: &DatasetOfTable,
    columns: &[(&str, &str)],
    is_shown: impl Fn(Of) -> bool,
) -> Table {
    let names: Vec<&str> = columns.iter().map(|(_, title)| *title).collect();
    let mut table = Table::new(title, about, &["model", "settings"], &names);
    for line in dataset.lines() {
        let Some(figures) = line.figures().filter(|_| is_shown(line.of)) else { continue };
        let digits = |name: &str| if name.starts_with("effective") { 1 } else { 3 };
        let cells = columns.iter().map(|(name, _)| mean_sd(figures.get(*name), digits(name)));
        table.row([line.name.clone(), line.kind.word().to_owned()].into_iter().chain(cells).collect());
    }
    table
}
