//! The sections about a comparison of variants.

use super::escape::escaped;
use super::subject::{Subject, prose};
use super::table::{ColumnKind, PageTable};
use super::tables;
use crate::figures::{differences, tradeoff};
use crate::measures::GROUPS;
use crate::number::{counted, difference, fixed, metric, percent, probability};
use crate::read::Run;
use crate::words::verdict::{self, Standing};
use crate::words::{training, variants};
use anchorrec_data::grouped;
use anchorrec_records::comparison::{Comparison, VariantRecord};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Makes the subject of a comparison; `reference` is the run of its reference, where that is there.
pub fn subject(comparison: &Comparison, reference: Option<&Run>, slug: &str, synthetic: bool) -> Subject {
    let title = format!("Variants on {}", comparison.dataset);
    let seeds: Vec<String> = comparison.seeds.iter().map(u64::to_string).collect();
    let about = format!(
        "{} · reference: {} · seeds {}",
        counted(comparison.variants.len(), "variant", "variants"),
        comparison.reference,
        seeds.join(", ")
    );
    let mut subject = Subject::new(slug, title, about, synthetic);
    subject.cautions = training::undertrained_variants(comparison, reference.map(|run| &run.report));
    subject.verdict = verdict::of_comparison(comparison);
    subject.section("ranking", "Ranking", ranking(comparison));
    subject.section("shown", "What the comparison shows", prose(&variants::paragraphs(comparison)));
    let figure = subject.figure(differences::differences(comparison));
    subject.section("tests", "Differences", figure + &tests(comparison));
    let figure = subject.figure(tradeoff::tradeoff(comparison));
    subject.section("neighbourhoods", "Accuracy and neighbourhoods", figure + &collapse(comparison));
    subject.section("variants", "The variants", settings(comparison));
    subject
}

/// Makes the ranking: all variants by their test Recall@20, each with what the test says of it.
fn ranking(comparison: &Comparison) -> String {
    let columns = [
        ("Place", ColumnKind::Words),
        ("Variant", ColumnKind::Words),
        ("Test Recall@20\nmean ± sd", ColumnKind::Number),
        ("Test NDCG@20\nmean ± sd", ColumnKind::Number),
        ("Against the reference\nRecall@20", ColumnKind::Words),
        ("Same lists\nfirst 20", ColumnKind::Number),
    ];
    let mut table = PageTable::new("Variants, ranked by test Recall@20", &columns);
    let recall = |variant: &VariantRecord| variant.test.get("recall@20").map_or(f64::NEG_INFINITY, |value| value.mean);
    let mut order: Vec<&VariantRecord> = comparison.variants.iter().collect();
    order.sort_by(|a, b| recall(b).total_cmp(&recall(a)));
    for (place, variant) in order.into_iter().enumerate() {
        let standing = match variant.against.get("recall@20") {
            None if variant.name == comparison.reference => "reference".to_owned(),
            None => "not tested".to_owned(),
            Some(tests) => match Standing::of(tests) {
                Standing::Higher => format!("higher\n{}", difference(tests.mean)),
                Standing::Lower => format!("lower\n{}", difference(tests.mean)),
                Standing::Alike => format!("no difference shown\n{}", difference(tests.mean)),
            },
        };
        table.row(vec![
            tables::place(place, variant.test.contains_key("recall@20")),
            variant.name.clone(),
            mean(variant, "recall@20"),
            mean(variant, "ndcg@20"),
            standing,
            variant.shared_recommendations.map_or_else(|| "–".to_owned(), percent),
        ]);
    }
    table.html()
        + "<p class=\"note\">Places are those of the means. Two neighbours in the table need not differ: only the difference to the reference was \
           tested.</p>\n"
}

