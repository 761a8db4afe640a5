//! Results as a table that other programs read: CSV, Markdown, LaTeX.
//!
//! A row is a model: a run, a variant of a comparison, a fusion, a method without training. A column is a measure on test, the mean over seeds, with half of its
//! 95 % interval by Student's t where there are two seeds or more. One seed gives no interval, and none is made up.
//!
//! CSV is for programs: every measure of both splits, unrounded, the ends of the interval in columns of their own, an empty field for what was not
//! measured. Markdown and LaTeX are for people: the measures that were asked for, to four digits.
//!
//! ```
//! use anchorrec_report::results::ResultsFormat;
//!
//! assert_eq!(ResultsFormat::Markdown.escaped("a|b_c"), r"a\|b\_c");
//! assert_eq!(ResultsFormat::Latex.escaped("R&D 50%"), r"R\&D 50\%");
//! ```

use crate::interval::half_width;
use crate::number::fixed;
use crate::read::{Run, Study};
use anchorrec_data::Provenance;
use anchorrec_records::report::MeanSd;
use anchorrec_records::{ClosedFormRecord, Metrics};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The measures that published tables show.
pub const USUAL: [&str; 4] = ["recall@10", "recall@20", "ndcg@10", "ndcg@20"];

/// A format of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultsFormat {
    /// Comma-separated values, RFC 4180.
    Csv,
    /// A table of GitHub's Markdown.
    Markdown,
    /// A `tabular` that needs no package.
    Latex,
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    model: String,
    /// Folder of the run; empty for a method without training.
    run: String,
    data: String,
    seeds: usize,
    /// Setting, variant, or why there are no numbers.
    about: String,
    valid: BTreeMap<String, MeanSd>,
    test: BTreeMap<String, MeanSd>,
}

/// Makes the table of everything that a study holds, with these measures in Markdown and LaTeX.
///
/// ```
/// use anchorrec_report::Study;
/// use anchorrec_report::results::{ResultsFormat, USUAL, table};
///
/// let empty = Study::default();
/// let text = table(&empty, ResultsFormat::Markdown, &USUAL.map(str::to_owned));
/// assert!(text.starts_with("| model | Recall@10 | Recall@20 | NDCG@10 | NDCG@20 |\n|"));
/// ```
pub fn table(study: &Study, format: ResultsFormat, measures: &[String]) -> String {
    let rows = rows(study);
    match format {
        ResultsFormat::Csv => csv(&rows),
        ResultsFormat::Markdown => markdown(&rows, measures),
        ResultsFormat::Latex => latex(&rows, measures),
    }
}

/// Returns the measures on test that some row has.
pub fn measures(study: &Study) -> BTreeSet<String> {
    rows(study).into_iter().flat_map(|row| row.test.into_keys()).collect()
}

fn rows(study: &Study) -> Vec<Row> {
    let mut rows = Vec::new();
    for comparison in &study.comparisons {
        for variant in &comparison.variants {
            rows.push(Row {
                model: variant.name.clone(),
                run: variant.folder.clone(),
                data: comparison.dataset.clone(),
                seeds: comparison.seeds.len(),
                about: variant.about.clone(),
                valid: variant.valid.clone(),
                test: variant.test.clone(),
            });
        }
    }
    let mut beside: Vec<Row> = Vec::new();
    for run in &study.runs {
        let compared = study.comparisons.iter().flat_map(|comparison| &comparison.variants);
        if !compared.into_iter().any(|variant| run.folder.ends_with(&variant.folder)) {
            rows.push(of_run(run));
        }
        rows.extend(of_fusion(run));
        for method in &run.report.closed_forms {
            let row = of_closed_form(run, method);
            // Popularity is the same beside every run of a data set.
            if !beside.contains(&row) {
                beside.push(row);
            }
        }
    }
    rows.extend(beside);
    rows
}

fn data(run: &Run) -> String {
    let data = &run.report.data;
    let synthetic = if data.source == Provenance::Synthetic { " (synthetic)" } else { "" };
    data.name.clone() + synthetic
}

