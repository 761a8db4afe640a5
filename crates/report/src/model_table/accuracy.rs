//! Accuracy, what a choice on test would have printed, groups, costs, settings.

use super::markdown::{gain, header, interval, mean_sd, section, text};
use super::rows::{DatasetOfTable, Kind};
use crate::number::{counted, fixed, metric};
use anchorrec_records::report::{MeanSd, over_runs};
use anchorrec_records::table::{ItemGroupRow, ModelRow, UserGroupRow};
use std::collections::{BTreeMap, BTreeSet};

const RECALL: &str = "recall@20";
const NDCG: &str = "ndcg@20";

/// A row with whatever it has been measured by, whether a model's, a fusion's or a method's without training.
struct Line {
    name: String,
    settings: &'static str,
    seeds: usize,
    valid: BTreeMap<String, MeanSd>,
    test: BTreeMap<String, MeanSd>,
}

fn lines(dataset: &DatasetOfTable) -> Vec<Line> {
    let mut lines = Vec::new();
    for (kind, of, row) in dataset.rows() {
        lines.push(Line {
            name: text(&of.title),
            settings: kind.word(),
            seeds: row.seeds.len(),
            valid: row.valid.clone(),
            test: row.test.clone(),
        });
        lines.extend(row.fusion.iter().map(|fusion| Line {
            name: format!("{} + {} (the recipe)", text(&of.title), text(&fusion.kernel.title)),
            settings: kind.word(),
            seeds: fusion.runs.len(),
            valid: over_runs(fusion.runs.iter().map(|run| &run.valid)),
            test: over_runs(fusion.runs.iter().map(|run| &run.test)),
        }));
    }
    let methods = dataset.closed_forms.iter().flat_map(|rows| &rows.methods);
    lines.extend(methods.map(|method| Line {
        name: text(&method.title),
        settings: "tuned",
        seeds: 0,
        valid: over_runs([&method.valid]),
        test: over_runs([&method.test]),
    }));
    lines
}

pub(super) fn results(dataset: &DatasetOfTable) -> String {
    let about = "Mean ± sd over seeds, and the 95 % interval of the mean by Student's t over the seeds. A method without training has no seeds.";
    let head = ["model", "settings", "seeds", "valid R@20", "test R@20", "95 %", "test N@20", "95 %"];
    let row = |line: Line| {
        let seeds = if line.seeds == 0 { "-".to_owned() } else { line.seeds.to_string() };
        let (recall, ndcg) = (interval(&line.test, RECALL, line.seeds), interval(&line.test, NDCG, line.seeds));
        let of = |values, name| mean_sd(values, name, 4);
        let Line { name, settings, valid, test, .. } = &line;
        vec![
            name.clone(),
            (*settings).to_owned(),
            seeds,
            of(valid, RECALL),
            of(test, RECALL),
            recall,
            of(test, NDCG),
            ndcg,
        ]
    };
    section("Accuracy", about, &header(&head), &lines(dataset).into_iter().map(row).collect::<Vec<_>>())
}

pub(super) fn chosen_on_test(dataset: &DatasetOfTable) -> String {
    let about = "Test Recall@20. Each seed's epoch by validation, each seed's epoch by test, and the best seed and epoch by test, which is what published tables print. The last \
                 two are optimistic.";
    let head = ["model", "settings", "by validation", "epoch by test", "gain", "best seed by test", "gain"];
    let row = |(kind, of, row): (Kind, &anchorrec_records::ModelResults, &ModelRow)| {
        let (result, best) = (row.test.get(RECALL), row.selected_by_test.test.get(RECALL));
        let best = best.map(|&mean| MeanSd { mean, sd: None });
        vec![
            text(&of.title),
            kind.word().to_owned(),
            mean_sd(&row.test, RECALL, 4),
            mean_sd(&row.by_test, RECALL, 4),
            gain(row.by_test.get(RECALL), result),
            best.map_or("-".to_owned(), |best| metric(best.mean)),
            gain(best.as_ref(), result),
        ]
    };
    let rows: Vec<_> = dataset.rows().into_iter().map(row).collect();
    section("What a choice on test would have printed", about, &header(&head), &rows)
}

pub(super) fn every_cut_off(dataset: &DatasetOfTable) -> String {
    let lines = lines(dataset);
    let shown = |name: &&String| name.starts_with("recall@") || name.starts_with("ndcg@");
    let names: BTreeSet<&String> = lines.iter().flat_map(|line| line.test.keys()).filter(shown).collect();
    let at = |name: &&String| name.split_once('@').and_then(|(_, k)| k.parse::<usize>().ok()).unwrap_or(0);
    let mut names: Vec<&String> = names.into_iter().collect();
    names.sort_by_key(|name| (!name.starts_with("recall"), at(name)));
    let short = |name: &&String| name.replace("recall", "R").replace("ndcg", "N");
    let mut out = String::new();
    let of = |line: &Line, validation: bool| if validation { line.valid.clone() } else { line.test.clone() };
    for (heading, validation) in [("All cut-offs on test", false), ("All cut-offs on validation", true)] {
        let head: Vec<String> = header(&["model", "settings"]).into_iter().chain(names.iter().map(short)).collect();
        let row = |line: &Line| {
            let values = of(line, validation);
            let cells = names.iter().map(|name| mean_sd(&values, name, 4));
            [line.name.clone(), line.settings.to_owned()].into_iter().chain(cells).collect()
        };
        out += &section(heading, "", &head, &lines.iter().map(row).collect::<Vec<_>>());
    }
    out
}

