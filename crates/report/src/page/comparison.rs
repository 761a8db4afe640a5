//! The sections about a comparison of variants.

use super::escape::escaped;
use super::table::{Kind, Table};
use super::{Subject, prose};
use crate::figures::{differences, tradeoff};
use crate::number::{counted, difference, fixed, metric, percent, probability};
use crate::words::variants;
use anchorrec_data::grouped;
use anchorrec_records::comparison::{Comparison, PairedTests, VariantRecord};
use std::collections::BTreeSet;
use std::fmt::Write;

/// All that is known about a comparison.
pub fn subject(comparison: &Comparison, slug: &str, synthetic: bool) -> Subject {
    let title = format!("Variants on {}", comparison.dataset);
    let seeds: Vec<String> = comparison.seeds.iter().map(u64::to_string).collect();
    let about = format!(
        "{} · reference: {} · seeds {}",
        counted(comparison.variants.len(), "variant", "variants"),
        comparison.reference,
        seeds.join(", ")
    );
    let mut subject = Subject::new(slug, title, about, synthetic);
    subject.section("shown", "What the comparison shows", prose(&variants::paragraphs(comparison)));
    let figure = subject.figure(differences::differences(comparison));
    subject.section("tests", "Differences", figure + &tests(comparison));
    let figure = subject.figure(tradeoff::tradeoff(comparison));
    subject.section("neighbourhoods", "Accuracy and neighbourhoods", figure + &collapse(comparison));
    subject.section("variants", "The variants", settings(comparison));
    subject
}

fn tests(comparison: &Comparison) -> String {
    let columns = [
        ("Variant", Kind::Words),
        ("Test Recall@20\nmean ± sd", Kind::Number),
        ("Difference\n95 % interval", Kind::Number),
        ("p\nt, Holm", Kind::Number),
        ("p\nWilcoxon, Holm", Kind::Number),
        ("Test NDCG@20\nmean ± sd", Kind::Number),
        ("Difference\n95 % interval", Kind::Number),
        ("p\nt, Holm", Kind::Number),
        ("p\nWilcoxon, Holm", Kind::Number),
        ("Same lists\nfirst 20", Kind::Number),
    ];
    let mut table = Table::new("Variants against the reference", &columns);
    for variant in &comparison.variants {
        let mut cells = vec![variant.name.clone()];
        for name in ["recall@20", "ndcg@20"] {
            cells.push(mean(variant, name));
            cells.extend(tested(variant.against.get(name)));
        }
        cells.push(variant.shared_recommendations.map_or_else(|| "–".to_owned(), percent));
        table.row(cells);
    }
    table.html()
        + "<p class=\"note\">Differences are taken user by user, each user's metric averaged over seeds first, so the two models of a row are compared on the \
           very same users. Intervals and p-values cover the choice of users; the sd covers the choice of seeds.</p>\n"
}

fn mean(variant: &VariantRecord, name: &str) -> String {
    let Some(value) = variant.test.get(name) else { return "–".to_owned() };
    value.sd.map_or_else(|| metric(value.mean), |sd| format!("{}\n± {}", metric(value.mean), metric(sd)))
}

fn tested(tests: Option<&PairedTests>) -> [String; 3] {
    let Some(tests) = tests else { return [(); 3].map(|()| "–".to_owned()) };
    let (low, high) = tests.interval;
    [
        format!("{}\n{} to {}", difference(tests.mean), difference(low), difference(high)),
        probability(tests.t_p_corrected),
        probability(tests.wilcoxon_p_corrected),
    ]
}

/// Figures of the analyses, a column for each.
fn collapse(comparison: &Comparison) -> String {
    let names: BTreeSet<&String> = comparison.variants.iter().flat_map(|variant| variant.collapse.keys()).collect();
    let mut columns = vec![("Variant", Kind::Words)];
    columns.extend(names.iter().map(|name| (name.as_str(), Kind::Number)));
    if columns.len() == 1 {
        return String::new();
    }
    let mut table = Table::new("Figures of the spaces of each variant", &columns);
    for variant in &comparison.variants {
        let mut cells = vec![variant.name.clone()];
        cells.extend(names.iter().map(|name| match variant.collapse.get(*name) {
            Some(value) => {
                let digits = if value.mean.abs() < 10.0 { 3 } else { 1 };
                value.sd.map_or_else(
                    || fixed(value.mean, digits),
                    |sd| format!("{}\n± {}", fixed(value.mean, digits), fixed(sd, digits)),
                )
            }
            None => "–".to_owned(),
        }));
        table.row(cells);
    }
    table.html()
}

fn settings(comparison: &Comparison) -> String {
    let mut out = String::from("<dl class=\"variants\">\n");
    for variant in &comparison.variants {
        let _ = writeln!(out, "<dt>{}</dt><dd>{}", escaped(&variant.name), escaped(&variant.about));
        if !variant.settings.is_empty() {
            let _ = write!(out, "<code>{}</code>", escaped(&variant.settings.join("\n")));
        }
        let _ = writeln!(
            out,
            "<small>{} trainable numbers; runs in {}</small></dd>",
            grouped(variant.parameters),
            escaped(&variant.folder)
        );
    }
    out + "</dl>\n"
}
