//! Accuracy against how much of a modality is kept: what collapse costs, or does not.

use super::super::accuracy::RECALL;
use super::super::cells::ends;
use super::super::rows::DatasetOfTable;
use super::marks::Mark;
use super::scatter::{About, Point, not_drawn, scatter, without_the_low};
use crate::figure::{Figure, Panel};
use crate::number::percent;

const SHARE: &str = "share of the 20 nearest items in common";

const PANELS: [(&str, &str); 6] = [
    ("overlap final-raw_text", "Text kept in the scored space"),
    ("overlap final-raw_vision", "Images kept in the scored space"),
    ("overlap final-raw_mm", "Fused features kept in the scored space"),
    ("overlap text-raw_text", "Text kept in the text space"),
    ("overlap vision-raw_vision", "Images kept in the image space"),
    ("overlap mm-raw_mm", "Fused features kept in the fused space"),
];

/// Draws a panel for each modality and space that at least two models have.
pub fn kept(dataset: &DatasetOfTable) -> Option<Figure> {
    let mut low: Vec<String> = Vec::new();
    let panel = |(figure, title): &(&'static str, &'static str)| {
        let point = |line: super::super::rows::Line| {
            Some(Point {
                mark: Mark::of(&line),
                x: line.figures()?.get(*figure)?.mean,
                y: line.test.get(RECALL)?.mean,
                interval: ends(&line.test, RECALL, line.seeds),
                name: line.name,
            })
        };
        let (points, names) = without_the_low(dataset.shown().into_iter().filter_map(point).collect());
        low.extend(names.into_iter().filter(|name| !low.contains(name)).collect::<Vec<_>>());
        let about = About { title, x: SHARE, told: percent, logarithmic: false };
        (points.len() > 1).then(|| scatter(&about, &points))
    };
    let panels: Vec<Panel> = PANELS.iter().filter_map(panel).collect();
    let tallest = panels.iter().map(|panel| panel.height).fold(0.0, f64::max);
    let panels: Vec<Panel> = panels.into_iter().map(|panel| Panel { height: tallest, ..panel }).collect();
    let caption = "A mark for each model, tuned (circle) where it is, else with published settings (square); means over seeds, the 95 % interval of accuracy as a line. Right: more of the \
                   modality's neighbourhoods is kept. Up: more accurate. Only models that have the space stand in a panel. The axes do not begin at zero.";
    (!panels.is_empty()).then(|| Figure {
        name: "kept".into(),
        caption: caption.to_owned() + &not_drawn(&low),
        panels,
        columns: 2,
    })
}