fn of_run(run: &Run) -> Row {
    let report = &run.report;
    let about = match (&report.refit, &report.warm_start) {
        (Some(refit), _) => format!("refit of {} on all rows, nothing left to evaluate it by", refit.run),
        (None, Some(start)) => format!("warm start from {}", start.run),
        (None, None) => String::new(),
    };
    Row {
        model: report.model_title().to_owned(),
        run: run.folder.display().to_string(),
        data: data(run),
        seeds: report.runs.len(),
        about,
        valid: report.summary.valid.clone(),
        test: report.summary.test.clone(),
    }
}

fn of_fusion(run: &Run) -> Option<Row> {
    let fusion = run.report.fusion.as_ref()?;
    let over = |of: fn(&anchorrec_records::fusion::FusedRun) -> &Metrics| {
        anchorrec_records::report::over_runs(fusion.runs.iter().map(of))
    };
    let gammas: Vec<String> = fusion.runs.iter().map(|run| run.gamma.to_string()).collect();
    Some(Row {
        model: format!("{} + {}", run.report.model_title(), fusion.kernel.title),
        run: run.folder.display().to_string(),
        data: data(run),
        seeds: fusion.runs.len(),
        about: format!("{}; gamma {}", fusion.kernel.setting, gammas.join(", ")),
        valid: over(|run| &run.valid),
        test: over(|run| &run.test),
    })
}

fn of_closed_form(run: &Run, method: &ClosedFormRecord) -> Row {
    let once = |metrics: &Metrics| metrics.iter().map(|(name, value)| (name.clone(), MeanSd::of(&[*value]))).collect();
    Row {
        model: method.title.clone(),
        run: String::new(),
        data: data(run),
        seeds: 1,
        about: method.setting.clone(),
        valid: once(&method.valid),
        test: once(&method.test),
    }
}

fn csv(rows: &[Row]) -> String {
    fn of<'a>(row: &'a Row, split: &str) -> &'a BTreeMap<String, MeanSd> {
        if split == "valid" { &row.valid } else { &row.test }
    }
    let mut columns: Vec<(&str, String)> = Vec::new();
    for split in ["valid", "test"] {
        let names: BTreeSet<String> = rows.iter().flat_map(|row| of(row, split).keys().cloned()).collect();
        columns.extend(sorted(names).into_iter().map(|name| (split, name)));
    }
    let mut head: Vec<String> = ["model", "run", "data", "seeds", "about"].map(str::to_owned).to_vec();
    for (split, name) in &columns {
        head.extend(["", "_low", "_high"].map(|end| format!("{split}_{name}{end}")));
    }
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(&head).expect("memory takes every row");
    for row in rows {
        let Row { model, run, data, seeds, about, .. } = row;
        let mut fields = vec![model.clone(), run.clone(), data.clone(), seeds.to_string(), about.clone()];
        for (split, name) in &columns {
            let value = of(row, split).get(name);
            let half = value.and_then(|value| Some((value.mean, half_width(value.sd, row.seeds)?)));
            fields.push(value.map_or_else(String::new, |value| value.mean.to_string()));
            fields.push(half.map_or_else(String::new, |(mean, half)| (mean - half).to_string()));
            fields.push(half.map_or_else(String::new, |(mean, half)| (mean + half).to_string()));
        }
        out.write_record(&fields).expect("as many fields as the head has");
    }
    String::from_utf8(out.into_inner().expect("memory takes every row")).expect("text of text")
}

/// `ndcg@5`, `ndcg@10`, `recall@5`: by name, then by number.
fn sorted(names: BTreeSet<String>) -> Vec<String> {
    let mut names: Vec<String> = names.into_iter().collect();
    names.sort_by_key(|name| {
        let (metric, k) = name.split_once('@').unwrap_or((name.as_str(), ""));
        (metric.to_owned(), k.parse::<u64>().unwrap_or(0))
    });
    names
}

/// `Recall@20` for `recall@20`.
fn heading(measure: &str) -> String {
    match measure.split_once('@') {
        Some(("ndcg", k)) => format!("NDCG@{k}"),
        Some((name, k)) => {
            let mut letters = name.chars();
            let first = letters.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
            format!("{first}{}@{k}", letters.as_str())
        }
        None => measure.to_owned(),
    }
}

