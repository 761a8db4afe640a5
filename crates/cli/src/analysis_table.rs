//! What the analyses of a job's seeds saw, as a person reads it.

use anchorrec_records::analysis::Analysis;
use anchorrec_records::figures;
use anchorrec_records::report::{MeanSd, over_runs};
use std::fmt::Write;

/// Writes one figure a line, mean and standard deviation over the seeds.
pub fn render(analyses: &[Analysis]) -> String {
    let mut out = format!("{:<44}{:>20}\n", "what the weights show", seeds(analyses.len()));
    let figures: Vec<_> = analyses.iter().map(figures::of).collect();
    for (name, MeanSd { mean, sd }) in over_runs(&figures) {
        let value = sd.map_or_else(|| format!("{mean:.4}"), |sd| format!("{mean:.4} ± {sd:.4}"));
        let _ = writeln!(out, "{name:<44}{value:>20}");
    }
    out
}

fn seeds(count: usize) -> String {
    if count == 1 { "one seed".to_owned() } else { format!("mean ± sd of {count}") }
}
