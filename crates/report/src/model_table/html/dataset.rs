//! A data set: figures first, the numbers below them.

use super::super::figures::{cost, degrees, differences, kept, standing};
use super::super::rows::{DatasetOfTable, Kind, Of};
use super::super::tests_over_users::tested;
use super::super::{about, accuracy, costs, groups, spaces};
use super::table::table;
use super::words;
use crate::page::escape::escaped;
use crate::page::subject::Subject;
use anchorrec_data::Provenance;
use std::fmt::Write;

/// Makes the subject of a data set that has a result.
pub(super) fn subject(dataset: &DatasetOfTable, slug: &str) -> Subject {
    let data = dataset.data().expect("a result has its data");
    let source = if data.source == Provenance::Synthetic { "a synthetic twin" } else { about::source(data) };
    let line = format!("{} · {source}", about::counts(data));
    let synthetic = data.source == Provenance::Synthetic;
    let mut subject = Subject::new(slug, dataset.name.clone(), line, synthetic);
    subject.verdict = words::leader(dataset).unwrap_or_else(|| "There is no test Recall@20.".to_owned());
    subject.facts = facts(dataset);
    let refused =
        about::refused(dataset).map_or_else(String::new, |said| format!("<p class=\"note\">{}</p>\n", escaped(&said)));
    let figure = subject.figure(standing(dataset));
    let results = table(&accuracy::results(dataset));
    let by_test = folded("What a choice on test would have printed", &table(&accuracy::chosen_on_test(dataset)));
    let every = table(&accuracy::every_cut_off(dataset, false)) + &table(&accuracy::every_cut_off(dataset, true));
    subject.section("accuracy", "Accuracy", figure + &refused + &results + &by_test + &folded("Every cut-off", &every));
    let mut against = String::new();
    for tested in Kind::ALL.into_iter().filter_map(|kind| tested(dataset, kind)).filter(|of| !of.lines.is_empty()) {
        let of_kind = subject.figure(differences(&tested));
        against += &format!("{of_kind}{}", folded(&tested.title(), &table(&tested.table())));
    }
    subject.section("tests", "Against the reference", against);
    let figure = subject.figure(degrees(dataset));
    let tables = table(&groups::of_users(dataset)) + &table(&groups::of_items(dataset));
    subject.section("groups", "The few and the many", figure + &folded("The numbers of the groups", &tables));
    let figure = subject.figure(kept(dataset));
    let overlaps = folded("The numbers of the spaces", &table(&spaces::overlaps(dataset)));
    subject.section(
        "kept",
        "What is kept of a modality",
        if figure.is_empty() { no_spaces(dataset) } else { figure + &overlaps },
    );
    subject.section("recommended", "What is recommended", table(&spaces::recommended(dataset)));
    let figure = subject.figure(cost(dataset));
    let costs = folded("The numbers of the costs", &table(&costs::costs(dataset)));
    let chosen = table(&costs::chosen_settings(dataset)) + &table(&costs::methods(dataset));
    subject.section("cost", "Cost and settings", figure + &costs + &folded("Settings that were chosen", &chosen));
    subject
}

/// Says why nothing is drawn of item spaces; nothing where there are no models either.
fn no_spaces(dataset: &DatasetOfTable) -> String {
    let models = dataset.shown().iter().filter(|line| matches!(line.of, Of::Model(_))).count();
    match models {
        0 => String::new(),
        1 => "<p>Only one model is trained here: there is nothing to compare yet.</p>\n".to_owned(),
        _ => "<p>Fewer than two of these models have a space of items beside features of the data set: there is nothing to compare.</p>\n".to_owned(),
    }
}

fn facts(dataset: &DatasetOfTable) -> String {
    let mut out = String::from("<dl class=\"facts\">\n");
    for (what, value) in words::counts(dataset) {
        let _ = writeln!(out, "<div><dt>{}</dt><dd>{}</dd></div>", escaped(&what), escaped(&value));
    }
    out + "</dl>\n"
}

/// What a reader opens who wants every number.
fn folded(summary: &str, body: &str) -> String {
    if body.is_empty() {
        return String::new();
    }
    format!("<details><summary>{}</summary>\n{body}</details>\n", escaped(summary))
}
