//! The report as a person reads it.

use crate::growth::{self, GOAL};
use crate::report::{KernelRow, Measurements, Row};
use crate::rows::{Figure, figure};
use crate::sample::Sample;
use anchorrec_data::grouped;

/// Writes the measurements as the text of a terminal.
pub fn render(report: &Measurements) -> String {
    let mut out = head(report);
    if !report.rows.is_empty() {
        out += &figures(&report.rows);
    }
    if !report.kernels.is_empty() {
        out += &kernels(&report.kernels);
    }
    if !report.growth.is_empty() {
        out += &growth(&report.growth);
    }
    out
}

fn head(report: &Measurements) -> String {
    let machine = &report.machine;
    let avx512 = if machine.avx512 { "AVX-512" } else { "no AVX-512" };
    let shrunken = if report.scale < 1.0 {
        format!("\nSCALE {}: A QUICK LOOK. These figures mean nothing for the goals.\n", report.scale)
    } else {
        String::new()
    };
    let counted = |name: &str, threads: usize| {
        vec![name.to_owned(), "1 thread".to_owned(), format!("{threads} thread{}", if threads == 1 { "" } else { "s" })]
    };
    let mut lines = vec![counted("arithmetic in registers", machine.threads)];
    for (kind, units) in [("f32 GF/s", &machine.floats), ("8-bit GOP/s", &machine.integers)] {
        lines
            .extend(units.iter().map(|of| vec![format!("{kind}, {}", of.set), number(of.one.max), number(of.all.max)]));
    }
    format!(
        "anchorrec {}, {}, {} logical cores, {} threads, {avx512}\n\
         memory {:.1} GB/s (triad), our own f32 product {:.0} GF/s\n{}\
         all values: median (min - max, n runs)\n{shrunken}",
        report.version,
        machine.processor,
        machine.cores,
        machine.threads,
        machine.bandwidth.max,
        machine.gemm.max,
        aligned(&lines)
    )
}

fn figures(rows: &[Row]) -> String {
    let mut lines = vec![cells(["figure", "value", "unit", "limit", "of limit", "x limit", "goal", "reached"])];
    for row in rows {
        let Figure { rate, .. } = figure(row.name);
        let sample = Sample { median: row.value, min: row.min, max: row.max, runs: row.runs };
        lines.push(vec![
            row.name.to_owned(),
            spread(sample),
            row.unit.to_owned(),
            optional(row.limit, number),
            optional(row.fraction_of_limit, percent),
            optional(row.fraction_of_limit.filter(|_| !rate), |fraction| format!("{:.2}", 1.0 / fraction)),
            optional(row.goal, number),
            optional(row.reached, |reached| if reached { "yes" } else { "no" }.to_owned()),
        ]);
    }
    let mut out = format!("\n{}", aligned(&lines));
    for row in rows {
        let note = if row.note.is_empty() { String::new() } else { format!("; {}", row.note) };
        out += &format!("  {}: {}{note}\n", row.name, figure(row.name).what);
    }
    out
}

fn kernels(rows: &[KernelRow]) -> String {
    let mut lines = vec![cells(["kernel", "ms", "MB", "GF", "limit ms", "of limit"])];
    for row in rows {
        let sample = Sample { median: row.value, min: row.min, max: row.max, runs: row.runs };
        lines.push(vec![
            row.name.clone(),
            spread(sample.times(1e3)),
            number(row.bytes / 1e6),
            number(row.operations / 1e9),
            number(row.limit * 1e3),
            percent(row.fraction_of_limit),
        ]);
    }
    format!("\n{}", aligned(&lines))
}

fn growth(rows: &[growth::Row]) -> String {
    let names = ["twice the", "users", "items", "pairs", "widths", "step s", "x", "epoch s", "x", "GiB", "x", "within"];
    let mut lines = vec![names.iter().map(|name| (*name).to_owned()).chain(cells(["graphs s", "x"])).collect()];
    for row in rows {
        let ratio = |of: fn(&growth::Ratios) -> f64| optional(row.ratios.as_ref(), |r| format!("{:.2}", of(r)));
        let widths: Vec<String> = row.widths.iter().map(ToString::to_string).collect();
        lines.push(vec![
            row.name.to_owned(),
            grouped(row.users),
            grouped(row.items),
            grouped(row.pairs),
            widths.join("+"),
            spread(row.step),
            ratio(|r| r.step),
            spread(row.epoch),
            ratio(|r| r.epoch),
            number(row.peak_gib),
            ratio(|r| r.peak),
            optional(row.ratios, |r| if r.within_goal { "yes" } else { "no" }.to_owned()),
            number(row.graphs),
            ratio(|r| r.graphs),
        ]);
    }
    format!(
        "\n{}  goal: step, epoch and memory at most x {GOAL}; pairs are training pairs\n  \
         graphs compare all items with all: twice the items are x 4 by nature\n",
        aligned(&lines)
    )
}

/// Columns of equal width: the first to the left, the others to the right.
fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let length = |line: &Vec<String>, column: usize| line.get(column).map_or(0, |cell| cell.chars().count());
    let widths: Vec<usize> =
        (0..columns).map(|column| lines.iter().map(|line| length(line, column)).max().unwrap_or(0)).collect();
    let mut out = String::new();
    for line in lines {
        let mut text = String::new();
        for (column, (cell, &width)) in line.iter().zip(&widths).enumerate() {
            text += &if column == 0 { format!("{cell:<width$}") } else { format!("  {cell:>width$}") };
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
    out
}

fn cells<const N: usize>(names: [&str; N]) -> Vec<String> {
    names.map(str::to_owned).to_vec()
}

/// `median (min - max, n)`.
fn spread(sample: Sample) -> String {
    format!("{} ({} - {}, {})", number(sample.median), number(sample.min), number(sample.max), sample.runs)
}

fn optional<T>(value: Option<T>, show: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| "-".to_owned(), show)
}

fn percent(fraction: f64) -> String {
    format!("{:.0} %", 100.0 * fraction)
}

/// Three digits, or all before the point.
fn number(value: f64) -> String {
    if value >= 1000.0 {
        return grouped(value.round() as usize);
    }
    let decimals = if value > 0.0 { (2 - value.log10().floor() as i64).clamp(0, 6) } else { 0 };
    format!("{value:.*}", decimals as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits_and_all_before_the_point() {
        for (value, text) in [
            (0.0, "0"),
            (0.0012345, "0.00123"),
            (0.2, "0.200"),
            (24.97, "25.0"),
            (312.4, "312"),
            (100_000.4, "100,000"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn columns_line_up() {
        let lines = vec![cells(["name", "s"]), cells(["a long name", "10"])];
        assert_eq!(aligned(&lines), "name          s\na long name  10\n");
    }
}
