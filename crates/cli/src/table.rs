//! The report as a person reads it.

use crate::closed_forms_table;
use anchorrec_data::{Provenance, grouped};
use anchorrec_files::counted;
use anchorrec_records::report::{DataRecord, MeanSd, Report};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Writes the table of a report.
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    head(&mut out, report);
    metrics(&mut out, report);
    let beside = closed_forms_table::beside(report);
    if !beside.is_empty() {
        out += &beside;
        line(&mut out, "");
    }
    runs(&mut out, report);
    phases(&mut out, report);
    reference(&mut out, report);
    for notice in &report.notices {
        line(&mut out, &format!("note: {notice}"));
    }
    if report.data.source == Provenance::Synthetic {
        synthetic(&mut out);
    }
    out
}

fn line(out: &mut String, text: &str) {
    out.push_str(text.trim_end());
    out.push('\n');
}

fn synthetic(out: &mut String) {
    line(out, "**************************************************************************************");
    line(out, "*** SYNTHETIC DATA. These numbers are NOT comparable with any paper or real data set. ***");
    line(out, "**************************************************************************************");
}

/// Writes how much data there is: users, items, pairs of each split.
pub fn counts(data: &DataRecord) -> String {
    format!(
        "{}, {}; {} training, {} validation, {} test pairs",
        counted(data.users, "user", "users"),
        counted(data.items, "item", "items"),
        grouped(data.train),
        grouped(data.valid),
        grouped(data.test)
    )
}

fn head(out: &mut String, report: &Report) {
    let data = &report.data;
    line(out, "");
    if data.source == Provenance::Synthetic {
        synthetic(out);
    }
    let source = match data.source {
        Provenance::Synthetic => "synthetic data",
        Provenance::Derived => "real interactions, some features derived",
        Provenance::Real => "real data",
        Provenance::Unknown => "data of unknown origin",
    };
    line(out, &format!("{} on {} ({source}), anchorrec {}", report.model, data.name, report.version));
    line(out, &counts(data));
    let widths: Vec<String> = data.widths.iter().map(|(name, width)| format!("{name} {width}")).collect();
    let absent = if data.absent.is_empty() { String::new() } else { format!("; absent: {}", data.absent.join(", ")) };
    line(
        out,
        &format!("feature widths: {}{absent}", if widths.is_empty() { "none".into() } else { widths.join(", ") }),
    );
    if !report.settings_from.is_empty() {
        line(out, &format!("settings: {}", report.settings_from));
    }
    if !report.arithmetic.is_empty() {
        line(out, &format!("arithmetic: {}", report.arithmetic));
    }
    line(out, "");
}

fn metrics(out: &mut String, report: &Report) {
    let at = &report.at();
    let seeds = report.runs.len();
    let over = if seeds > 1 { format!("mean ± sd of {seeds} seeds") } else { "one seed".to_owned() };
    let mut row = format!("{:<24}", format!("result ({over})"));
    for k in at {
        let _ = write!(row, "{:>18}", format!("@{k}"));
    }
    line(out, &row);
    let splits: [(&str, &BTreeMap<String, MeanSd>); 2] =
        [("validation", &report.summary.valid), ("test", &report.summary.test)];
    for (split, values) in splits {
        for (label, name) in [("Recall", "recall"), ("NDCG", "ndcg")] {
            let mut row = format!("{:<24}", format!("{split} {label}"));
            for k in at {
                let cell = values.get(&format!("{name}@{k}")).map_or_else(|| "-".to_owned(), |value| cell(*value));
                let _ = write!(row, "{cell:>18}");
            }
            line(out, &row);
        }
    }
    let optimistic = &report.summary.selected_by_test_optimistic;
    if let (Some(recall), Some(ndcg)) = (optimistic.test.get("recall@20"), optimistic.test.get("ndcg@20")) {
        line(
            out,
            &format!(
                "selected by test (optimistic, as published tables do): Recall@20 {recall:.4}, NDCG@20 {ndcg:.4} (seed {}, epoch {})",
                optimistic.seed, optimistic.epoch
            ),
        );
    }
    line(out, "");
}

fn cell(value: MeanSd) -> String {
    match value.sd {
        Some(sd) => format!("{:.4} ± {sd:.4}", value.mean),
        None => format!("{:.4}", value.mean),
    }
}

fn runs(out: &mut String, report: &Report) {
    line(
        out,
        &format!(
            "{:<8}{:>12}{:>10}{:>16}{:>14}{:>12}{:>14}",
            "seed", "best epoch", "epochs", "valid R@20", "test R@20", "seconds", "peak memory"
        ),
    );
    for run in &report.runs {
        let recall = |metrics: &BTreeMap<String, f64>| {
            metrics.get("recall@20").map_or_else(|| "-".to_owned(), |v| format!("{v:.4}"))
        };
        line(
            out,
            &format!(
                "{:<8}{:>12}{:>10}{:>16}{:>14}{:>12.1}{:>14}",
                run.seed,
                if run.is_chosen() { run.best_epoch.to_string() } else { "-".to_owned() },
                run.epochs_run,
                recall(&run.valid),
                recall(&run.test),
                run.seconds,
                memory(run.peak_rss_bytes)
            ),
        );
    }
    line(out, "");
}

fn phases(out: &mut String, report: &Report) {
    line(out, &format!("{:<24}{:>12}{:>14}", "phase", "seconds", "peak memory"));
    for phase in &report.phases {
        line(out, &format!("{:<24}{:>12.2}{:>14}", phase.name, phase.seconds, memory(phase.peak_rss_bytes)));
    }
    let peak = report.runs.iter().filter_map(|run| run.peak_rss_bytes).max();
    for (name, seconds) in [
        ("train", report.runs.iter().map(|run| run.train_seconds).sum::<f64>()),
        ("evaluate", report.runs.iter().map(|run| run.evaluate_seconds).sum()),
    ] {
        line(out, &format!("{name:<24}{seconds:>12.2}{:>14}", memory(peak)));
    }
    line(out, "");
}

fn memory(bytes: Option<u64>) -> String {
    match bytes {
        Some(bytes) => format!("{:.0} MiB", bytes as f64 / f64::from(1 << 20)),
        None => "-".to_owned(),
    }
}

fn reference(out: &mut String, report: &Report) {
    if report.reference.is_empty() {
        return;
    }
    line(out, "published, beside this run: other splits and features, so read the columns");
    line(out, &format!("{:<14}{:>10}{:>10}  {:<34}{}", "model", "R@20", "N@20", "split", "features"));
    let own = |name: &str| report.summary.test.get(name).map_or_else(|| "-".to_owned(), |v| format!("{:.4}", v.mean));
    let split = format!("this folder's, {}/{}/{}", report.data.train, report.data.valid, report.data.test);
    let features = match report.data.source {
        Provenance::Synthetic => "synthetic",
        Provenance::Derived => "as in this folder, some derived",
        Provenance::Real => "as in this folder",
        Provenance::Unknown => "as in this folder, some of unknown origin",
    };
    let (recall, ndcg) = (own("recall@20"), own("ndcg@20"));
    line(out, &format!("{:<14}{recall:>10}{ndcg:>10}  {split:<34}{features}; validation-selected", "this run"));
    for row in &report.reference {
        let ndcg = row.ndcg20.map_or_else(|| "-".to_owned(), |v| format!("{v:.4}"));
        let note = if row.note.is_empty() { String::new() } else { format!("; {}", row.note) };
        line(
            out,
            &format!("{:<14}{:>10.4}{ndcg:>10}  {:<34}{}{note}", row.model, row.recall20, row.split, row.features),
        );
    }
    line(out, "");
}