pub(super) fn groups(dataset: &DatasetOfTable) -> String {
    let rows = dataset.rows();
    let Some((.., first)) = rows.first() else { return String::new() };
    let range =
        |from: usize, to: usize| if to == from + 1 { from.to_string() } else { format!("{from} to {}", to - 1) };
    let user_group =
        |group: &UserGroupRow| format!("{} ({})", range(group.from, group.to), counted(group.users, "user", "users"));
    let item_group = |group: &ItemGroupRow| {
        format!("{} ({})", range(group.from, group.to), counted(group.positives, "pair", "pairs"))
    };
    let hits = |group: &ItemGroupRow| mean_sd(&BTreeMap::from([(RECALL.to_owned(), group.hits)]), RECALL, 4);
    let table = |heading, about, names: Vec<String>, cells: &dyn Fn(&ModelRow) -> Vec<String>| {
        let head: Vec<String> = header(&["model", "settings"]).into_iter().chain(names).collect();
        let body = rows
            .iter()
            .map(|(kind, of, row)| [text(&of.title), kind.word().to_owned()].into_iter().chain(cells(row)).collect());
        section(heading, about, &head, &body.collect::<Vec<_>>())
    };
    let about = "Test Recall@20 of users by their number of training pairs.";
    let users = |row: &ModelRow| row.user_groups.iter().map(|group| mean_sd(&group.test, RECALL, 4)).collect();
    let out = table("Users by activity", about, first.user_groups.iter().map(user_group).collect(), &users);
    let about =
        "Share of the test pairs whose item stands among its user's first 20, by the item's number of training pairs.";
    let items = |row: &ModelRow| row.item_groups.iter().map(hits).collect();
    out + &table("Items by popularity", about, first.item_groups.iter().map(item_group).collect(), &items)
}

pub(super) fn costs(dataset: &DatasetOfTable) -> String {
    let about = "Chosen epochs and ends of the runs; seconds of a run (other work may have been running, so read them as an order of magnitude); the largest measured memory. The \
                 default arithmetic depends on the instruction set, so the last digits do too.";
    let head =
        ["model", "settings", "weights", "epochs chosen", "at the cap", "seconds", "MiB", "arithmetic", "processor"];
    let row = |(kind, of, row): (Kind, &anchorrec_records::ModelResults, &ModelRow)| {
        let epochs: Vec<String> = row.seeds.iter().map(|seed| seed.best_epoch.to_string()).collect();
        let seconds = row.seeds.iter().map(|seed| seed.seconds).sum::<f64>() / row.seeds.len().max(1) as f64;
        let memory = row.seeds.iter().filter_map(|seed| seed.peak_rss_bytes).max();
        vec![
            text(&of.title),
            kind.word().to_owned(),
            row.parameters.to_string(),
            epochs.join(", "),
            format!("{} of {}", row.at_cap(), row.seeds.len()),
            fixed(seconds, 0),
            memory.map_or("-".to_owned(), |bytes| fixed(bytes as f64 / f64::from(1 << 20), 0)),
            text(&row.arithmetic),
            text(&row.processor),
        ]
    };
    section("Cost", about, &header(&head), &dataset.rows().into_iter().map(row).collect::<Vec<_>>())
}

pub(super) fn chosen_settings(dataset: &DatasetOfTable) -> String {
    let about = "The settings that each search chose, with its trials: how many, how many of them diverged, and the validation Recall@20 of the best.";
    let row = |of: &&anchorrec_records::ModelResults| {
        let search = of.search.as_ref()?;
        let best = &search.trials[search.best];
        let diverged = search.trials.iter().filter(|trial| trial.diverged.is_some()).count();
        let settings = best.settings.iter().map(|setting| format!("`{setting}`")).collect::<Vec<_>>().join(" ");
        Some(vec![
            text(&of.title),
            settings,
            search.trials.len().to_string(),
            diverged.to_string(),
            metric(best.recall),
        ])
    };
    let rows: Vec<_> = dataset.models.iter().filter_map(row).collect();
    let head = header(&["model", "chosen", "trials", "diverged", "valid R@20"]);
    let mut out = section("Settings that the searches chose", about, &head, &rows);
    let method = |method: &anchorrec_records::ClosedFormRecord| {
        vec![text(&method.title), text(&method.setting), method.tried.to_string(), fixed(method.search_seconds, 0)]
    };
    let methods: Vec<_> = dataset.closed_forms.iter().flat_map(|rows| &rows.methods).map(method).collect();
    out += &section("Methods without training", "", &header(&["method", "chosen", "tried", "seconds"]), &methods);
    out
}
