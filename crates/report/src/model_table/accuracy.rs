//! Accuracy, and what a choice on test would have printed.

use super::cells::{gain, interval, mean_sd};
use super::rows::DatasetOfTable;
use super::table::{Holds, NONE, Table};
use crate::number::metric;
use std::collections::BTreeSet;

pub(super) const RECALL: &str = "recall@20";
pub(super) const NDCG: &str = "ndcg@20";

pub(super) fn results(dataset: &DatasetOfTable) -> Table {
    let about = "Mean ± sd over seeds, and the 95 % interval of the mean by Student's t over the seeds. A method without training has no seeds.";
    let numbers = ["seeds", "valid R@20", "test R@20", "95 %", "test N@20", "95 %"];
    let mut table = Table::new("Accuracy", about, &["model", "settings"], &numbers);
    for line in dataset.lines() {
        table.row(vec![
            line.name.clone(),
            line.kind.word().to_owned(),
            if line.seeds == 0 { NONE.to_owned() } else { line.seeds.to_string() },
            mean_sd(line.valid.get(RECALL), 4),
            mean_sd(line.test.get(RECALL), 4),
            interval(&line.test, RECALL, line.seeds),
            mean_sd(line.test.get(NDCG), 4),
            interval(&line.test, NDCG, line.seeds),
        ]);
    }
    table
}

pub(super) fn chosen_on_test(dataset: &DatasetOfTable) -> Table {
    let about = "Test Recall@20. Each seed's epoch by validation, each seed's epoch by test, and the best seed and epoch by test, which is what published tables print. The last \
                 two are optimistic.";
    let numbers = ["by validation", "epoch by test", "gain", "best seed by test", "gain"];
    let title = "What a choice on test would have printed";
    let mut table = Table::new(title, about, &["model", "settings"], &numbers);
    for (line, row) in dataset.models() {
        let (result, by_test) = (row.test.get(RECALL), row.by_test.get(RECALL));
        let best = row.selected_by_test.test.get(RECALL).copied();
        table.row(vec![
            line.name,
            line.kind.word().to_owned(),
            mean_sd(result, 4),
            mean_sd(by_test, 4),
            gain(by_test.map(|by_test| by_test.mean), result),
            best.map_or(NONE.to_owned(), metric),
            gain(best, result),
        ]);
    }
    table
}

pub(super) fn every_cut_off(dataset: &DatasetOfTable, validation: bool) -> Table {
    let lines = dataset.lines();
    let shown = |name: &&String| name.starts_with("recall@") || name.starts_with("ndcg@");
    let names: BTreeSet<&String> = lines.iter().flat_map(|line| line.test.keys()).filter(shown).collect();
    let at = |name: &&String| name.split_once('@').and_then(|(_, k)| k.parse::<usize>().ok()).unwrap_or(0);
    let mut names: Vec<&String> = names.into_iter().collect();
    names.sort_by_key(|name| (!name.starts_with("recall"), at(name)));
    let title = if validation { "All cut-offs on validation" } else { "All cut-offs on test" };
    let mut table = Table::new(title, "", &["model", "settings"], &[]);
    let short = |name: &str| name.replace("recall", "R").replace("ndcg", "N");
    names.iter().for_each(|name| table.column(&short(name), Holds::Numbers));
    for line in &lines {
        let values = if validation { &line.valid } else { &line.test };
        let cells = names.iter().map(|name| mean_sd(values.get(*name), 4));
        table.row([line.name.clone(), line.kind.word().to_owned()].into_iter().chain(cells).collect());
    }
    table
}