/// Makes a table of tests for each metric that was tested.
fn tests(comparison: &Comparison) -> String {
    let mut out = String::new();
    for (name, title) in [("recall@20", "Recall@20"), ("ndcg@20", "NDCG@20")] {
        let columns = [
            ("Variant", ColumnKind::Words),
            ("Difference\n95 % interval", ColumnKind::Number),
            ("p, paired t\nHolm", ColumnKind::Number),
            ("p, Wilcoxon\nHolm", ColumnKind::Number),
        ];
        let mut table = PageTable::new(&format!("Test {title}, difference to {}", comparison.reference), &columns);
        for variant in &comparison.variants {
            let Some(tests) = variant.against.get(name) else { continue };
            let (low, high) = tests.interval;
            table.row(vec![
                variant.name.clone(),
                format!("{}\n{} to {}", difference(tests.mean), difference(low), difference(high)),
                probability(tests.t_p_corrected),
                probability(tests.wilcoxon_p_corrected),
            ]);
        }
        out += &table.titled();
    }
    out + "<p class=\"note\">Differences are taken user by user, each user's metric averaged over seeds first, so the two models of a row are compared on the \
           very same users. Intervals and p-values cover the choice of users; the sd covers the choice of seeds.</p>\n"
}

fn mean(variant: &VariantRecord, name: &str) -> String {
    let Some(value) = variant.test.get(name) else { return "–".to_owned() };
    value.sd.map_or_else(|| metric(value.mean), |sd| format!("{}\n± {}", metric(value.mean), metric(sd)))
}

/// Makes a table for each group of measures: the first is seen, the others are opened. What no group knows is in a last one.
fn collapse(comparison: &Comparison) -> String {
    let there = |key: &str| comparison.variants.iter().any(|variant| variant.collapse.contains_key(key));
    let mut out = String::new();
    let mut more = String::new();
    for (k, group) in GROUPS.iter().enumerate() {
        let measures: Vec<(&str, &str)> =
            group.measures.iter().map(|m| (m.key, m.heading)).filter(|(key, _)| there(key)).collect();
        *if k == 0 { &mut out } else { &mut more } += &figures(comparison, group.title, &measures);
    }
    let known = |key: &str| GROUPS.iter().flat_map(|group| group.measures).any(|measure| measure.key == key);
    let keys: BTreeSet<&str> =
        comparison.variants.iter().flat_map(|variant| variant.collapse.keys()).map(String::as_str).collect();
    let unknown: Vec<(&str, &str)> = keys.into_iter().filter(|key| !known(key)).map(|key| (key, key)).collect();
    for (k, measures) in unknown.chunks(6).enumerate() {
        more += &figures(comparison, &format!("Other measures, part {}", k + 1), measures);
    }
    if !out.is_empty() || !more.is_empty() {
        out.push_str("<p class=\"note\">Mean ± sd over seeds. The <a href=\"#glossary\">glossary</a> says what each measure is.</p>\n");
    }
    if !more.is_empty() {
        let _ = writeln!(out, "<details><summary>More measures</summary>\n{more}</details>");
    }
    out
}

/// A row for each variant, a column for each of these measures; nothing without a measure.
fn figures(comparison: &Comparison, title: &str, measures: &[(&str, &str)]) -> String {
    if measures.is_empty() {
        return String::new();
    }
    let mut columns = vec![("Variant", ColumnKind::Words)];
    columns.extend(measures.iter().map(|&(_, heading)| (heading, ColumnKind::Number)));
    let mut table = PageTable::new(title, &columns);
    for variant in &comparison.variants {
        let mut cells = vec![variant.name.clone()];
        cells.extend(measures.iter().map(|(key, _)| match variant.collapse.get(*key) {
            Some(value) => {
                let digits = if value.mean.abs() < 10.0 { 3 } else { 1 };
                let mean = fixed(value.mean, digits);
                value.sd.map_or_else(|| mean.clone(), |sd| format!("{mean}\n± {}", fixed(sd, digits)))
            }
            None => "–".to_owned(),
        }));
        table.row(cells);
    }
    table.titled()
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
