//! For whom it works: a line for each row over groups of users and of items. The reference, the best model, the best method without training and fusions have
//! their colours; all others are grey, or nobody could follow one.

use super::super::accuracy::RECALL;
use super::super::groups::{self, Grouped};
use super::super::rows::{DatasetOfTable, Line, Of};
use super::marks::{self, Mark, OTHER};
use crate::figure::{Figure, Panel};
use crate::figures::groups::range;
use crate::number::{fixed, metric};
use crate::scale::{Scale, apart};
use crate::svg::{Canvas, cut};
use anchorrec_data::grouped as counted;

const WIDTH: f64 = 420.0;
const LEFT: f64 = 40.0;
const RIGHT: f64 = 132.0;
const GAP: f64 = 13.0;

/// Draws users beside items.
pub fn degrees(dataset: &DatasetOfTable) -> Option<Figure> {
    let (users, items) = (groups::users(dataset), groups::items(dataset));
    let panels = [
        ("Users by their training pairs", "test Recall@20, mean over the users of a group", "users", &users),
        ("Items by their training pairs", "share of test pairs whose item is among the first 20", "pairs", &items),
    ];
    let panels: Vec<Panel> = panels.iter().filter_map(|(t, s, n, of)| panel(dataset, t, s, n, of)).collect();
    let tallest = panels.iter().map(|panel| panel.height).fold(0.0, f64::max);
    let panels: Vec<Panel> = panels.into_iter().map(|panel| Panel { height: tallest, ..panel }).collect();
    let caption = "A line for each row: tuned settings where there are any, else the published ones. In colour: the reference, the most accurate model, the best method without training and the recipe. Below each range stands how many users or test pairs are in the group. \
                   The axes do not begin at zero.";
    (!panels.is_empty()).then(|| Figure { name: "groups".into(), caption: caption.into(), panels, columns: 2 })
}

/// The names of the lines that a reader looks for.
fn coloured(dataset: &DatasetOfTable) -> Vec<String> {
    let shown = dataset.shown();
    let best = |is_one: fn(&Of) -> bool| {
        let of = shown.iter().filter(|line| is_one(&line.of));
        let value = |line: &Line| line.test.get(RECALL).map_or(f64::NEG_INFINITY, |value| value.mean);
        of.max_by(|a, b| value(a).total_cmp(&value(b))).map(|line| line.name.clone())
    };
    let mut names: Vec<String> = dataset.models.first().map(|of| of.title.clone()).into_iter().collect();
    names.extend(best(|of| matches!(of, Of::Model(_))));
    names.extend(best(|of| matches!(of, Of::Method(_))));
    names.extend(shown.iter().filter(|line| matches!(line.of, Of::Fusion(_))).map(|line| line.name.clone()));
    names
}

fn panel(dataset: &DatasetOfTable, title: &str, subtitle: &str, what: &str, of: &Grouped) -> Option<Panel> {
    let shown = dataset.shown();
    let is_shown = |line: &Line| shown.iter().any(|one| one.name == line.name && one.kind == line.kind);
    let mut lines: Vec<_> = of.lines.iter().filter(|(line, _)| is_shown(line)).collect();
    let coloured = coloured(dataset);
    let mark_of = |line: &Line| if coloured.contains(&line.name) { Mark::of(line) } else { OTHER };
    // Those with a colour are above the others.
    lines.sort_by_key(|(line, _)| mark_of(line) != OTHER);
    let numbers = || lines.iter().flat_map(|(_, values)| values.iter().flatten().map(|value| value.mean));
    if of.groups.len() < 2 || numbers().next().is_none() {
        return None;
    }
    let mut canvas = Canvas::default();
    canvas.text("head", "start", (0.0, 14.0), title);
    canvas.text("axis", "start", (0.0, 31.0), subtitle);
    let used: Vec<Mark> = lines.iter().map(|(line, _)| mark_of(line)).collect();
    let top = marks::legend(&mut canvas, &used, None, WIDTH, 50.0) + 16.0;
    let bottom = top + (lines.len() as f64 * GAP).max(210.0);
    let y = Scale::linear(numbers(), (bottom, top));
    let across = WIDTH - RIGHT - LEFT;
    let x = |place: usize| LEFT + across * (place as f64 + 0.5) / of.groups.len() as f64;
    for (value, text) in y.ticks(4) {
        canvas.line("grid", (LEFT, y.place(value)), (WIDTH - RIGHT, y.place(value)));
        canvas.text("tick", "end", (LEFT - 6.0, y.place(value) + 3.7), &text);
    }
    for (place, group) in of.groups.iter().enumerate() {
        canvas.text("tick", "middle", (x(place), bottom + 16.0), &range(group.from, group.to));
        canvas.text("quiet", "middle", (x(place), bottom + 31.0), &counted(group.size));
    }
    canvas.line("base", (LEFT, bottom), (WIDTH - RIGHT, bottom));
    canvas.text("axis", "start", (WIDTH - RIGHT + 8.0, bottom + 16.0), "training pairs");
    canvas.text("axis", "start", (WIDTH - RIGHT + 8.0, bottom + 31.0), &format!("{what} in the group"));
    let mut ends = Vec::new();
    let mut told = Vec::new();
    for (line, values) in &lines {
        let mark = mark_of(line);
        let points: Vec<(f64, f64)> =
            values.iter().enumerate().filter_map(|(k, value)| Some((x(k), y.place(value.as_ref()?.mean)))).collect();
        let Some(&end) = points.last() else { continue };
        let dash = if matches!(line.of, Of::Method(_)) { " dashed" } else { "" };
        let thin = if mark == OTHER { " thin" } else { "" };
        canvas.polyline(&format!("line{thin}{dash} {}", mark.class), &points);
        points.iter().filter(|_| mark != OTHER).for_each(|&point| mark.draw(&mut canvas, point));
        ends.push((mark, line.name.as_str(), end));
        let shown: Vec<String> =
            values.iter().map(|value| value.map_or("-".to_owned(), |value| metric(value.mean))).collect();
        told.push(format!("{} {}", line.name, shown.join(", ")));
    }
    let heights: Vec<f64> = ends.iter().map(|(.., end)| end.1).collect();
    for ((mark, name, end), height) in ends.iter().zip(apart(&heights, GAP, top, bottom)) {
        canvas.line("leader", (end.0 + 6.0, end.1), (WIDTH - RIGHT + 4.0, height));
        canvas.text(
            &format!("name {}", mark.class),
            "start",
            (WIDTH - RIGHT + 8.0, height + 4.0),
            &cut(name, RIGHT - 8.0),
        );
    }
    let ranges: Vec<String> = of.groups.iter().map(|group| range(group.from, group.to)).collect();
    let most = numbers().fold(f64::NEG_INFINITY, f64::max);
    Some(Panel {
        title: title.to_owned(),
        about: format!(
            "Line chart, {subtitle}, up to {}; groups of {} training pairs: {}.",
            fixed(most, 4),
            ranges.join(", "),
            told.join("; ")
        ),
        width: WIDTH,
        height: bottom + 38.0,
        body: canvas.into_body(),
    })
}
