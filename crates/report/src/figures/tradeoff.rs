//! Accuracy of variants beside what their final space keeps: whether the one goes with the other.

use crate::figure::{Figure, Panel};
use crate::plot::{Frame, Words};
use crate::scale::{Scale, apart};
use crate::svg::{MarkerShape, cut};
use anchorrec_records::comparison::Comparison;

/// Draws a panel for the overlap with content, one for that with the ID space.
pub fn tradeoff(comparison: &Comparison) -> Option<Figure> {
    let panels: Vec<Panel> = [
        ("overlap final-raw_mm", "Neighbours shared with the fused features"),
        ("overlap final-id", "Neighbours shared with the ID space"),
    ]
    .into_iter()
    .filter_map(|(figure, title)| {
        let points: Vec<(&str, f64, f64)> = comparison
            .variants
            .iter()
            .filter_map(|variant| {
                let recall = variant.test.get("recall@20")?.mean;
                Some((variant.name.as_str(), recall, 100.0 * variant.collapse.get(figure)?.mean))
            })
            .collect();
        (points.len() > 1).then(|| panel(title, &comparison.reference, &points))
    })
    .collect();
    let caption =
        "One mark for each variant, means over seeds; the square is the reference. The axes do not begin at zero.";
    (!panels.is_empty()).then(|| Figure { name: "tradeoff".into(), caption: caption.into(), panels, columns: 2 })
}

fn panel(title: &str, reference: &str, points: &[(&str, f64, f64)]) -> Panel {
    let frame = Frame { width: 420.0, height: 330.0, left: 34.0, right: 150.0 };
    let x = Scale::linear(points.iter().map(|point| point.1), frame.across());
    let y = Scale::linear(points.iter().map(|point| point.2), frame.upward());
    let told: Vec<String> =
        points.iter().map(|(name, recall, share)| format!("{name} {recall:.4} and {share:.0} %")).collect();
    let words = Words {
        title: title.into(),
        x: "test Recall@20".into(),
        y: "% of the nearest items".into(),
        about: format!("Scatter plot of test Recall@20 and shared neighbours: {}.", told.join("; ")),
    };
    let mut plot = frame.plot(x, y, words);
    let places: Vec<(f64, f64)> = points.iter().map(|point| plot.place((point.1, point.2))).collect();
    for ((name, ..), &place) in points.iter().zip(&places) {
        let (class, shape) =
            if *name == reference { ("dot id", MarkerShape::Square) } else { ("dot final", MarkerShape::Circle) };
        plot.canvas.marker(class, shape, place, 4.2);
    }
    // Names stand in a column, moved apart, each with a line to its mark: where variants lie in a heap nothing else can be read.
    let heights: Vec<f64> = places.iter().map(|place| place.1).collect();
    let (edge, (bottom, top)) = (frame.width - frame.right + 26.0, frame.upward());
    for (((name, ..), &(x, y)), height) in points.iter().zip(&places).zip(apart(&heights, 14.0, top, bottom)) {
        plot.canvas.line("leader", (x + 6.0, y), (edge - 4.0, height));
        let class = if *name == reference { "name id" } else { "value" };
        plot.canvas.text(class, "start", (edge, height + 4.0), &cut(name, frame.width - edge));
    }
    plot.finish()
}
