//! The result in one sentence: what a reader takes home who reads no further.

use super::paragraph::{LEVEL, quoted, sentence};
use crate::interval;
use crate::number::{counted, difference, listed, metric};
use anchorrec_records::comparison::{Comparison, PairedTests, VariantRecord};
use anchorrec_records::{ClosedFormRecord, Report};

/// The metric that a verdict is about, and its title.
pub const METRIC: (&str, &str) = ("recall@20", "Recall@20");

/// Says what one run reached.
pub fn of_run(report: &Report) -> String {
    let (n, model, data) = (report.runs.len(), report.model_title(), &report.data.name);
    if let Some(refit) = &report.refit {
        return format!(
            "{model} was refitted on all rows of {data}, so nothing is left to evaluate it by; what to expect of it, the run {} says.",
            refit.run
        );
    }
    let Some(recall) = report.summary.test.get(METRIC.0) else {
        return format!("There is no test {} of {model} on {data}.", METRIC.1);
    };
    let ndcg = report
        .summary
        .test
        .get("ndcg@20")
        .map_or_else(String::new, |ndcg| format!(" and an NDCG@20 of {}", metric(ndcg.mean)));
    let sure = match interval::half_width(recall.sd, n) {
        Some(half) => format!(
            "mean of {n} seeds, 95\u{a0}% interval of Recall@20 {} to {}",
            metric(recall.mean - half),
            metric(recall.mean + half)
        ),
        None => "one seed".to_owned(),
    };
    format!("{model} reaches a test Recall@20 of {}{ndcg} on {data} ({sure}).", metric(recall.mean))
}

/// How a variant stands to the reference by a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The paired t test shows a higher metric, after correction.
    Higher,
    /// The paired t test shows a lower metric, after correction.
    Lower,
    /// No difference is shown.
    Alike,
}

impl Standing {
    /// Judges the tests of a variant.
    pub fn of(tests: &PairedTests) -> Self {
        match tests.t_p_corrected < LEVEL {
            true if tests.mean > 0.0 => Standing::Higher,
            true => Standing::Lower,
            false => Standing::Alike,
        }
    }
}

/// Says who wins a comparison, by the test of [`METRIC`].
pub fn of_comparison(comparison: &Comparison) -> String {
    let (name, title) = METRIC;
    let tested: Vec<(&VariantRecord, PairedTests)> =
        comparison.variants.iter().filter_map(|variant| Some((variant, *variant.against.get(name)?))).collect();
    let reference = comparison.variants.iter().find(|variant| variant.name == comparison.reference);
    let own = reference.and_then(|variant| variant.test.get(name));
    let (Some(own), false) = (own, tested.is_empty()) else {
        return format!("Nothing was compared with {} on {}.", quoted(&comparison.reference), comparison.dataset);
    };
    let (on, reference, own) = (format!("on {}", comparison.dataset), quoted(&comparison.reference), metric(own.mean));
    let with = |standing: Standing| {
        let mut found: Vec<_> = tested.iter().filter(|(_, tests)| Standing::of(tests) == standing).collect();
        found.sort_by(|(_, a), (_, b)| b.mean.abs().total_cmp(&a.mean.abs()));
        found
    };
    let (higher, lower, alike) = (with(Standing::Higher), with(Standing::Lower), with(Standing::Alike));
    let most = |found: &[&(&VariantRecord, PairedTests)]| {
        let (variant, tests) = found[0];
        let first = format!("{} ({})", quoted(&variant.name), difference(tests.mean));
        if found.len() == 1 {
            first
        } else {
            format!("{}, most of all {first},", counted(found.len(), "variant", "variants"))
        }
    };
    let text = if !higher.is_empty() {
        let verb = if higher.len() == 1 { "has" } else { "have" };
        format!("{on}, {} {verb} a higher test {title} than {reference} ({own})", most(&higher))
    } else if alike.is_empty() {
        let each = if lower.len() == 1 { "is" } else { "are all" };
        format!("{on}, {reference} has the highest test {title} ({own}): {} {each} below it", most(&lower))
    } else if lower.is_empty() {
        format!(
            "{on}, no difference of test {title} is shown between {reference} ({own}) and {}",
            match alike[..] {
                [(variant, _)] => quoted(&variant.name),
                _ => format!("any of {} variants", alike.len()),
            }
        )
    } else {
        let verb = if lower.len() == 1 { "is" } else { "are" };
        format!(
            "{on}, no variant has a higher test {title} than {reference} ({own}): {} {verb} lower, and for {} no difference is shown",
            most(&lower),
            counted(alike.len(), "variant", "variants")
        )
    };
    sentence(&format!("{text}."))
}

/// Says which methods without training are above every run, if there are any.
pub fn without_training(reports: &[&Report], methods: &[&ClosedFormRecord]) -> Option<String> {
    let best = reports.iter().filter_map(|report| Some(report.summary.test.get(METRIC.0)?.mean)).reduce(f64::max)?;
    let ahead: Vec<String> = methods
        .iter()
        .filter_map(|method| Some((method, *method.test.get(METRIC.0)?)))
        .filter(|(_, recall)| *recall > best)
        .map(|(method, recall)| format!("{} ({})", method.title, metric(recall)))
        .collect();
    let verb = if ahead.len() == 1 { "has" } else { "have" };
    (!ahead.is_empty()).then(|| format!("Without training, {} {verb} a higher one.", listed(&ahead)))
}

/// Says which of several runs on the same data is first. They were not compared user by user, and the sentence says so.
pub fn of_runs(reports: &[&Report]) -> String {
    let means = reports.iter().map(|&report| Some((report.summary.test.get(METRIC.0)?.mean, report)));
    let mut found: Vec<(f64, &Report)> = means.flatten().collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let Some(&(best, first)) = found.first() else { return format!("None of these runs has a test {}.", METRIC.1) };
    let level: Vec<String> = found
        .iter()
        .filter(|(mean, _)| metric(*mean) == metric(best))
        .map(|(_, report)| report.model_title().to_owned())
        .collect();
    let verb = if level.len() == 1 { "has" } else { "have" };
    format!(
        "On {}, {} {verb} the highest test {} of {} ({}); no test has compared them user by user.",
        first.data.name,
        listed(&level),
        METRIC.1,
        counted(found.len(), "run", "runs"),
        metric(best)
    )
}
