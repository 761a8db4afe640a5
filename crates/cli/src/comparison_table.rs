//! A comparison of variants as a person reads it.

use anchorrec_records::comparison::{Comparison, PairedTests, VariantRecord};
use anchorrec_records::report::MeanSd;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Figures beside accuracy: a heading and the name in the record.
const COLLAPSE: &[(&str, &str)] = &[
    ("final-mm", "overlap final-raw_mm"),
    ("final-text", "overlap final-raw_text"),
    ("final-vision", "overlap final-raw_vision"),
    ("final-id", "overlap final-id"),
    ("id-mm", "overlap id-mm"),
    ("mm kept", "overlap mm-raw_mm"),
    ("text kept", "overlap text-raw_text"),
    ("spread", "spread id-mm"),
    ("rank", "effective rank final"),
    ("2-hop", "neighbour 1 2-hop"),
    ("coverage", "coverage"),
];

/// Writes two tables: accuracy with tests, and what the spaces look like.
pub fn render(comparison: &Comparison) -> String {
    let seeds = comparison.seeds.len();
    let mut out = format!(
        "\n{} on {}, {seeds} {}; test metrics at the epoch that validation selected\n\n",
        comparison.reference,
        comparison.dataset,
        if seeds == 1 { "seed" } else { "seeds" }
    );
    let _ = writeln!(
        out,
        "{:<20}{:>18}{:>18}{:>18}{:>10}{:>22}{:>10}{:>10}",
        "variant", "valid R@20", "test R@20", "test N@20", "ΔR@20", "95 %", "p t", "p Wilc."
    );
    for variant in &comparison.variants {
        accuracy(&mut out, variant);
    }
    for variant in &comparison.diverged {
        let _ = writeln!(out, "{:<20}diverged ({})", variant.name, variant.what);
    }
    let _ = writeln!(
        out,
        "Δ: mean over users against {}; p: paired t and Wilcoxon signed-rank over users, Holm for {} comparisons\n",
        comparison.reference, comparison.comparisons
    );
    let _ = write!(out, "{:<20}", "variant");
    for (heading, _) in COLLAPSE {
        let _ = write!(out, "{heading:>14}");
    }
    out.push('\n');
    for variant in &comparison.variants {
        let _ = write!(out, "{:<20}", variant.name);
        for (_, name) in COLLAPSE {
            let cell = variant.collapse.get(*name).map_or_else(|| "-".to_owned(), |value| format!("{:.3}", value.mean));
            let _ = write!(out, "{cell:>14}");
        }
        out.push('\n');
    }
    out.push_str(
        "final-mm and so on: share of the 20 nearest neighbours that the scored space has in common with the raw features; final-id, id-mm: \
         with the ID space; mm kept, text kept: share that the encoded modality has in common with its own raw features; spread: distance of \
         an item's ID and mm positions over that of different items; 2-hop: popularity of the nearest neighbour\n\n",
    );
    out
}

fn accuracy(out: &mut String, variant: &VariantRecord) {
    let recall = variant.against.get("recall@20");
    let difference = recall.map_or_else(|| "-".to_owned(), |test| format!("{:+.4}", test.mean));
    let interval = |test: &PairedTests| format!("[{:+.4}, {:+.4}]", test.interval.0, test.interval.1);
    let interval = recall.map_or_else(|| "-".to_owned(), interval);
    let p = |of: fn(&PairedTests) -> f64| recall.map_or_else(|| "-".to_owned(), |test| p_value(of(test)));
    let _ = writeln!(
        out,
        "{:<20}{:>18}{:>18}{:>18}{difference:>10}{interval:>22}{:>10}{:>10}",
        variant.name,
        mean(&variant.valid, "recall@20"),
        mean(&variant.test, "recall@20"),
        mean(&variant.test, "ndcg@20"),
        p(|test| test.t_p_corrected),
        p(|test| test.wilcoxon_p_corrected)
    );
}

fn mean(metrics: &BTreeMap<String, MeanSd>, name: &str) -> String {
    match metrics.get(name) {
        Some(MeanSd { mean, sd: Some(sd) }) => format!("{mean:.4} ± {sd:.4}"),
        Some(MeanSd { mean, sd: None }) => format!("{mean:.4}"),
        None => "-".to_owned(),
    }
}

fn p_value(p: f64) -> String {
    if p < 0.001 { "<.001".to_owned() } else { format!("{p:.3}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_records::figures;

    #[test]
    fn every_column_is_a_figure_of_an_analysis() {
        let names = figures::names();
        for (heading, name) in COLLAPSE {
            assert!(names.iter().any(|known| known == name), "{heading}: there is no figure `{name}`");
        }
    }
}
