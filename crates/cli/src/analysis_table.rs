//! What the analyses of a job's seeds saw, as a person reads it.

use anchorrec_trainer::analysis::Analysis;
use anchorrec_trainer::comparison::figures;
use anchorrec_trainer::report::MeanSd;
use std::collections::BTreeMap;
use std::fmt::Write;

/// One figure a line, mean and standard deviation over the seeds.
pub fn render(analyses: &[Analysis]) -> String {
    let mut out = format!("{:<44}{:>20}\n", "what the weights show", seeds(analyses.len()));
    let mut by_name: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (name, value) in analyses.iter().flat_map(figures) {
        by_name.entry(name).or_default().push(value);
    }
    for (name, values) in by_name {
        let MeanSd { mean, sd } = MeanSd::of(&values);
        let value = sd.map_or_else(|| format!("{mean:.4}"), |sd| format!("{mean:.4} ± {sd:.4}"));
        let _ = writeln!(out, "{name:<44}{value:>20}");
    }
    out
}

fn seeds(count: usize) -> String {
    if count == 1 { "one seed".to_owned() } else { format!("mean ± sd of {count}") }
}