/// Words and numbers of a table for people: a line for the head, one for each row.
fn cells(rows: &[Row], measures: &[String], escaped: impl Fn(&str) -> String, plus_minus: &str) -> Vec<Vec<String>> {
    let datas: BTreeSet<&str> = rows.iter().map(|row| row.data.as_str()).collect();
    // Runs of one model are told apart by their folders.
    let twice = |row: &Row| rows.iter().filter(|other| other.model == row.model && other.data == row.data).count() > 1;
    let several = datas.len() > 1;
    let mut head = vec!["model".to_owned()];
    head.extend(several.then(|| "data".to_owned()));
    head.extend(measures.iter().map(|measure| escaped(&heading(measure))));
    let mut table = vec![head];
    for row in rows {
        let folder = row.run.rsplit('/').next().unwrap_or_default();
        let name = if twice(row) && !folder.is_empty() { format!("{} {folder}", row.model) } else { row.model.clone() };
        let mut line = vec![escaped(&name)];
        line.extend(several.then(|| escaped(&row.data)));
        line.extend(measures.iter().map(|measure| match row.test.get(measure) {
            None => "-".to_owned(),
            Some(value) => {
                let half = half_width(value.sd, row.seeds);
                let half = half.map_or_else(String::new, |half| format!(" {plus_minus} {}", fixed(half, 4)));
                fixed(value.mean, 4) + &half
            }
        }));
        table.push(line);
    }
    table
}

/// What the numbers are, for the line below a table.
fn caption(rows: &[Row]) -> String {
    let datas: Vec<&str> = rows.iter().map(|row| row.data.as_str()).collect::<BTreeSet<_>>().into_iter().collect();
    let seeds: BTreeSet<usize> = rows.iter().filter(|row| !row.run.is_empty()).map(|row| row.seeds).collect();
    let over = match seeds.last() {
        Some(most) if *most > 1 => {
            format!("mean over seeds (up to {most}), ± half of the 95 % interval by Student's t")
        }
        _ => "one seed, so without intervals".to_owned(),
    };
    format!("Test metrics on {}; {over}; epochs chosen on validation.", datas.join(", "))
}

fn markdown(rows: &[Row], measures: &[String]) -> String {
    let escaped = |text: &str| ResultsFormat::Markdown.escaped(text);
    let lines = cells(rows, measures, escaped, "±");
    let words = lines[0].len() - measures.len();
    let mut out = String::new();
    for (number, line) in lines.iter().enumerate() {
        let _ = writeln!(out, "| {} |", line.join(" | "));
        if number == 0 {
            let rule = (0..line.len()).map(|column| if column < words { "---" } else { "---:" });
            let _ = writeln!(out, "|{}|", rule.collect::<Vec<_>>().join("|"));
        }
    }
    if !rows.is_empty() {
        let _ = writeln!(out, "\n{}", escaped(&caption(rows)));
    }
    out
}

fn latex(rows: &[Row], measures: &[String]) -> String {
    let escaped = |text: &str| ResultsFormat::Latex.escaped(text);
    let lines = cells(rows, measures, escaped, r"$\pm$");
    let words = lines[0].len() - measures.len();
    let mut out = format!("% {}\n", caption(rows).replace(['\n', '\r'], " "));
    let _ = writeln!(out, r"\begin{{tabular}}{{{}{}}}", "l".repeat(words), "r".repeat(measures.len()));
    out.push_str("\\hline\n");
    for (number, line) in lines.iter().enumerate() {
        let _ = writeln!(out, r"{} \\", line.join(" & "));
        if number == 0 {
            out.push_str("\\hline\n");
        }
    }
    out.push_str("\\hline\n\\end{tabular}\n");
    out
}

