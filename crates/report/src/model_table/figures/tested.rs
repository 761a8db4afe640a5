//! Differences of every row from the reference, with their tests.

use super::super::tests_over_users::{METRICS, Tested};
use crate::figure::{Figure, Panel};
use crate::figures::differences::panel;
use anchorrec_records::comparison::PairedTests;

/// Draws a panel for each metric, the largest difference first.
pub fn differences(tested: &Tested) -> Option<Figure> {
    let reference = format!("{}, {}", tested.reference, tested.kind.word());
    let of_metric = |(name, short): &(&str, &str)| {
        let of = tested.lines.iter().filter_map(|line| Some((line.name.as_str(), *line.tests.get(*name)?)));
        let mut rows: Vec<(&str, PairedTests)> = of.collect();
        rows.sort_by(|a, b| b.1.mean.total_cmp(&a.1.mean));
        let title = short.replace("R@", "Recall@").replace("N@", "NDCG@");
        (!rows.is_empty()).then(|| panel(&title, &reference, &rows))
    };
    let panels: Vec<Panel> = METRICS.iter().filter_map(of_metric).collect();
    let kind = tested.kind.word();
    let caption = format!(
        "Test metric of each row minus that of {} with {kind} settings, user by user, with its 95 % interval by the t distribution. Filled: the paired t test gives p < 0.05 after Holm's \
         correction for {} comparisons. Hollow: it does not. The intervals themselves are not corrected.",
        tested.reference, tested.comparisons
    );
    (!panels.is_empty()).then(|| Figure { name: format!("against-{kind}"), caption, panels, columns: 2 })
}
