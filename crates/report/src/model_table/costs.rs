//! What rows cost, and the settings that were chosen.

use super::rows::DatasetOfTable;
use super::table::{Holds, NONE, Table};
use crate::number::{fixed, metric};

pub(super) fn costs(dataset: &DatasetOfTable) -> Table {
    let about = "Chosen epochs and ends of the runs; seconds of a run (other work may have been running, so read them as an order of magnitude); the largest measured memory. The \
                 default arithmetic depends on the instruction set, so the last digits do too.";
    let numbers = ["weights", "epochs chosen", "at the cap", "seconds", "MiB"];
    let mut table = Table::new("Cost", about, &["model", "settings"], &numbers);
    ["arithmetic", "processor"].iter().for_each(|name| table.column(name, Holds::Words));
    for (line, row) in dataset.models() {
        let epochs: Vec<String> = row.seeds.iter().map(|seed| seed.best_epoch.to_string()).collect();
        let memory = row.seeds.iter().filter_map(|seed| seed.peak_rss_bytes).max();
        table.row(vec![
            line.name,
            line.kind.word().to_owned(),
            row.parameters.to_string(),
            epochs.join(", "),
            format!("{} of {}", row.at_cap(), row.seeds.len()),
            fixed(line.seconds, 0),
            memory.map_or(NONE.to_owned(), |bytes| fixed(bytes as f64 / f64::from(1 << 20), 0)),
            row.arithmetic.clone(),
            row.processor.clone(),
        ]);
    }
    table
}

pub(super) fn chosen_settings(dataset: &DatasetOfTable) -> Table {
    let about = "The settings that each search chose, with its trials: how many, how many of them diverged, and the validation Recall@20 of the best.";
    let mut table = Table::new("Settings that the searches chose", about, &["model"], &[]);
    table.column("chosen", Holds::Settings);
    ["trials", "diverged", "valid R@20"].iter().for_each(|name| table.column(name, Holds::Numbers));
    for of in &dataset.models {
        let Some(search) = &of.search else { continue };
        let best = &search.trials[search.best];
        let diverged = search.trials.iter().filter(|trial| trial.diverged.is_some()).count();
        table.row(vec![
            of.title.clone(),
            best.settings.join("\n"),
            search.trials.len().to_string(),
            diverged.to_string(),
            metric(best.recall),
        ]);
    }
    table
}

pub(super) fn methods(dataset: &DatasetOfTable) -> Table {
    let about = "The setting that validation chose, how many were tried, the seconds of that setting alone and of all settings with their evaluations.";
    let numbers = ["tried", "seconds", "seconds of all"];
    let mut table = Table::new("Methods without training", about, &["method", "chosen"], &numbers);
    for method in dataset.closed_forms.iter().flat_map(|rows| &rows.methods) {
        table.row(vec![
            method.title.clone(),
            method.setting.clone(),
            method.tried.to_string(),
            fixed(method.seconds, 1),
            fixed(method.search_seconds, 0),
        ]);
    }
    table
}
