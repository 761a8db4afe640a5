//! One self-contained HTML file: the verdict in one sentence, a ranking, then the evidence; a glossary at its end.
//!
//! | module | what |
//! |---|---|
//! | [`escape`] | foreign text, escaped |
//! | [`font`] | the font inside of the page |
//! | [`table`] | a table that scrolls in itself |
//! | `subject` | what every subject has: cautions, verdict, ranking, evidence |
//! | `overview` | several runs on the same data, ranked |
//! | `run`, `comparison` | the sections about a run, about a comparison |
//! | `glossary` | every term and measure explained |
//! | `tables` | the contents of their tables |
//! | `neighbours` | nearest neighbours of a few items |

mod comparison;
pub mod escape;
pub mod font;
mod glossary;
mod neighbours;
mod overview;
mod run;
mod subject;
pub mod table;
mod tables;

use crate::figure::Figure;
use crate::palette::{self, Colours};
use crate::read::Study;
use anchorrec_data::Provenance;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use escape::escaped;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use subject::Subject;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A page with the figures that are in it.
#[derive(Clone, Debug)]
pub struct Page {
    /// The file.
    pub html: String,
    /// Figures that are also written as files.
    pub figures: Vec<Figure>,
}

/// Makes the page of a study.
pub fn page(study: &Study) -> Page {
    let alone = study.comparisons.len() + study.runs.len() == 1;
    let slug = |kind: &str, k: usize| if alone { String::new() } else { format!("{kind}-{}", k + 1) };
    let mut subjects: Vec<Subject> = overview::subjects(&study.runs, &study.closed_forms);
    // A comparison does not say where its data comes from; its reference, which is read with it, does.
    let synthetic = |dataset: &str| {
        let mut reports = study.runs.iter().map(|run| &run.report.data);
        reports.any(|data| data.name == dataset && data.source == Provenance::Synthetic)
    };
    for (k, comparison) in study.comparisons.iter().enumerate() {
        let reference = comparison.variants.iter().find(|variant| variant.name == comparison.reference);
        let reference =
            reference.and_then(|variant| study.runs.iter().find(|run| run.folder.ends_with(&variant.folder)));
        let slug = slug("variants", k);
        subjects.push(comparison::subject(comparison, reference, &slug, synthetic(&comparison.dataset)));
    }
    for (k, run) in study.runs.iter().enumerate() {
        subjects.push(run::subject(run, &slug("run", k), alone));
    }
    let html = document(&subjects);
    Page { html, figures: subjects.into_iter().flat_map(|subject| subject.figures).collect() }
}

fn document(subjects: &[Subject]) -> String {
    let alone = subjects.len() == 1;
    let title = match subjects {
        [only] => only.title.clone(),
        [first, ..] => format!("{} and {} more", first.title, subjects.len() - 1),
        [] => "Nothing to show".to_owned(),
    };
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; script-src 'sha256-{}'",
        STANDARD.encode(Sha256::digest(SCRIPT.as_bytes()))
    );
    let mut out = String::new();
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n<link rel=\"icon\" href=\"data:,\">\n\
         <title>{}</title>\n<style>\n{}{}{}{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#content\">To the content</a>\n",
        escaped(&title),
        font::faces(),
        palette::variables(),
        palette::figures(Colours::Variables),
    );
    navigation(&mut out, subjects);
    out.push_str("<main id=\"content\">\n");
    for subject in subjects {
        let _ = writeln!(
            out,
            "<header class=\"subject\"{}>\n<h1>{}</h1>\n<p class=\"about\">{}</p>\n</header>",
            if alone { String::new() } else { format!(" id=\"{}\"", escaped(&subject.slug)) },
            escaped(&subject.title),
            escaped(&subject.about),
        );
        if subject.synthetic {
            out.push_str(
                "<p class=\"alarm\" role=\"note\"><strong>Synthetic data.</strong> These numbers come from a made-up world and are not comparable with any \
                 paper or real data set.</p>\n",
            );
        }
        if !subject.cautions.is_empty() {
            let _ = writeln!(
                out,
                "<p class=\"caution\" role=\"note\"><strong>Undertrained.</strong> {}</p>",
                escaped(&subject.cautions.join(" "))
            );
        }
        let _ = writeln!(out, "<p class=\"verdict\">{}</p>\n{}", escaped(&subject.verdict), subject.facts);
        for section in &subject.sections {
            let _ = writeln!(
                out,
                "<section id=\"{id}\" aria-labelledby=\"{id}-head\">\n<h2 id=\"{id}-head\">{}</h2>\n{}</section>",
                section.title,
                section.body,
                id = escaped(&section.id),
            );
        }
    }
    out += &glossary::section();
    let _ = write!(
        out,
        "</main>\n<footer>Made by anchorrec {} from records of its runs.</footer>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        env!("CARGO_PKG_VERSION")
    );
    out
}

fn navigation(out: &mut String, subjects: &[Subject]) {
    out.push_str("<nav aria-label=\"Sections\">\n");
    for subject in subjects {
        if subjects.len() > 1 {
            let (slug, title) = (escaped(&subject.slug), escaped(&subject.title));
            let _ = writeln!(out, "<a class=\"subject\" href=\"#{slug}\">{title}</a>");
        }
        for section in &subject.sections {
            let _ = writeln!(out, "<a href=\"#{}\">{}</a>", escaped(&section.id), section.title);
        }
    }
    let _ = writeln!(
        out,
        "<a{} href=\"#glossary\">Glossary</a>",
        if subjects.len() > 1 { " class=\"subject\"" } else { "" }
    );
    out.push_str("</nav>\n");
}
