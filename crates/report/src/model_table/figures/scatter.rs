//! A plot of named points: marks where they belong, names in a column beside them, each with a line to its mark.

use super::marks::{FAR, Mark};
use crate::figure::Panel;
use crate::number::{listed, metric, percent};
use crate::plot::{Frame, Words};
use crate::scale::{Scale, apart};
use crate::svg::cut;

/// A point of a plot.
pub(super) struct Point {
    pub name: String,
    pub mark: Mark,
    pub x: f64,
    /// Test Recall@20.
    pub y: f64,
    /// The 95 % interval of the height.
    pub interval: Option<(f64, f64)>,
}

/// What a plot is about.
pub(super) struct About {
    pub title: &'static str,
    pub x: &'static str,
    /// How the x of a point is told.
    pub told: fn(f64) -> String,
    /// Whether x is logarithmic; it is positive then.
    pub logarithmic: bool,
}

const NAMES: f64 = 150.0;

/// Takes out the points below this share of the best, which would press all others together; returns the others and the names of these.
pub(super) fn without_the_low(points: Vec<Point>) -> (Vec<Point>, Vec<String>) {
    let best = points.iter().map(|point| point.y).fold(0.0, f64::max);
    let (high, low): (Vec<Point>, Vec<Point>) = points.into_iter().partition(|point| point.y >= FAR * best);
    (high, low.into_iter().map(|point| point.name).collect())
}

/// Says which rows are not drawn.
pub(super) fn not_drawn(names: &[String]) -> String {
    match names {
        [] => String::new(),
        names => format!(" Below {} of the best and not drawn: {}.", percent(FAR), listed(names)),
    }
}

/// Draws the points; test Recall@20 is the height. Points of one height are moved apart in the column of names, never in the plot.
pub(super) fn scatter(about: &About, points: &[Point]) -> Panel {
    let height = (86.0 + 14.0 * points.len() as f64).max(330.0);
    let frame = Frame { width: 420.0, height, left: 44.0, right: NAMES };
    let numbers = || points.iter().map(|point| point.x);
    let x = if about.logarithmic {
        let power = |value: f64, round: fn(f64) -> f64| 10f64.powf(round(value.log10()));
        let (low, high) = numbers().fold((f64::INFINITY, 0.0f64), |(low, high), x| (low.min(x), high.max(x)));
        Scale::logarithmic((power(low, f64::floor), power(high, f64::ceil)), frame.across())
    } else {
        Scale::linear(numbers(), frame.across())
    };
    let y = Scale::linear(points.iter().map(|point| point.y), frame.upward());
    let told: Vec<String> = points
        .iter()
        .map(|point| format!("{}, {}: {} and {}", point.name, point.mark.words, metric(point.y), (about.told)(point.x)))
        .collect();
    let words = Words {
        title: about.title.into(),
        x: about.x.into(),
        y: "test Recall@20".into(),
        about: format!("Scatter plot of test Recall@20 and {}: {}.", about.x, told.join("; ")),
    };
    let mut plot = frame.plot(x, y, words);
    let (bottom, top) = frame.upward();
    let places: Vec<(f64, f64)> = points.iter().map(|point| plot.place((point.x, point.y))).collect();
    let edge = frame.width - NAMES + 26.0;
    let heights: Vec<f64> = places.iter().map(|place| place.1).collect();
    for ((point, &(x, y)), height) in points.iter().zip(&places).zip(apart(&heights, 14.0, top, bottom)) {
        if let Some((low, high)) = point.interval {
            let at = |value: f64| plot.place((point.x, value)).1.clamp(top, bottom);
            let (low, high) = (at(low), at(high));
            plot.canvas.line(&format!("line thin {}", point.mark.class), (x, low), (x, high));
        }
        plot.canvas.line("leader", (x + 6.0, y), (edge - 4.0, height));
        let class = format!("name {}", point.mark.class);
        plot.canvas.text(&class, "start", (edge, height + 4.0), &cut(&point.name, frame.width - edge));
    }
    // Marks are above all lines.
    points.iter().zip(&places).for_each(|(point, &place)| point.mark.draw(&mut plot.canvas, place));
    plot.finish()
}
