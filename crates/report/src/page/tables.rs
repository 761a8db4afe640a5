//! The contents of the tables about a run.

use super::table::{ColumnKind, PageTable};
use crate::interval;
use crate::number::{fixed, metric};
use crate::spaces::Spaces;
use anchorrec_data::grouped;
use anchorrec_records::Report;
use anchorrec_records::report::{MeanSd, Metrics, RunRecord, over_runs};
use std::collections::BTreeMap;

/// A number that is not there.
const NONE: &str = "–";

pub fn or_none(value: Option<&f64>) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| metric(*value))
}

/// Writes the result: every metric with its interval, and what a selection by test would have shown.
pub fn accuracy(report: &Report) -> String {
    let n = report.runs.len();
    let mut table = PageTable::new(
        "Accuracy on validation and test",
        &[
            ("Metric", ColumnKind::Words),
            ("Validation\nmean", ColumnKind::Number),
            ("± 95 %\nover seeds", ColumnKind::Number),
            ("Test\nmean: the result", ColumnKind::Number),
            ("± 95 %\nover seeds", ColumnKind::Number),
            ("sd\nover seeds", ColumnKind::Number),
            ("Selected by test\noptimistic", ColumnKind::Doubtful),
        ],
    );
    for (name, title) in [("recall", "Recall"), ("ndcg", "NDCG")] {
        for k in &report.at() {
            let key = format!("{name}@{k}");
            let (valid, test) = (report.summary.valid.get(&key), report.summary.test.get(&key));
            let mean = |value: Option<&MeanSd>| or_none(value.map(|value| &value.mean));
            let half =
                |value: Option<&MeanSd>| or_none(value.and_then(|value| interval::half_width(value.sd, n)).as_ref());
            let sd = or_none(test.and_then(|test| test.sd).as_ref());
            let optimistic = or_none(report.summary.selected_by_test_optimistic.test.get(&key));
            table.row(vec![format!("{title}@{k}"), mean(valid), half(valid), mean(test), half(test), sd, optimistic]);
        }
    }
    table.html()
}

/// Writes the model beside methods that need no training: whether it is worth its time.
pub fn beside(report: &Report) -> String {
    if report.closed_forms.is_empty() {
        return String::new();
    }
    let columns = [
        ("Method", ColumnKind::Words),
        ("Validation\nRecall@20", ColumnKind::Number),
        ("Test\nRecall@20", ColumnKind::Number),
        ("Test\nNDCG@20", ColumnKind::Number),
        ("Seconds\nall settings tried", ColumnKind::Number),
        ("Setting", ColumnKind::Words),
    ];
    let mut table = PageTable::new("Beside methods without training", &columns);
    let mean = |of: &BTreeMap<String, MeanSd>, name: &str| or_none(of.get(name).map(|value| &value.mean));
    let seconds = report.runs.iter().map(|run| run.seconds).sum::<f64>() / report.runs.len().max(1) as f64;
    table.row(vec![
        report.model_title().to_owned(),
        mean(&report.summary.valid, "recall@20"),
        mean(&report.summary.test, "recall@20"),
        mean(&report.summary.test, "ndcg@20"),
        fixed(seconds, 1),
        "trained\nthis setting alone, mean of its seeds".to_owned(),
    ]);
    let kernel = report.fusion.as_ref().map(|fusion| &fusion.kernel);
    for method in report.closed_forms.iter().chain(kernel) {
        let how = match (method.tried, method.is_chosen()) {
            (1, _) => String::new(),
            (tried, true) => format!("\nbest of {tried} on validation"),
            (_, false) => "\nnot chosen: there is no validation".to_owned(),
        };
        table.row(vec![
            method.title.clone(),
            or_none(method.valid.get("recall@20")),
            or_none(method.test.get("recall@20")),
            or_none(method.test.get("ndcg@20")),
            fixed(method.search_seconds, 1),
            format!("{}{how}", method.setting),
        ]);
    }
    if let Some(fusion) = &report.fusion {
        let (valid, test) =
            (over_runs(fusion.runs.iter().map(|run| &run.valid)), over_runs(fusion.runs.iter().map(|run| &run.test)));
        let gammas: Vec<String> = fusion.runs.iter().map(|run| run.gamma.to_string()).collect();
        let seconds = fusion.runs.iter().map(|run| run.seconds).sum::<f64>() / fusion.runs.len().max(1) as f64;
        let chosen = match fusion.kernel.is_chosen() {
            true => "chosen on validation, a γ for each seed",
            false => "not chosen: there is no validation",
        };
        table.row(vec![
            format!("{} + {}\nour recipe, not the paper's", report.model_title(), fusion.kernel.title),
            mean(&valid, "recall@20"),
            mean(&test, "recall@20"),
            mean(&test, "ndcg@20"),
            fixed(seconds, 1),
            format!("z(model) + γ z({}), γ {}\n{chosen}", fusion.kernel.title, gammas.join(", ")),
        ]);
    }
    table.html()
}

