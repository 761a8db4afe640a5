//! Accuracy of every row with its interval: tuned and published settings side by side, methods without training as rows of their own, and what a choice on test
//! would have printed as a hollow mark.

use super::super::accuracy::{NDCG, RECALL};
use super::super::cells::ends;
use super::super::rows::{DatasetOfTable, Kind, Line, Of};
use super::marks::{self, FAR, METHOD, Mark};
use crate::figure::{Figure, Panel};
use crate::number::metric;
use crate::scale::Scale;
use crate::svg::{Canvas, LABEL, cut, text_width};

const WIDTH: f64 = 420.0;
const LEFT: f64 = 128.0;
const RIGHT: f64 = 50.0;
const ROW: f64 = 34.0;

/// A row of the figure: a model under one or both kinds of settings, a fusion, a method.
struct Row<'a, 'b> {
    name: &'b str,
    lines: Vec<&'b Line<'a>>,
}

/// Draws Recall@20 beside NDCG@20, rows in the order of their Recall@20.
pub fn standing(dataset: &DatasetOfTable) -> Option<Figure> {
    let lines = dataset.lines();
    let rows = rows(&lines);
    let panels: Vec<Panel> =
        [(RECALL, "Test Recall@20"), (NDCG, "Test NDCG@20")].iter().filter_map(|(m, t)| panel(m, t, &rows)).collect();
    let tallest = panels.iter().map(|panel| panel.height).fold(0.0, f64::max);
    let panels: Vec<Panel> = panels.into_iter().map(|panel| Panel { height: tallest, ..panel }).collect();
    let mut caption = "In the order of Recall@20; every filled mark was chosen on validation. A method without training has one result and no interval. The axes do not begin at zero."
        .to_owned();
    if rows.iter().any(|row| is_trained(row.lines[0])) {
        caption += " A trained row has its mean over seeds with the 95 % interval. Hollow: the best seed and epoch by test, which is what published tables print. The dashed line is the \
                    best method without training.";
    }
    if [RECALL, NDCG].iter().any(|name| is_far(&rows, name)) {
        caption += " An arrow at the left edge: too low for the axis.";
    }
    (!panels.is_empty()).then(|| Figure { name: "accuracy".into(), caption, panels, columns: 2 })
}

fn value(line: &Line, name: &str) -> Option<f64> {
    line.test.get(name).map(|value| value.mean)
}

fn rows<'a, 'b>(lines: &'b [Line<'a>]) -> Vec<Row<'a, 'b>> {
    let mut rows: Vec<Row> = Vec::new();
    for line in lines.iter().filter(|line| value(line, RECALL).is_some()) {
        let same = |row: &&mut Row<'a, 'b>| {
            let first = row.lines[0];
            row.name == line.name && first.kind != line.kind && is_trained(first) && is_trained(line)
        };
        match rows.iter_mut().find(same) {
            Some(row) => row.lines.push(line),
            None => rows.push(Row { name: &line.name, lines: vec![line] }),
        }
    }
    rows.sort_by(|a, b| value(b.lines[0], RECALL).unwrap_or(0.0).total_cmp(&value(a.lines[0], RECALL).unwrap_or(0.0)));
    rows
}

fn is_trained(line: &Line) -> bool {
    !matches!(line.of, Of::Method(_))
}

/// Whether a line is too low for the axis of a metric.
fn is_far(rows: &[Row], name: &str) -> bool {
    let least = least(rows, name);
    rows.iter().flat_map(|row| &row.lines).any(|line| value(line, name).is_some_and(|value| value < least))
}

/// The least value that has a place on the axis.
fn least(rows: &[Row], name: &str) -> f64 {
    let values = rows.iter().flat_map(|row| &row.lines).filter_map(|line| value(line, name));
    FAR * values.fold(0.0, f64::max)
}

fn by_test(line: &Line, name: &str) -> Option<f64> {
    match line.of {
        Of::Model(row) => row.selected_by_test.test.get(name).copied(),
        _ => None,
    }
}

