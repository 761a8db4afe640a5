//! What happened epoch by epoch: the objective with its terms, and metrics on validation and test.

use crate::figure::{Figure, Panel};
use crate::number::{counted, fixed, metric};
use crate::plot::{Frame, Words};
use crate::scale::Scale;
use crate::svg::MarkerShape;
use anchorrec_records::Report;
use anchorrec_records::report::{EpochRecord, RunRecord};
use std::collections::BTreeSet;

/// Draws the objective, then each of its terms; a line for each seed.
pub fn loss(report: &Report) -> Option<Figure> {
    let epochs = || report.runs.iter().flat_map(|run| &run.curve);
    epochs().next()?;
    let terms: BTreeSet<&String> = epochs().flat_map(|epoch| epoch.terms.keys()).collect();
    let mut panels = vec![loss_panel(report, "objective", "weighted sum of the terms", |epoch| Some(epoch.loss))];
    panels.extend(terms.into_iter().map(|term| {
        let about = report.runs.iter().find_map(|run| run.about.get(term)).map_or("", String::as_str);
        loss_panel(report, term, about, |epoch| epoch.terms.get(term).copied())
    }));
    let lines = if report.runs.len() > 1 { "; a line for each seed" } else { "" };
    let caption = format!(
        "The objective and its terms, each the mean over the batches of an epoch, before weighting{lines}. The axes do not begin at zero."
    );
    Some(Figure { name: "loss".into(), caption, panels, columns: 3 })
}

fn loss_panel(report: &Report, title: &str, y: &str, value: impl Fn(&EpochRecord) -> Option<f64>) -> Panel {
    let frame = Frame { width: 300.0, height: 190.0, left: 46.0, right: 10.0 };
    let lines: Vec<Vec<(f64, f64)>> = report.runs.iter().map(|run| points(run, &value)).collect();
    let x = epochs_axis(report, frame.across());
    let y_scale = Scale::linear(lines.iter().flatten().map(|point| point.1), frame.upward());
    let (first, last) = (mean_of(&lines, |line| line.first()), mean_of(&lines, |line| line.last()));
    let about = format!(
        "Line chart of {title} over epochs, {}: from {} to {}.",
        counted(report.runs.len(), "seed", "seeds"),
        fixed(first, 4),
        fixed(last, 4)
    );
    let words = Words { title: title.into(), x: "epoch".into(), y: y.into(), about };
    let mut plot = frame.plot(x, y_scale, words);
    let class = if lines.len() > 1 { "final thin" } else { "final" };
    for line in &lines {
        plot.curve(class, line);
    }
    plot.finish()
}

/// Draws Recall@20 and NDCG@20; a line for each seed and split, the chosen epoch marked.
pub fn metrics(report: &Report) -> Option<Figure> {
    let panels: Vec<Panel> = [("recall@20", "Recall@20"), ("ndcg@20", "NDCG@20")]
        .into_iter()
        .filter(|(name, _)| report.runs.iter().any(|run| !points(run, &|epoch| valid(epoch, name)).is_empty()))
        .map(|(name, title)| metric_panel(report, name, title))
        .collect();
    let caption = "Solid: validation, which chooses the epoch (marked with a ring). Dashed: test, recorded on the way; nothing is chosen by it. \
                   The axes do not begin at zero.";
    (!panels.is_empty()).then(|| Figure { name: "metrics".into(), caption: caption.into(), panels, columns: 2 })
}

fn metric_panel(report: &Report, name: &str, title: &str) -> Panel {
    let frame = Frame { width: 380.0, height: 270.0, left: 46.0, right: 74.0 };
    let valid_lines: Vec<Vec<(f64, f64)>> = report.runs.iter().map(|run| points(run, &|e| valid(e, name))).collect();
    let test_lines: Vec<Vec<(f64, f64)>> = report.runs.iter().map(|run| points(run, &|e| test(e, name))).collect();
    let all = valid_lines.iter().chain(&test_lines).flatten().map(|point| point.1);
    let (x, y) = (epochs_axis(report, frame.across()), Scale::linear(all, frame.upward()));
    let chosen: Vec<(f64, f64)> =
        report.runs.iter().filter_map(|run| Some((run.best_epoch as f64, *run.valid.get(name)?))).collect();
    let marks: Vec<String> =
        chosen.iter().map(|(epoch, value)| format!("epoch {epoch:.0} with {}", metric(*value))).collect();
    let about = format!("Line chart of {title} over epochs, validation and test. Chosen: {}.", marks.join(", "));
    let words = Words { title: title.into(), x: "epoch".into(), y: "share, mean over users".into(), about };
    let mut plot = frame.plot(x, y, words);
    let thin = if report.runs.len() > 1 { " thin" } else { "" };
    for line in &test_lines {
        plot.curve(&format!("id dashed{thin}"), line);
    }
    for line in &valid_lines {
        plot.curve(&format!("final{thin}"), line);
    }
    for &point in &chosen {
        let place = plot.place(point);
        plot.canvas.marker("hollow final", MarkerShape::Circle, place, 3.6);
    }
    let mut ends = Vec::new();
    for (class, split, lines) in [("final", "validation", &valid_lines), ("id", "test", &test_lines)] {
        if lines.iter().any(|line| !line.is_empty()) {
            ends.push((class, split.to_owned(), mean_of(lines, |line| line.last())));
        }
    }
    plot.name_ends(&ends);
    plot.finish()
}

fn valid(epoch: &EpochRecord, name: &str) -> Option<f64> {
    epoch.valid.as_ref()?.get(name).copied()
}

fn test(epoch: &EpochRecord, name: &str) -> Option<f64> {
    epoch.test.as_ref()?.get(name).copied()
}

fn points(run: &RunRecord, value: &impl Fn(&EpochRecord) -> Option<f64>) -> Vec<(f64, f64)> {
    run.curve.iter().filter_map(|epoch| Some((epoch.epoch as f64, value(epoch)?))).collect()
}

fn epochs_axis(report: &Report, range: (f64, f64)) -> Scale {
    let last = report.runs.iter().flat_map(|run| &run.curve).map(|epoch| epoch.epoch).max().unwrap_or(1);
    Scale::exact((1.0, last.max(2) as f64), range)
}

fn mean_of(lines: &[Vec<(f64, f64)>], pick: impl Fn(&Vec<(f64, f64)>) -> Option<&(f64, f64)>) -> f64 {
    let values: Vec<f64> = lines.iter().filter_map(|line| Some(pick(line)?.1)).collect();
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
