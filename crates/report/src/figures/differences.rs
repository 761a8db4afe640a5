//! Variants against the reference: a point and an interval for each, filled where the difference survives the correction.

use crate::figure::{Figure, Panel};
use crate::number::{difference, probability};
use crate::scale::Scale;
use crate::svg::{Canvas, MarkerShape, cut};
use crate::words::LEVEL;
use anchorrec_records::comparison::{Comparison, PairedTests};

/// Draws a panel for each metric that was tested.
pub fn differences(comparison: &Comparison) -> Option<Figure> {
    let panels: Vec<Panel> = [("recall@20", "Recall@20"), ("ndcg@20", "NDCG@20")]
        .into_iter()
        .filter_map(|(name, title)| {
            let rows: Vec<(&str, PairedTests)> = comparison
                .variants
                .iter()
                .filter_map(|variant| Some((variant.name.as_str(), *variant.against.get(name)?)))
                .collect();
            (!rows.is_empty()).then(|| panel(title, &comparison.reference, &rows))
        })
        .collect();
    let caption = format!(
        "Test metric of each variant minus that of {}, user by user, with its 95 % interval by the t distribution. Filled: the paired t test \
         gives p < 0.05 after Holm's correction for {} comparisons. Hollow: it does not. The intervals themselves are not corrected.",
        comparison.reference, comparison.comparisons
    );
    (!panels.is_empty()).then(|| Figure { name: "differences".into(), caption, panels, columns: 2 })
}

/// Draws the differences of a metric from the reference, with their corrected tests.
pub(crate) fn panel(title: &str, reference: &str, rows: &[(&str, PairedTests)]) -> Panel {
    let (width, top, row) = (420.0, 48.0, 38.0);
    let ends = rows.iter().flat_map(|(_, tests)| [tests.interval.0, tests.interval.1, tests.mean, 0.0]);
    // Numbers have a column of their own, right of all intervals.
    let across = width - 126.0;
    let x = Scale::linear(ends, (0.0, across));
    let bottom = top + rows.len() as f64 * row;
    let mut canvas = Canvas::default();
    canvas.text("head", "start", (0.0, 14.0), &format!("Test {title}, difference to {reference}"));
    canvas.text("axis", "start", (0.0, 31.0), "mean over users, 95 % interval");
    for (value, text) in x.ticks(5) {
        let place = x.place(value);
        canvas.line(if value == 0.0 { "zero" } else { "grid" }, (place, top), (place, bottom));
        canvas.text("tick", "middle", (place, bottom + 15.0), &text);
    }
    let mut told = Vec::new();
    for (k, (name, tests)) in rows.iter().enumerate() {
        let y = top + k as f64 * row;
        let numbers = format!("{}, p {}", difference(tests.mean), probability(tests.t_p_corrected));
        canvas.text("strong halo", "start", (0.0, y + 12.0), &cut(name, across));
        canvas.text("value", "end", (width, y + 28.0), &numbers);
        let (low, high) = tests.interval;
        canvas.line("span final", (x.place(low), y + 24.5), (x.place(high), y + 24.5));
        let class = if tests.t_p_corrected < LEVEL { "dot final" } else { "hollow final" };
        canvas.marker(class, MarkerShape::Circle, (x.place(tests.mean), y + 24.5), 4.2);
        told.push(format!(
            "{name} {} ({} to {}), corrected p {}",
            difference(tests.mean),
            difference(low),
            difference(high),
            probability(tests.t_p_corrected)
        ));
    }
    Panel {
        title: format!("Difference of test {title}"),
        about: format!("Intervals of the difference to {reference}: {}.", told.join("; ")),
        width,
        height: bottom + 22.0,
        body: canvas.into_body(),
    }
}
