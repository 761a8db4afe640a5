//! The baselines beside the result, and how training ended.

use crate::number::{counted, difference, metric};
use anchorrec_records::Report;

/// Says how the epochs were chosen, what a choice by test would have shown, and how training ended.
pub fn sentences(report: &Report) -> Vec<String> {
    let (n, mut out) = (report.runs.len(), Vec::new());
    let summary = &report.summary;
    if let Some(&recall) = summary.test.get("recall@20") {
        out.push("Validation alone chose the epochs.".to_owned());
        if let Some(&optimistic) = summary.selected_by_test_optimistic.test.get("recall@20") {
            let more = optimistic - recall.mean;
            out.push(format!(
                "Choosing seed and epoch by test, as published tables do, would have shown {} ({}): that number is optimistic.",
                metric(optimistic),
                difference(more)
            ));
        }
    }
    let early = report.runs.iter().filter(|run| run.stopped_early).count();
    if early > 0 {
        let stopped = if early == n && n > 1 { format!("all {n} seeds") } else { counted(early, "seed", "seeds") };
        out.push(format!("Patience ended the training of {stopped}."));
    }
    out
}
