//! Several runs on the same data, and methods without training, ranked: what a page of more than one run opens with.

use super::subject::Subject;
use super::table::{ColumnKind, PageTable};
use super::tables::{self, or_none};
use crate::interval;
use crate::number::{counted, fixed, metric};
use crate::read::Run;
use crate::words::training::undertrained;
use crate::words::verdict;
use anchorrec_data::Provenance;
use anchorrec_records::report::{DataRecord, MeanSd, Metrics};
use anchorrec_records::{ClosedFormRecord, ClosedFormsReport, Report};
use std::collections::BTreeMap;

/// Runs that can be ranked, those on the same data, beside the methods without training on it. A subject for each data set that has more than one.
pub fn subjects(runs: &[Run], closed_forms: &[ClosedFormsReport]) -> Vec<Subject> {
    let same = |a: &DataRecord, b: &DataRecord| {
        (&a.name, a.users, a.items, a.train, a.valid, a.test) == (&b.name, b.users, b.items, b.train, b.valid, b.test)
    };
    let mut groups: Vec<Group<'_>> = Vec::new();
    for run in runs {
        let data = &run.report.data;
        match groups.iter_mut().find(|group| same(group.data, data)) {
            Some(group) => group.runs.push(run),
            None => groups.push(Group { data, runs: vec![run], methods: Vec::new() }),
        }
    }
    for report in closed_forms {
        match groups.iter_mut().find(|group| same(group.data, &report.data)) {
            Some(group) => group.methods.extend(&report.methods),
            None => {
                groups.push(Group { data: &report.data, runs: Vec::new(), methods: report.methods.iter().collect() })
            }
        }
    }
    groups.retain(|group| group.runs.len() > 1 || !group.methods.is_empty());
    groups.iter().enumerate().map(|(k, group)| subject(&format!("overview-{}", k + 1), group)).collect()
}

/// What is in one ranking.
struct Group<'a> {
    data: &'a DataRecord,
    runs: Vec<&'a Run>,
    methods: Vec<&'a ClosedFormRecord>,
}

impl Group<'_> {
    /// How many have no metric to be ranked by.
    fn unranked(&self) -> usize {
        let runs = self.runs.iter().filter(|run| !run.report.summary.test.contains_key(verdict::METRIC.0)).count();
        runs + self.methods.iter().filter(|method| !method.test.contains_key(verdict::METRIC.0)).count()
    }

    /// What the ranking is by.
    fn ranked_by(&self) -> &'static str {
        match self.unranked() < self.runs.len() + self.methods.len() {
            true => "Ranked by test Recall@20",
            false => "Not ranked: none has a test Recall@20",
        }
    }

    /// Says which have no place in the ranking, and why; nothing where all have one.
    fn without_place(&self) -> String {
        let refits = self.runs.iter().filter(|run| run.report.refit.is_some()).count();
        let others = self.unranked().saturating_sub(refits);
        let mut out = String::new();
        if refits > 0 {
            out += &format!(
                "<p class=\"note\">{} no place: a refit is trained on all rows, so nothing is left to evaluate it by.</p>\n",
                counted(refits, "run is a refit and has", "runs are refits and have")
            );
        }
        if others > 0 {
            out += &format!(
                "<p class=\"note\">{} no test Recall@20 and no place: there are no test rows.</p>\n",
                counted(others, "run has", "runs have")
            );
        }
        out
    }
}

