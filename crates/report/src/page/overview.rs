//! Several runs on the same data, ranked: what a page of more than one run opens with.

use super::subject::Subject;
use super::table::{Kind, Table};
use crate::interval;
use crate::number::{counted, metric};
use crate::read::Run;
use crate::words::training::undertrained;
use crate::words::verdict;
use anchorrec_data::Provenance;
use anchorrec_records::Report;
use anchorrec_records::report::DataRecord;

/// Runs that can be ranked: those on the same data. A subject for each data set that has more than one.
pub fn subjects(runs: &[Run]) -> Vec<Subject> {
    let same = |a: &DataRecord, b: &DataRecord| {
        (&a.name, a.users, a.items, a.train, a.valid, a.test) == (&b.name, b.users, b.items, b.train, b.valid, b.test)
    };
    let mut groups: Vec<Vec<&Run>> = Vec::new();
    for run in runs {
        match groups.iter_mut().find(|group| same(&group[0].report.data, &run.report.data)) {
            Some(group) => group.push(run),
            None => groups.push(vec![run]),
        }
    }
    groups.retain(|group| group.len() > 1);
    groups.iter().enumerate().map(|(k, group)| subject(&format!("overview-{}", k + 1), group)).collect()
}

fn subject(slug: &str, runs: &[&Run]) -> Subject {
    let data = &runs[0].report.data;
    let (title, about) = (format!("{} runs on {}", runs.len(), data.name), "Ranked by test Recall@20".to_owned());
    let mut subject = Subject::new(slug, title, about, data.source == Provenance::Synthetic);
    let reports: Vec<&Report> = runs.iter().map(|run| &run.report).collect();
    subject.verdict = verdict::of_runs(&reports);
    let tired = reports.iter().filter(|report| !undertrained(report).is_empty()).count();
    if tired > 0 {
        subject.cautions.push(format!(
            "{} of {} may not have been trained to the end: the reasons stand above each. Their order may be one of speed.",
            tired,
            counted(runs.len(), "run", "runs")
        ));
    }
    subject.section("ranking", "Ranking", ranking(runs));
    subject
}

fn ranking(runs: &[&Run]) -> String {
    let columns = [
        ("Place", Kind::Words),
        ("Run", Kind::Words),
        ("Seeds", Kind::Number),
        ("Test Recall@20\n± 95 % over seeds", Kind::Number),
        ("Test NDCG@20\n± 95 % over seeds", Kind::Number),
    ];
    let mut table = Table::new("Runs, ranked by test Recall@20", &columns);
    let recall =
        |run: &Run| run.report.summary.test.get(verdict::METRIC.0).map_or(f64::NEG_INFINITY, |value| value.mean);
    let mut order = runs.to_vec();
    order.sort_by(|a, b| recall(b).total_cmp(&recall(a)));
    for (place, run) in order.into_iter().enumerate() {
        let report = &run.report;
        let cell = |name: &str| match report.summary.test.get(name) {
            None => "–".to_owned(),
            Some(value) => match interval::half_width(value.sd, report.runs.len()) {
                Some(half) => format!("{}\n± {}", metric(value.mean), metric(half)),
                None => metric(value.mean),
            },
        };
        let folder = run.folder.file_name().unwrap_or_default().to_string_lossy();
        table.row(vec![
            (place + 1).to_string(),
            format!("{}\n{folder}", report.model_title()),
            report.runs.len().to_string(),
            cell("recall@20"),
            cell("ndcg@20"),
        ]);
    }
    table.html()
        + "<p class=\"note\">Intervals cover the choice of seeds. Whether two of these runs differ for the same users was not tested: \
           <code>anchorrec ablate</code> trains variants and tests them user by user.</p>\n"
}
