//! Accuracy against what it costs: seconds and memory.

use super::super::accuracy::RECALL;
use super::super::cells::ends;
use super::super::rows::{DatasetOfTable, Line};
use super::marks::Mark;
use super::scatter::{About, Point, not_drawn, scatter, without_the_low};
use crate::figure::{Figure, Panel};
use crate::number::fixed;

/// Draws seconds beside memory.
pub fn cost(dataset: &DatasetOfTable) -> Option<Figure> {
    let seconds = About {
        title: "Accuracy and time",
        x: "seconds of one run, logarithmic",
        told: |seconds| format!("{} s", fixed(seconds, 1)),
        logarithmic: true,
    };
    let memory = About {
        title: "Accuracy and memory",
        x: "MiB at the peak, logarithmic",
        told: |mib| format!("{} MiB", fixed(mib, 0)),
        logarithmic: true,
    };
    let mut low: Vec<String> = Vec::new();
    let panels: Vec<Panel> = [
        panel(dataset, &mut low, &seconds, |line| Some(line.seconds.max(0.01))),
        panel(dataset, &mut low, &memory, |line| line.bytes.map(|bytes| (bytes as f64 / f64::from(1 << 20)).max(0.01))),
    ]
    .into_iter()
    .flatten()
    .collect();
    let tallest = panels.iter().map(|panel| panel.height).fold(0.0, f64::max);
    let panels: Vec<Panel> = panels.into_iter().map(|panel| Panel { height: tallest, ..panel }).collect();
    let caption = "A mark for each row: tuned where it is, else with published settings. Seconds are those of one run at its settings, of a method without training those of its chosen setting; \
                   no search is in them. Other work may have been running, so read them as an order of magnitude. Memory is the largest peak of a run that had the process for \
                   itself; of a method without training what its matrices hold.";
    (!panels.is_empty()).then(|| Figure {
        name: "cost".into(),
        caption: caption.to_owned() + &not_drawn(&low),
        panels,
        columns: 2,
    })
}

fn panel(
    dataset: &DatasetOfTable,
    low: &mut Vec<String>,
    about: &About,
    of: impl Fn(&Line) -> Option<f64>,
) -> Option<Panel> {
    let point = |line: Line| {
        Some(Point {
            mark: Mark::of(&line),
            x: of(&line)?,
            y: line.test.get(RECALL)?.mean,
            interval: ends(&line.test, RECALL, line.seeds),
            name: line.name,
        })
    };
    let (points, names) = without_the_low(dataset.shown().into_iter().filter_map(point).collect());
    low.extend(names.into_iter().filter(|name| !low.contains(name)).collect::<Vec<_>>());
    (points.len() > 1).then(|| scatter(about, &points))
}
