//! Methods without training as a person reads them: a row each, the trained model first where there is one.

use crate::progress::cell;
use anchorrec_records::report::{MeanSd, Metrics, Report, over_runs, selection_metric};
use anchorrec_records::{ClosedFormRecord, FusionRecord};
use anchorrec_trainer::closed_forms::Setting;
use anchorrec_trainer::evaluation::Evaluation;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The metrics that have a column: the split, the name in records, the heading.
const COLUMNS: [(Split, &str, &str); 5] = [
    (Split::Valid, "recall@20", "valid R@20"),
    (Split::Test, "recall@10", "test R@10"),
    (Split::Test, "recall@20", "test R@20"),
    (Split::Test, "ndcg@10", "test N@10"),
    (Split::Test, "ndcg@20", "test N@20"),
];

#[derive(Clone, Copy)]
enum Split {
    Valid,
    Test,
}

/// Writes a model beside popularity and item kNN; nothing for a report that has none of them.
pub fn beside(report: &Report) -> String {
    if report.closed_forms.is_empty() {
        return String::new();
    }
    let mut out = head("beside the model") + &model(report, "trained");
    out += &rows(&report.closed_forms);
    if let Some(fusion) = &report.fusion {
        out += &fused(report.model_title(), fusion);
    }
    let recall = |metrics: &Metrics| metrics.get("recall@20").copied();
    let own = report.summary.test.get("recall@20").map(|value| value.mean);
    let ahead: Vec<&str> = report
        .closed_forms
        .iter()
        .chain(report.fusion.as_ref().map(|fusion| &fusion.kernel))
        .filter(|method| own.is_some_and(|own| recall(&method.test).is_some_and(|theirs| theirs > own)))
        .map(|method| method.title.as_str())
        .collect();
    if !ahead.is_empty() {
        let _ = writeln!(out, "a higher test Recall@20 without training: {}", ahead.join(", "));
    }
    out
}

/// Renders a row for each model, then one for each closed form.
#[cfg(feature = "baselines")]
pub fn all(reports: &[&Report], methods: &[ClosedFormRecord]) -> String {
    let trained = reports.iter().map(|report| {
        let epochs: Vec<String> =
            report.runs.iter().map(|run| format!("{} of {}", run.best_epoch, run.epochs_run)).collect();
        model(report, &format!("trained, epoch {}", epochs.join(", ")))
    });
    head("method") + &trained.collect::<String>() + &rows(methods)
}

/// The row of a trained model.
fn model(report: &Report, how: &str) -> String {
    let means = |of: &BTreeMap<String, MeanSd>| -> Metrics {
        of.iter().map(|(name, value)| (name.clone(), value.mean)).collect()
    };
    let seconds = report.runs.iter().map(|run| run.seconds).sum::<f64>() / report.runs.len().max(1) as f64;
    let bytes = report.runs.iter().filter_map(|run| run.peak_rss_bytes).max();
    let how = if report.runs.len() > 1 { format!("{how}; mean of its seeds") } else { how.to_owned() };
    let (valid, test) = (means(&report.summary.valid), means(&report.summary.test));
    row(report.model_title(), &valid, &test, seconds, bytes, &how)
}

/// The closed form alone, and what it makes of the model.
fn fused(model: &str, fusion: &FusionRecord) -> String {
    let FusionRecord { kernel, neighbours, runs } = fusion;
    let mut kernel = kernel.clone();
    if let Some(neighbours) = neighbours {
        kernel.setting += &format!(", on {neighbours} neighbours");
    }
    let mut out = rows(std::slice::from_ref(&kernel));
    let mean = |metrics: Vec<&Metrics>| -> Metrics {
        over_runs(metrics).into_iter().map(|(name, value)| (name, value.mean)).collect()
    };
    let (valid, test) =
        (mean(runs.iter().map(|run| &run.valid).collect()), mean(runs.iter().map(|run| &run.test).collect()));
    let gammas: Vec<String> = runs.iter().map(|run| run.gamma.to_string()).collect();
    let seconds = runs.iter().map(|run| run.seconds).sum::<f64>() / runs.len().max(1) as f64;
    let chosen = if kernel.is_chosen() { "on validation" } else { "not chosen, there is no validation" };
    let how = format!("γ {} {chosen}; our recipe, not the paper's", gammas.join(", "));
    out += &row(&format!("{model} + {}", kernel.title), &valid, &test, seconds, None, &how);
    out
}

/// Writes a setting that was tried as a line.
pub fn tried(setting: &Setting, evaluation: &Evaluation) -> String {
    let metric = selection_metric();
    format!("{:<11}validation {metric} {}  {setting}", setting.method().title(), cell(&evaluation.valid, &metric))
}

/// Writes a heading and a row for each method.
pub fn render(methods: &[ClosedFormRecord]) -> String {
    head("method") + &rows(methods)
}

fn head(name: &str) -> String {
    let mut out = format!("{name:<18}");
    COLUMNS.iter().for_each(|(.., heading)| {
        let _ = write!(out, "{heading:>12}");
    });
    let _ = writeln!(out, "{:>10}{:>12}  setting", "seconds", "memory");
    out
}

fn rows(methods: &[ClosedFormRecord]) -> String {
    let of = |method: &ClosedFormRecord| {
        let how = match (method.tried, method.is_chosen()) {
            (1, _) => method.setting.clone(),
            (tried, true) => format!("{}; best of {tried} on validation", method.setting),
            (_, false) => format!("{}; not chosen: there is no validation", method.setting),
        };
        row(&method.title, &method.valid, &method.test, method.search_seconds, Some(method.bytes), &how)
    };
    methods.iter().map(of).collect()
}

fn row(name: &str, valid: &Metrics, test: &Metrics, seconds: f64, bytes: Option<u64>, how: &str) -> String {
    let mut out = format!("{name:<18}");
    for (split, metric, _) in COLUMNS {
        let metrics = match split {
            Split::Valid => valid,
            Split::Test => test,
        };
        let _ = write!(out, "{:>12}", cell(metrics, metric));
    }
    let memory = bytes.map_or_else(|| "-".to_owned(), |bytes| format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20)));
    let _ = writeln!(out, "{seconds:>10.1}{memory:>12}  {how}");
    out
}
