//! The sections about a run.

use super::escape::escaped;
use super::subject::{Subject, prose};
use super::{neighbours, tables};
use crate::figures::{curves, groups, map, overlap, spectrum};
use crate::interval;
use crate::number::{metric, percent};
use crate::read::Run;
use crate::spaces::{Spaces, mean};
use crate::words;
use anchorrec_data::{Provenance, grouped};
use anchorrec_records::Report;
use anchorrec_records::report::RunRecord;
use std::fmt::Write;

/// Makes the subject of a run.
pub fn subject(run: &Run, slug: &str, alone: bool) -> Subject {
    let report = &run.report;
    let synthetic = report.data.source == Provenance::Synthetic;
    let mut subject = Subject::new(slug, title(run, alone), about(report), synthetic);
    let spaces = Spaces::of(run);
    subject.cautions = words::training::undertrained(report);
    subject.verdict = words::verdict::of_run(report);
    subject.facts = facts(report, spaces.as_ref());
    if report.runs.len() > 1 {
        let is_ranked = report.runs.iter().any(RunRecord::is_chosen);
        let title = if is_ranked { "Seeds, ranked by validation" } else { "Seeds" };
        subject.section("ranking", title, tables::seeds(report));
    }
    subject.section("shown", "What the numbers show", prose(&words::of_run(run)));
    subject.section("accuracy", "Accuracy", accuracy(report));
    let curves = subject.figure(curves::metrics(report)) + &subject.figure(curves::loss(report));
    subject.section("training", "Training", curves);
    if let Some(spaces) = &spaces {
        let body = subject.figure(overlap::heat_maps(spaces))
            + &subject.figure(spectrum::spectra(spaces))
            + &tables::spaces(spaces);
        subject.section("spaces", "Spaces", body);
        let body = subject.figure(map::maps(spaces));
        subject.section("positions", "Positions of items", body);
        let body = tables::nearest(spaces) + &neighbours::examples(&spaces.shown().examples);
        subject.section("neighbours", "Nearest neighbours", body);
        let body = subject.figure(groups::groups(spaces));
        subject.section("service", "Who is served", body);
    } else {
        subject.section("spaces", "Spaces", no_analysis(report));
    }
    subject.section("made", "How it was made", made(run));
    subject
}

fn title(run: &Run, alone: bool) -> String {
    let model = run.report.model_title();
    let folder = run.folder.file_name().map(|name| name.to_string_lossy().into_owned());
    match folder {
        Some(folder) if !alone => format!("{model} on {}, {folder}", run.report.data.name),
        _ => format!("{model} on {}", run.report.data.name),
    }
}

fn about(report: &Report) -> String {
    let data = &report.data;
    let source = match data.source {
        Provenance::Synthetic => "SYNTHETIC DATA",
        Provenance::Derived => "Real interactions, some features derived",
        Provenance::Real => "Real data",
        Provenance::Unknown => "Data of unknown origin",
    };
    format!(
        "{source} · {} users, {} items · {} training, {} validation, {} test pairs",
        grouped(data.users),
        grouped(data.items),
        grouped(data.train),
        grouped(data.valid),
        grouped(data.test)
    )
}

/// The few numbers that a reader looks for first.
fn facts(report: &Report, spaces: Option<&Spaces>) -> String {
    let n = report.runs.len();
    let mut facts = Vec::new();
    for (name, title) in [("recall@20", "test Recall@20"), ("ndcg@20", "test NDCG@20")] {
        if let Some(value) = report.summary.test.get(name) {
            let below = match interval::half_width(value.sd, n) {
                Some(half) => format!("± {} over {n} seeds", metric(half)),
                None => "one seed".to_owned(),
            };
            facts.push((metric(value.mean), title.to_owned(), below));
        }
    }
    let share = |name: &str| spaces.and_then(|spaces| mean(spaces.overlaps("final", name).into_iter()));
    for (name, with) in [("raw_mm", "with the fused features"), ("id", "with the ID space")] {
        if let Some(share) = share(name) {
            facts.push((percent(share), "of the final space's neighbours".to_owned(), format!("shared {with}")));
        }
    }
    let mut out = String::from("<dl class=\"facts\">\n");
    for (value, what, below) in facts {
        let _ = writeln!(out, "<div><dt>{what}</dt><dd>{value}<small>{below}</small></dd></div>");
    }
    out + "</dl>\n"
}

