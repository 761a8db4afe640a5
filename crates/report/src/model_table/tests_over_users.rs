//! Paired tests of every row against the reference.

use super::markdown::{header, section, text};
use super::rows::{DatasetOfTable, Kind};
use crate::number::{difference, percent, probability};
use anchorrec_metrics::significance::holm;
use anchorrec_records::comparison::PairedTests;
use anchorrec_records::table::AgainstReference;

/// Metrics that are tested.
const METRICS: [(&str, &str); 2] = [("recall@20", "R@20"), ("ndcg@20", "N@20")];

pub(super) fn against_the_reference(dataset: &DatasetOfTable) -> String {
    let mut out = String::new();
    let Some(reference) = dataset.models.first() else { return out };
    for kind in Kind::ALL {
        let Some(of_reference) = kind.of(reference) else { continue };
        // Tests against weights that the reference no longer has are none of this table.
        let current = |against: &&AgainstReference| against.weights == of_reference.weights();
        let rows =
            dataset.models[1..].iter().filter_map(|of| Some((*of, kind.of(of)?.against.as_ref().filter(current)?)));
        let rows: Vec<_> = rows.collect();
        let of = |against: &AgainstReference, name: &str| against.tests.get(name).copied();
        let all: Vec<PairedTests> =
            METRICS.iter().flat_map(|(name, _)| rows.iter().filter_map(|(_, a)| of(a, name))).collect();
        let corrected = |p: fn(&PairedTests) -> f64| holm(&all.iter().map(p).collect::<Vec<_>>());
        let (t, wilcoxon) = (corrected(|test| test.t_p), corrected(|test| test.wilcoxon_p));
        let mut body = Vec::new();
        for (results, against) in &rows {
            let mut cells = vec![text(&results.title)];
            for (name, _) in METRICS {
                let place = of(against, name).and_then(|test| all.iter().position(|one| *one == test));
                cells.extend(place.map_or(["-", "-", "-"].map(str::to_owned), |place| {
                    let PairedTests { mean, interval: (low, high), .. } = all[place];
                    let ends = format!("{} [{}, {}]", difference(mean), difference(low), difference(high));
                    [ends, probability(t[place]), probability(wilcoxon[place])]
                }));
            }
            cells.push(against.shared_recommendations.map_or("-".to_owned(), percent));
            body.push(cells);
        }
        let mut head = header(&["model"]);
        head.extend(
            METRICS.iter().flat_map(|(_, short)| [(*short).to_owned(), "p (t)".to_owned(), "p (Wilcoxon)".to_owned()]),
        );
        head.push("shared lists".to_owned());
        let heading = format!("Against {}, {} settings", text(&reference.title), kind.word());
        let about = format!(
            "Paired tests over users with a test pair, each user's metric averaged over the seeds first; difference with its 95 % interval, p corrected by Holm for {} comparisons. They \
             say whether these trained models differ for users like these; the sd above says how much a model differs from itself with another seed.",
            all.len()
        );
        out += &section(&heading, &about, &head, &body);
    }
    out
}
