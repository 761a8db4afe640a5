//! The result, what stands beside it, and how training ended.

use crate::interval;
use crate::number::{counted, difference, listed, metric};
use anchorrec_records::Report;

/// About test accuracy, the selection by test, and the end of training.
pub fn sentences(report: &Report) -> Vec<String> {
    let (n, mut out) = (report.runs.len(), Vec::new());
    let summary = &report.summary;
    if let Some(&recall) = summary.test.get("recall@20") {
        let over = if n > 1 { format!("mean of {n} seeds") } else { "one seed".to_owned() };
        let interval = interval::half_width(recall.sd, n).map_or_else(String::new, |half| {
            format!(", 95\u{a0}% interval {} to {}", metric(recall.mean - half), metric(recall.mean + half))
        });
        let ndcg =
            summary.test.get("ndcg@20").map_or_else(String::new, |ndcg| format!("; NDCG@20 is {}", metric(ndcg.mean)));
        out.push(format!(
            "Test Recall@20 is {} ({over}{interval}){ndcg}. Validation alone chose the epochs.",
            metric(recall.mean)
        ));
        if let Some(&optimistic) = summary.selected_by_test_optimistic.test.get("recall@20") {
            let more = optimistic - recall.mean;
            out.push(format!(
                "Choosing seed and epoch by test, as published tables do, would have shown {} ({}): that number is optimistic.",
                metric(optimistic),
                difference(more)
            ));
        }
    }
    let last: Vec<String> = report
        .runs
        .iter()
        .filter(|run| run.best_epoch == run.epochs_run && !run.stopped_early && run.epochs_run > 1)
        .map(|run| run.seed.to_string())
        .collect();
    if !last.is_empty() {
        let seeds = if last.len() == 1 { "seed" } else { "seeds" };
        out.push(format!(
            "The best epoch of {seeds} {} is the last one that was trained, so more epochs might give more.",
            listed(&last)
        ));
    }
    let early = report.runs.iter().filter(|run| run.stopped_early).count();
    if early > 0 {
        let stopped = if early == n && n > 1 { format!("all {n} seeds") } else { counted(early, "seed", "seeds") };
        out.push(format!("Patience ended the training of {stopped}."));
    }
    out
}
