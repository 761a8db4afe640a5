//! One self-contained HTML file: what the numbers show, then the numbers.
//!
//! | module | what |
//! |---|---|
//! | [`escape`] | somebody else's text as text |
//! | [`font`] | the font inside of the page |
//! | [`table`] | a table that scrolls in itself |
//! | `run`, `comparison` | the sections about a run, about a comparison |
//! | `tables` | what stands in their tables |
//! | `neighbours` | nearest neighbours of a few items |

mod comparison;
pub mod escape;
pub mod font;
mod neighbours;
mod run;
pub mod table;
mod tables;

use crate::figure::Figure;
use crate::palette::{self, Colours};
use crate::read::Study;
use crate::words::Paragraph;
use anchorrec_data::Provenance;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use escape::escaped;
use sha2::{Digest, Sha256};
use std::fmt::Write;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A page with the figures that stand in it.
#[derive(Clone, Debug)]
pub struct Page {
    /// The file.
    pub html: String,
    /// For files of their own.
    pub figures: Vec<Figure>,
}

/// What a page is about: one run, one comparison.
struct Subject {
    /// In front of the names of its sections and figures; empty where there is one subject.
    slug: String,
    title: String,
    /// Below the title.
    about: String,
    /// Whether its data is made up.
    synthetic: bool,
    sections: Vec<Section>,
    figures: Vec<Figure>,
}

struct Section {
    id: String,
    title: &'static str,
    body: String,
}

impl Subject {
    fn new(slug: &str, title: String, about: String, synthetic: bool) -> Self {
        Subject { slug: slug.to_owned(), title, about, synthetic, sections: Vec::new(), figures: Vec::new() }
    }

    fn named(&self, name: &str) -> String {
        if self.slug.is_empty() { name.to_owned() } else { format!("{}-{name}", self.slug) }
    }

    /// A section; one without anything in it is left out.
    fn section(&mut self, name: &str, title: &'static str, body: String) {
        if !body.is_empty() {
            self.sections.push(Section { id: self.named(name), title, body });
        }
    }

    /// A figure, as it stands in the page.
    fn figure(&mut self, figure: Option<Figure>) -> String {
        let Some(mut figure) = figure else { return String::new() };
        figure.name = self.named(&figure.name);
        let html = figure.inline();
        self.figures.push(figure);
        html
    }
}

/// The page of a study.
pub fn page(study: &Study) -> Page {
    let alone = study.comparisons.len() + study.runs.len() == 1;
    let slug = |kind: &str, k: usize| if alone { String::new() } else { format!("{kind}-{}", k + 1) };
    let mut subjects: Vec<Subject> = Vec::new();
    // A comparison does not say where its data comes from; its reference, which is read with it, does.
    let synthetic = |dataset: &str| {
        let mut reports = study.runs.iter().map(|run| &run.report.data);
        reports.any(|data| data.name == dataset && data.source == Provenance::Synthetic)
    };
    for (k, comparison) in study.comparisons.iter().enumerate() {
        subjects.push(comparison::subject(comparison, &slug("variants", k), synthetic(&comparison.dataset)));
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
    out.push_str("</nav>\n");
}

/// Sentences under their headings.
fn prose(paragraphs: &[Paragraph]) -> String {
    let mut out = String::from("<div class=\"words\">\n");
    for Paragraph { heading, sentences } in paragraphs {
        let text: Vec<String> = sentences.iter().map(|sentence| escaped(sentence).to_string()).collect();
        let _ = writeln!(out, "<p><span class=\"run-in\">{heading}</span> {}</p>", text.join(" "));
    }
    out.push_str("</div>\n");
    out
}
