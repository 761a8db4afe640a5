//! Accuracy of variants beside what their final space keeps: whether the one goes with the other.

use crate::figure::{Figure, Panel};
use crate::plot::{Frame, Words};
use crate::scale::Scale;
use crate::svg::{Shape, text_width};
use anchorrec_trainer::comparison::Comparison;

/// A panel for the overlap with content, one for that with the ID space.
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
    let frame = Frame { width: 420.0, height: 330.0, left: 34.0, right: 10.0 };
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
        let (class, shape) = if *name == reference { ("dot id", Shape::Square) } else { ("dot final", Shape::Circle) };
        plot.canvas.marker(class, shape, place, 4.2);
    }
    let mut taken: Vec<Area> =
        places.iter().map(|&(x, y)| Area { left: x - 5.0, top: y - 5.0, width: 10.0, height: 10.0 }).collect();
    for ((name, ..), &place) in points.iter().zip(&places) {
        let label = Area::beside(place, text_width(name, 11.0), &taken, &frame);
        let class = if *name == reference { "name id halo" } else { "quiet halo" };
        plot.canvas.text(class, "start", (label.left, label.top + 10.0), name);
        taken.push(label);
    }
    plot.finish()
}

/// What a label covers.
#[derive(Clone, Copy, Debug)]
struct Area {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

impl Area {
    /// Beside a mark, on the first side where nothing is covered and the panel does not end; else where least is covered.
    fn beside((x, y): (f64, f64), width: f64, taken: &[Area], frame: &Frame) -> Area {
        let height = 13.0;
        let (left, right) = frame.across();
        let (bottom, top) = frame.upward();
        let sides = [
            (x + 8.0, y - 6.5),
            (x - 8.0 - width, y - 6.5),
            (x - width / 2.0, y - 20.0),
            (x - width / 2.0, y + 7.0),
            (x + 6.0, y - 18.0),
            (x + 6.0, y + 5.0),
            (x - 6.0 - width, y - 18.0),
            (x - 6.0 - width, y + 5.0),
        ];
        let areas = sides.map(|(left, top)| Area { left, top, width, height });
        let outside = |area: &Area| {
            let across = (left - area.left).max(0.0) + (area.left + width - right).max(0.0);
            height * across + width * ((top - area.top).max(0.0) + (area.top + height - bottom).max(0.0))
        };
        let covered = |area: &Area| outside(area) + taken.iter().map(|other| area.common(other)).sum::<f64>();
        areas.into_iter().min_by(|a, b| covered(a).total_cmp(&covered(b))).unwrap_or(areas[0])
    }

    fn common(&self, other: &Area) -> f64 {
        let across = (self.left + self.width).min(other.left + other.width) - self.left.max(other.left);
        let down = (self.top + self.height).min(other.top + other.height) - self.top.max(other.top);
        across.max(0.0) * down.max(0.0)
    }
}