impl ResultsFormat {
    /// Writes a text so that a reader of this format shows it as it is. Control characters become spaces. In CSV the writer quotes whole fields.
    pub fn escaped(self, text: &str) -> String {
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).fold(String::new(), |mut out, c| {
            match (self, c) {
                (ResultsFormat::Markdown, c) if c.is_ascii_punctuation() && r"\`*_[]<>#|~&".contains(c) => {
                    out.push('\\');
                    out.push(c);
                }
                (ResultsFormat::Latex, '\\') => out.push_str(r"\textbackslash{}"),
                (ResultsFormat::Latex, '~') => out.push_str(r"\textasciitilde{}"),
                (ResultsFormat::Latex, '^') => out.push_str(r"\textasciicircum{}"),
                (ResultsFormat::Latex, '<') => out.push_str(r"\textless{}"),
                (ResultsFormat::Latex, '>') => out.push_str(r"\textgreater{}"),
                (ResultsFormat::Latex, '|') => out.push_str(r"\textbar{}"),
                (ResultsFormat::Latex, '±') => out.push_str(r"$\pm$"),
                (ResultsFormat::Latex, 'γ') => out.push_str(r"$\gamma$"),
                // An opening bracket at the beginning of a line would be an argument of the row break before it.
                (ResultsFormat::Latex, '[') => out.push_str("{[}"),
                (ResultsFormat::Latex, c) if r"&%$#_{}".contains(c) => {
                    out.push('\\');
                    out.push(c);
                }
                (_, c) => out.push(c),
            }
            out
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(model: &str, run: &str, values: &[f64]) -> Row {
        Row {
            model: model.to_owned(),
            run: run.to_owned(),
            data: "a_b".to_owned(),
            seeds: values.len(),
            about: "x, \"y\"".to_owned(),
            valid: BTreeMap::new(),
            test: [("recall@20".to_owned(), MeanSd::of(values)), ("recall@5".to_owned(), MeanSd::of(&[0.5]))].into(),
        }
    }

    const MEASURES: [&str; 1] = ["recall@20"];

    fn measures() -> Vec<String> {
        MEASURES.map(str::to_owned).to_vec()
    }

    #[test]
    fn intervals_stand_where_there_are_seeds() {
        let rows = [row("A|B", "runs/1", &[0.1, 0.3]), row("C", "runs/2", &[0.2])];
        // Student's t for one degree of freedom is 12.706, the deviation of 0.1 and 0.3 is 0.1 √2: half of the interval is 12.706 · 0.1.
        let text = csv(&rows);
        let mut read = csv::Reader::from_reader(text.as_bytes());
        let head: Vec<String> = read.headers().unwrap().iter().map(str::to_owned).collect();
        let ends = ["test_recall@5", "test_recall@5_low", "test_recall@5_high", "test_recall@20", "test_recall@20_low"];
        assert_eq!(head[5..10], ends, "by number, not by letters");
        let records: Vec<csv::StringRecord> = read.records().map(Result::unwrap).collect();
        assert_eq!((&records[0][0], &records[0][4]), ("A|B", "x, \"y\""));
        let low: f64 = records[0][9].parse().unwrap();
        assert!((low - (0.2 - 1.2706)).abs() < 1e-4, "{low}");
        assert_eq!((&records[1][8], &records[1][9], &records[1][10]), ("0.2", "", ""));

        let text = markdown(&rows, &measures());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..2], ["| model | Recall@20 |", "|---|---:|"]);
        assert_eq!(lines[2], r"| A\|B | 0.2000 ± 1.2706 |");
        assert_eq!(lines[3], "| C | 0.2000 |");
        assert!(lines[5].contains(r"on a\_b; mean over seeds (up to 2)"), "{}", lines[5]);
        let text = latex(&rows, &measures());
        assert!(
            text.contains("\\begin{tabular}{lr}\n") && text.contains("A\\textbar{}B & 0.2000 $\\pm$ 1.2706 \\\\\n"),
            "{text}"
        );
    }

    #[test]
    fn two_runs_of_a_model_are_told_apart_and_what_was_not_measured_is_a_dash() {
        let mut unmeasured = row("A", "runs/a_1", &[0.1]);
        unmeasured.test.clear();
        let text = markdown(&[row("A", "runs/b", &[0.1]), unmeasured], &measures());
        assert!(text.contains("| A b | 0.1000 |\n| A a\\_1 | - |\n"), "{text}");
    }
}