/// Makes a row for each seed, the best by validation first.
pub fn seeds(report: &Report) -> String {
    let columns = [
        ("Seed", ColumnKind::Words),
        ("Best epoch", ColumnKind::Number),
        ("Epochs", ColumnKind::Number),
        ("Validation\nRecall@20", ColumnKind::Number),
        ("Test\nRecall@20", ColumnKind::Number),
        ("Test\nNDCG@20", ColumnKind::Number),
        ("Minutes", ColumnKind::Number),
    ];
    let mut table = PageTable::new("Seeds", &columns);
    let chosen = |run: &&RunRecord| run.valid.get("recall@20").copied().unwrap_or(f64::NEG_INFINITY);
    let mut runs: Vec<&RunRecord> = report.runs.iter().collect();
    runs.sort_by(|a, b| chosen(b).total_cmp(&chosen(a)));
    for run in runs {
        let of = |metrics: &Metrics, name: &str| or_none(metrics.get(name));
        table.row(vec![
            run.seed.to_string(),
            if run.is_chosen() { run.best_epoch.to_string() } else { "–".to_owned() },
            run.epochs_run.to_string(),
            of(&run.valid, "recall@20"),
            of(&run.test, "recall@20"),
            of(&run.test, "ndcg@20"),
            fixed(run.seconds / 60.0, 1),
        ]);
    }
    table.html()
}

/// Writes a place in a ranking, counted from 0; a dash for what has no metric to be ranked by.
pub fn place(place: usize, is_ranked: bool) -> String {
    if is_ranked { (place + 1).to_string() } else { "–".to_owned() }
}

/// Writes published rows, which are no competitors: other splits, other features, selected by test.
pub fn references(report: &Report) -> String {
    if report.reference.is_empty() {
        return String::new();
    }
    let columns = [
        ("Model", ColumnKind::Words),
        ("Recall@20", ColumnKind::Number),
        ("NDCG@20", ColumnKind::Number),
        ("Split", ColumnKind::Words),
        ("Features", ColumnKind::Words),
    ];
    let mut table = PageTable::new("Published rows", &columns);
    let own = |name: &str| or_none(report.summary.test.get(name).map(|value| &value.mean));
    let this = format!("{}, this run\nselected by validation", report.model_title());
    table.row(vec![this, own("recall@20"), own("ndcg@20"), "this folder's".to_owned(), "as in this folder".to_owned()]);
    for row in &report.reference {
        let features =
            if row.note.is_empty() { row.features.clone() } else { format!("{}\n{}", row.features, row.note) };
        table.row(vec![
            row.model.clone(),
            metric(row.recall20),
            or_none(row.ndcg20.as_ref()),
            row.split.clone(),
            features,
        ]);
    }
    table.html()
}

/// Writes a row for each space, means over the analysed seeds.
pub fn spaces(spaces: &Spaces) -> String {
    let columns = [
        ("Space", ColumnKind::Words),
        ("Width", ColumnKind::Number),
        ("Effective rank", ColumnKind::Number),
        ("Uniformity\nlower: more even", ColumnKind::Number),
        ("Distance to its ID position\nover that of different items", ColumnKind::Number),
    ];
    let mut table = PageTable::new("Spaces", &columns);
    let show = |value: Option<f64>, digits: usize| value.map_or_else(|| NONE.to_owned(), |value| fixed(value, digits));
    for space in &spaces.shown().spaces {
        let pairs = spaces.analyses().iter().filter_map(|analysis| analysis.pair(&space.name, "id")?.spread);
        table.row(vec![
            format!("{}\n{}", space.name, crate::space::words(&space.name)),
            grouped(space.width),
            show(spaces.space(&space.name, |space| space.effective_rank), 1),
            show(spaces.space(&space.name, |space| space.uniformity), 2),
            show(crate::spaces::mean(pairs), 2),
        ]);
    }
    table.html()
}

/// Says what the first, second and third neighbour in the final space are like.
pub fn nearest(spaces: &Spaces) -> String {
    let columns = [
        ("Neighbour in final", ColumnKind::Words),
        ("Cosine of text", ColumnKind::Number),
        ("Cosine of images", ColumnKind::Number),
        ("Items bought with it", ColumnKind::Number),
    ];
    let mut table = PageTable::new("Nearest neighbours in the final space", &columns);
    let show = |value: Option<f64>| value.map_or_else(|| NONE.to_owned(), |value| fixed(value, 3));
    for nearest in &spaces.shown().nearest {
        table.row(vec![
            format!("number {}", nearest.rank),
            show(nearest.text),
            show(nearest.vision),
            fixed(nearest.two_hop, 1),
        ]);
    }
    table.html()
}

/// Writes every input file with its size and hash.
pub fn inputs(report: &Report) -> String {
    let mut table = PageTable::new(
        "Input files",
        &[("File", ColumnKind::Code), ("Bytes", ColumnKind::Number), ("SHA-256", ColumnKind::Code)],
    );
    for input in &report.inputs {
        table.row(vec![input.path.clone(), grouped(input.bytes), input.sha256.clone()]);
    }
    table.html()
}