fn accuracy(report: &Report) -> String {
    let mut out = tables::accuracy(report);
    out.push_str(
        "<p class=\"note\">Every user is ranked all items of the catalogue but those it was trained on. Epochs are selected by validation Recall@20. The \
         half-widths are <i>t</i> · sd / √<i>n</i> over the <i>n</i> seeds; a dash where one seed gives none.",
    );
    let optimistic = &report.summary.selected_by_test_optimistic;
    if !optimistic.test.is_empty() {
        let _ = write!(
            out,
            " The last column is seed {}, epoch {}, chosen by looking at test.",
            optimistic.seed, optimistic.epoch
        );
    }
    out.push_str("</p>\n");
    if report.runs.len() == 1 {
        out += &tables::seeds(report);
    }
    let beside = tables::beside(report);
    if !beside.is_empty() {
        out += &beside;
        out.push_str(
            "<p class=\"note\">Popularity and item kNN need no training. They are judged on the same users with the same items left out. A model that \
             they come close to is not worth its time on this data.</p>\n",
        );
    }
    let published = tables::references(report);
    if !published.is_empty() {
        out += &published;
        out.push_str(
            "<p class=\"note\">Published numbers were selected by test, on other splits and with other features: read the columns before comparing.</p>\n",
        );
    }
    out
}

/// What to do about a missing analysis.
fn no_analysis(report: &Report) -> String {
    let mut command: Vec<String> = report.command.iter().map(|word| quoted(word)).collect();
    if command.is_empty() {
        command.extend(["anchorrec".to_owned(), "train".to_owned(), "...".to_owned()]);
    }
    for option in ["--resume", "--analyse"] {
        if !command.iter().any(|word| word == option) {
            command.push(option.to_owned());
        }
    }
    format!(
        "<div class=\"missing\"><p>There is no analysis of these weights, so overlaps, spectra, positions and neighbours are not shown. The same command with \
         two more options analyses what was trained, without training again:</p>\n<pre><code>{}</code></pre></div>\n",
        escaped(&command.join(" "))
    )
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:@+%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Writes what is needed to repeat the run.
fn made(run: &Run) -> String {
    let report = &run.report;
    let command = report.command.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
    let mut out = format!("<pre><code>{}</code></pre>\n<dl class=\"made\">\n", escaped(&command));
    let peak = report.runs.iter().filter_map(|run| run.peak_rss_bytes).max();
    let memory =
        peak.map_or_else(String::new, |bytes| format!(", {:.0} MiB at most", bytes as f64 / f64::from(1 << 20)));
    let minutes = report.runs.iter().map(|run| run.seconds).sum::<f64>() / 60.0;
    let parameters = report.runs.first().map_or(0, |run| run.parameters);
    let widths: Vec<String> =
        report.data.widths.iter().map(|(name, width)| format!("{name} {}", grouped(width))).collect();
    for (what, value) in [
        ("Software", format!("anchorrec {}", report.version)),
        ("Run", run.folder.display().to_string()),
        ("Data", report.data.dir.clone()),
        ("Feature widths", if widths.is_empty() { "no features".to_owned() } else { widths.join(", ") }),
        ("Trainable numbers", grouped(parameters)),
        ("Training and evaluation", format!("{minutes:.1} minutes, {} threads{memory}", report.threads)),
    ] {
        let _ = writeln!(out, "<dt>{what}</dt><dd>{}</dd>", escaped(&value));
    }
    out.push_str("</dl>\n");
    if !report.notices.is_empty() {
        out.push_str("<ul class=\"notices\">\n");
        for notice in &report.notices {
            let _ = writeln!(out, "<li>{}</li>", escaped(notice));
        }
        out.push_str("</ul>\n");
    }
    out += &tables::inputs(report);
    let settings = serde_json::to_string_pretty(&report.config).expect("settings are JSON");
    let _ = writeln!(
        out,
        "<details><summary>All settings</summary>\n<pre><code>{}</code></pre>\n</details>",
        escaped(&settings)
    );
    out
}