fn subject(slug: &str, group: &Group<'_>) -> Subject {
    let Group { data, runs, methods } = group;
    let beside = if methods.is_empty() {
        String::new()
    } else {
        let and = if runs.is_empty() { "" } else { " and " };
        format!("{and}{} without training", counted(methods.len(), "method", "methods"))
    };
    let of_runs = if runs.is_empty() { String::new() } else { counted(runs.len(), "run", "runs") };
    let (title, about) = (format!("{of_runs}{beside} on {}", data.name), group.ranked_by().to_owned());
    let mut subject = Subject::new(slug, title, about, data.source == Provenance::Synthetic);
    let reports: Vec<&Report> = runs.iter().map(|run| &run.report).collect();
    subject.verdict = verdict::of_runs(&reports);
    if let Some(beside) = verdict::without_training(&reports, methods) {
        subject.verdict = format!("{} {beside}", subject.verdict);
    }
    let tired = reports.iter().filter(|report| !undertrained(report).is_empty()).count();
    if tired > 0 {
        let ranked = runs.len() + methods.len() - group.unranked();
        subject.cautions.push(format!(
            "{tired} of {} may not have been trained to the end: the reasons stand above each.{}",
            counted(runs.len(), "run", "runs"),
            if ranked > 1 { " Their order may be one of speed." } else { "" }
        ));
    }
    subject.section("ranking", "Ranking", ranking(group));
    if !methods.is_empty()
        && let Some(run) = runs.first()
    {
        subject.section("published", "Published", tables::references(&run.report));
    }
    subject
}

fn ranking(group: &Group<'_>) -> String {
    let columns = [
        ("Place", ColumnKind::Words),
        ("Run", ColumnKind::Words),
        ("Seeds", ColumnKind::Number),
        ("Validation\nRecall@20", ColumnKind::Number),
        ("Test Recall@10\n± 95 % over seeds", ColumnKind::Number),
        ("Test Recall@20\n± 95 % over seeds", ColumnKind::Number),
        ("Test NDCG@10\n± 95 % over seeds", ColumnKind::Number),
        ("Test NDCG@20\n± 95 % over seeds", ColumnKind::Number),
        ("Seconds\na seed, or all settings", ColumnKind::Number),
    ];
    let mut table = PageTable::new(group.ranked_by(), &columns);
    let mut rows: Vec<(Option<f64>, Vec<String>)> = Vec::new();
    for run in &group.runs {
        let report = &run.report;
        let cell = |of: &BTreeMap<String, MeanSd>, name: &str| match of.get(name) {
            None => "–".to_owned(),
            Some(value) => match interval::half_width(value.sd, report.runs.len()) {
                Some(half) => format!("{}\n± {}", metric(value.mean), metric(half)),
                None => metric(value.mean),
            },
        };
        let folder = run.folder.file_name().unwrap_or_default().to_string_lossy();
        let (valid, test) = (&report.summary.valid, &report.summary.test);
        let seconds = report.runs.iter().map(|run| run.seconds).sum::<f64>() / report.runs.len().max(1) as f64;
        rows.push((
            test.get(verdict::METRIC.0).map(|value| value.mean),
            vec![
                format!("{}\n{folder}", report.model_title()),
                report.runs.len().to_string(),
                valid.get("recall@20").map_or_else(|| "–".to_owned(), |value| metric(value.mean)),
                cell(test, "recall@10"),
                cell(test, "recall@20"),
                cell(test, "ndcg@10"),
                cell(test, "ndcg@20"),
                fixed(seconds, 1),
            ],
        ));
    }
    for method in &group.methods {
        let of = |metrics: &Metrics, name: &str| or_none(metrics.get(name));
        rows.push((
            method.test.get(verdict::METRIC.0).copied(),
            vec![
                format!("{}\nwithout training: {}", method.title, method.setting),
                "–".to_owned(),
                of(&method.valid, "recall@20"),
                of(&method.test, "recall@10"),
                of(&method.test, "recall@20"),
                of(&method.test, "ndcg@10"),
                of(&method.test, "ndcg@20"),
                fixed(method.search_seconds, 1),
            ],
        ));
    }
    // Those without a metric come last, in the order in which they were named.
    rows.sort_by(|a, b| b.0.unwrap_or(f64::NEG_INFINITY).total_cmp(&a.0.unwrap_or(f64::NEG_INFINITY)));
    for (place, (metric, row)) in rows.into_iter().enumerate() {
        table.row([vec![tables::place(place, metric.is_some())], row].concat());
    }
    table.html()
        + &group.without_place()
        + "<p class=\"note\">Intervals cover the choice of seeds. Whether two of these runs differ for the same users was not tested: \
           <code>anchorrec ablate</code> trains variants and tests them user by user.</p>\n"
}
