//! Variants against the reference: which differences survive the correction, and what goes with them.

use super::paragraph::{LEVEL, Paragraph, quoted};
use super::verdict::Standing;
use crate::number::{counted, difference, fixed, listed, percent, probability};
use anchorrec_metrics::kendall::{Kendall, kendall};
use anchorrec_records::comparison::{Comparison, PairedTests, VariantRecord};

/// Writes about both metrics, then about neighbourhoods and recommendations.
pub fn paragraphs(comparison: &Comparison) -> Vec<Paragraph> {
    let mut recall = vec![basis(comparison)];
    recall.extend(differences(comparison, "recall@20", "Recall@20"));
    let neighbourhoods = [("overlap final-raw_mm", "the fused features"), ("overlap final-id", "the ID space")];
    let mut paragraphs = vec![
        Paragraph { heading: "Recall against the reference", sentences: recall },
        Paragraph { heading: "NDCG against the reference", sentences: differences(comparison, "ndcg@20", "NDCG@20") },
        Paragraph {
            heading: "Neighbourhoods",
            sentences: neighbourhoods
                .into_iter()
                .filter_map(|(figure, with)| overlap(comparison, figure, with))
                .collect(),
        },
        Paragraph { heading: "Recommendations", sentences: shared(comparison).into_iter().collect() },
    ];
    paragraphs.retain(|paragraph| !paragraph.sentences.is_empty());
    paragraphs
}

fn basis(comparison: &Comparison) -> String {
    let others = comparison.variants.iter().filter(|variant| variant.name != comparison.reference).count();
    let once = if comparison.seeds.len() == 1 {
        " With one seed, a difference may be that of two seeds rather than that of two variants."
    } else {
        ""
    };
    let verb = if others == 1 { "is" } else { "are" };
    format!(
        "On {1}, {0}, trained with {2} each, {verb} compared with {3}.{once}",
        counted(others, "variant", "variants"),
        comparison.dataset,
        counted(comparison.seeds.len(), "seed", "seeds"),
        quoted(&comparison.reference)
    )
}

/// Which variants differ by the paired t test after correction, and where the other test does not agree.
fn differences(comparison: &Comparison, name: &str, title: &str) -> Vec<String> {
    let tested: Vec<(&VariantRecord, PairedTests)> =
        comparison.variants.iter().filter_map(|variant| Some((variant, *variant.against.get(name)?))).collect();
    if tested.is_empty() {
        return Vec::new();
    }
    let (differ, rest): (Vec<_>, Vec<_>) = tested.iter().partition(|(_, tests)| tests.t_p_corrected < LEVEL);
    let told = |(variant, tests): &(&VariantRecord, PairedTests)| {
        let (low, high) = tests.interval;
        format!("{} by {} ({} to {})", quoted(&variant.name), difference(tests.mean), difference(low), difference(high))
    };
    let mut out = Vec::new();
    let (worse, better): (Vec<_>, Vec<_>) = differ.iter().copied().partition(|(_, tests)| tests.mean < 0.0);
    for (which, word) in [(&better, "higher"), (&worse, "lower")] {
        if !which.is_empty() {
            out.push(format!(
                "Test {title} is {word} than that of {} in {}, after Holm's correction: {}.",
                quoted(&comparison.reference),
                counted(which.len(), "variant", "variants"),
                listed(&which.iter().map(told).collect::<Vec<_>>())
            ));
        }
    }
    if !rest.is_empty() {
        let names: Vec<String> = rest.iter().map(|(variant, _)| quoted(&variant.name)).collect();
        let least = rest.iter().map(|(_, tests)| tests.t_p_corrected).fold(f64::INFINITY, f64::min);
        let more = if rest.len() > 1 && least < 0.9995 { " or more" } else { "" };
        out.push(format!(
            "No difference of test {title} is shown for {} (p {}{more}); that is not to say that there is none.",
            listed(&names),
            probability(least)
        ));
    }
    let disputed: Vec<String> = tested
        .iter()
        .filter(|(_, tests)| (tests.t_p_corrected < LEVEL) != (tests.wilcoxon_p_corrected < LEVEL))
        .map(|(variant, tests)| format!("{} (p {})", quoted(&variant.name), probability(tests.wilcoxon_p_corrected)))
        .collect();
    if !disputed.is_empty() {
        out.push(format!("The Wilcoxon signed-rank test says otherwise about test {title} of {}.", listed(&disputed)));
    }
    out
}

/// How far apart the variants lie by a neighbourhood overlap; and whether it goes with accuracy, where a test allows a claim: some accuracy must
/// differ at all, and the two orders must agree or disagree by Kendall's exact test. No claim is made about causes.
fn overlap(comparison: &Comparison, figure: &str, with: &str) -> Option<String> {
    let points: Vec<(f64, f64)> = comparison
        .variants
        .iter()
        .filter_map(|variant| Some((variant.test.get("recall@20")?.mean, variant.collapse.get(figure)?.mean)))
        .collect();
    if points.len() < 3 {
        return None;
    }
    let lowest = points.iter().map(|point| point.1).fold(f64::INFINITY, f64::min);
    let highest = points.iter().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
    let range = format!(
        "Across {} variants the share of neighbours that the final space has in common with {with} lies between {} and {}",
        points.len(),
        percent(lowest),
        percent(highest)
    );
    let mut tests = comparison.variants.iter().filter_map(|variant| variant.against.get("recall@20"));
    if tests.all(|tests| Standing::of(tests) == Standing::Alike) {
        return Some(format!("{range}."));
    }
    let Some(Kendall { tau, p }) = kendall(&points) else { return Some(format!("{range}.")) };
    let verdict = match tau {
        tau if p < LEVEL && tau > 0.0 => "it rises with accuracy",
        _ if p < LEVEL => "it falls as accuracy rises",
        _ => "that it goes with accuracy or against it is not shown",
    };
    Some(format!("{range}; {verdict} (Kendall's τ {}, p {}).", fixed(tau, 2), probability(p)))
}

/// How different the lists of the most different variant are.
fn shared(comparison: &Comparison) -> Option<String> {
    let variants = comparison.variants.iter().filter_map(|variant| Some((variant, variant.shared_recommendations?)));
    let (variant, share) = variants.min_by(|a, b| a.1.total_cmp(&b.1))?;
    Some(format!(
        "The lists that differ most from those of {} are those of {}: of the first 20 items that a user is shown, {} are the same.",
        quoted(&comparison.reference),
        quoted(&variant.name),
        percent(share)
    ))
}
