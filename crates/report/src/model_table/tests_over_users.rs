//! Paired tests of every line against the reference.

use super::accuracy::{NDCG, RECALL};
use super::rows::{DatasetOfTable, Kind};
use super::table::{NONE, Table};
use crate::number::{difference, percent, probability};
use anchorrec_metrics::significance::holm;
use anchorrec_records::comparison::PairedTests;
use std::collections::BTreeMap;

/// Metrics that are tested.
pub(super) const METRICS: [(&str, &str); 2] = [(RECALL, "R@20"), (NDCG, "N@20")];

/// The tests against the reference's runs under settings of one kind, corrected for all of them.
pub struct Tested<'a> {
    /// The reference's name for people.
    pub reference: &'a str,
    pub(super) kind: Kind,
    /// How many tests there are.
    pub comparisons: usize,
    pub lines: Vec<TestedLine>,
}

/// The tests of a line.
pub struct TestedLine {
    /// The name of the line for people.
    pub name: String,
    /// The corrected tests by metric.
    pub tests: BTreeMap<String, PairedTests>,
    /// Mean share of the first 20 that a user is shown by both.
    pub shared: Option<f64>,
}

/// Corrects the tests of every line; nothing where the reference has no such runs.
pub(super) fn tested<'a>(dataset: &DatasetOfTable<'a>, kind: Kind) -> Option<Tested<'a>> {
    let reference = dataset.models.first()?;
    let weights = kind.of(reference)?.weights();
    // Tests against weights that the reference no longer has are none of this table.
    let current = dataset
        .lines()
        .into_iter()
        .filter_map(|line| Some((line.name.clone(), line.against(kind).filter(|against| against.weights == weights)?)));
    let mut lines: Vec<TestedLine> = current
        .map(|(name, against)| TestedLine {
            name,
            tests: METRICS
                .iter()
                .filter_map(|(metric, _)| Some(((*metric).to_owned(), *against.tests.get(*metric)?)))
                .collect(),
            shared: against.shared_recommendations,
        })
        .collect();
    let mut tests: Vec<&mut PairedTests> = lines.iter_mut().flat_map(|line| line.tests.values_mut()).collect();
    let corrected = |p: fn(&PairedTests) -> f64| holm(&tests.iter().map(|test| p(test)).collect::<Vec<_>>());
    let (t, wilcoxon) = (corrected(|test| test.t_p), corrected(|test| test.wilcoxon_p));
    for ((test, t), wilcoxon) in tests.iter_mut().zip(&t).zip(&wilcoxon) {
        (test.t_p_corrected, test.wilcoxon_p_corrected) = (*t, *wilcoxon);
    }
    let comparisons = tests.len();
    Some(Tested { reference: &reference.title, kind, comparisons, lines })
}

impl Tested<'_> {
    pub(super) fn title(&self) -> String {
        format!("Against {}, {} settings", self.reference, self.kind.word())
    }

    pub(super) fn table(&self) -> Table {
        let about = format!(
            "Paired tests over users with a test pair, each user's metric averaged over the seeds first; difference with its 95 % interval, p corrected by Holm for {} comparisons. They \
             say whether these trained models differ for users like these; the sd above says how much a model differs from itself with another seed.",
            self.comparisons
        );
        let numbers: Vec<&str> = METRICS.iter().flat_map(|(_, short)| [*short, "p (t)", "p (Wilcoxon)"]).collect();
        let mut table = Table::new(&self.title(), &about, &["model"], &[numbers, vec!["shared lists"]].concat());
        for line in &self.lines {
            let mut cells = vec![line.name.clone()];
            for (name, _) in METRICS {
                cells.extend(line.tests.get(name).map_or([NONE, NONE, NONE].map(str::to_owned), |test| {
                    let (low, high) = test.interval;
                    let ends = format!("{} [{}, {}]", difference(test.mean), difference(low), difference(high));
                    [ends, probability(test.t_p_corrected), probability(test.wilcoxon_p_corrected)]
                }));
            }
            cells.push(line.shared.map_or(NONE.to_owned(), percent));
            table.row(cells);
        }
        table
    }
}