fn panel(name: &str, title: &str, rows: &[Row]) -> Option<Panel> {
    let lines = || rows.iter().flat_map(|row| row.lines.iter().copied());
    lines().find_map(|line| value(line, name))?;
    let least = least(rows, name);
    let numbers = lines().flat_map(|line| {
        let interval = ends(&line.test, name, line.seeds);
        // An interval of two seeds can be wider than everything else: it is cut at the edge.
        let interval = interval.filter(|(low, high)| *low > least && *high < least * 2.0 / FAR);
        [value(line, name), by_test(line, name), interval.map(|i| i.0), interval.map(|i| i.1)]
    });
    let numbers: Vec<f64> = numbers.flatten().filter(|value| *value >= least).collect();
    let x = Scale::linear(numbers.into_iter(), (LEFT + 8.0, WIDTH - RIGHT - 8.0));

    let mut canvas = Canvas::default();
    canvas.text("head", "start", (0.0, 14.0), title);
    let used: Vec<Mark> = lines().map(Mark::of).collect();
    let hollow = lines().any(|line| by_test(line, name).is_some()).then_some("best by test");
    let after = marks::legend(&mut canvas, &used, hollow, WIDTH, 33.0);
    let top = after + 24.0;
    let bottom = top + rows.len() as f64 * ROW;
    for (value, text) in x.ticks(4) {
        let place = x.place(value);
        canvas.line("grid", (place, top), (place, bottom));
        canvas.text("tick", "middle", (place, bottom + 15.0), &text);
    }
    best_method(&mut canvas, &x, rows, name, (top, bottom));
    let mut told = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let y = top + (place as f64 + 0.5) * ROW;
        canvas.line("grid", (0.0, y + ROW / 2.0), (WIDTH, y + ROW / 2.0));
        marks::name(&mut canvas, row.name, LEFT - 10.0, y, LEFT - 12.0);
        let heights: &[f64] = if row.lines.len() == 1 { &[0.0] } else { &[-7.0, 7.0] };
        for (line, height) in row.lines.iter().zip(heights) {
            told.extend(draw(&mut canvas, &x, line, name, y + height, least));
        }
    }
    canvas.line("base", (LEFT, bottom), (WIDTH - RIGHT, bottom));
    Some(Panel {
        title: title.to_owned(),
        about: format!("A mark and an interval for each row, best first: {}.", told.join("; ")),
        width: WIDTH,
        height: bottom + 22.0,
        body: canvas.into_body(),
    })
}

/// Draws a line of the table, and says it.
fn draw(canvas: &mut Canvas, x: &Scale, line: &Line, name: &str, y: f64, least: f64) -> Option<String> {
    let (mark, mean) = (Mark::of(line), value(line, name)?);
    let within = |value: f64| x.place(value).clamp(LEFT, WIDTH - RIGHT);
    let number = if line.kind == Kind::Published { "quiet" } else { "strong" };
    canvas.text(number, "end", (WIDTH, y + 4.0), &metric(mean));
    let mut told = format!("{}, {}, {}", line.name, mark.words, metric(mean));
    if mean < least {
        canvas.text(&format!("name {}", mark.class), "start", (LEFT, y + 4.0), "◂");
        return Some(told);
    }
    if let Some((low, high)) = ends(&line.test, name, line.seeds) {
        canvas.line(&format!("span {}", mark.class), (within(low), y), (within(high), y));
        told += &format!(" ({} to {})", metric(low), metric(high));
    }
    if let Some(by_test) = by_test(line, name) {
        canvas.line(&format!("line dotted {}", mark.class), (x.place(mean), y), (within(by_test), y));
        mark.draw_hollow(canvas, (within(by_test), y));
        told += &format!(", by test {}", metric(by_test));
    }
    mark.draw(canvas, (x.place(mean), y));
    Some(told)
}

/// Draws a line through all rows where the best method without training stands, and names it above.
fn best_method(canvas: &mut Canvas, x: &Scale, rows: &[Row], name: &str, (top, bottom): (f64, f64)) {
    let methods = rows.iter().filter(|row| !is_trained(row.lines[0]));
    let best =
        methods.filter_map(|row| Some((row.name, value(row.lines[0], name)?))).max_by(|a, b| a.1.total_cmp(&b.1));
    let has_models = rows.iter().any(|row| is_trained(row.lines[0]));
    let Some((title, value)) = best.filter(|(_, value)| has_models && *value >= least(rows, name)) else { return };
    let place = x.place(value);
    canvas.line(&format!("line thin dashed {}", METHOD.class), (place, top), (place, bottom));
    let title = cut(title, 120.0);
    let half = text_width(&title, LABEL) / 2.0;
    canvas.text(&format!("name {}", METHOD.class), "middle", (place.clamp(half, WIDTH - half), top - 6.0), &title);
}
