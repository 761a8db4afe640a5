//! One self-contained HTML file: the verdict in one sentence, a ranking, then the evidence; a glossary at its end.
//!
//! | module | what |
//! |---|---|
//! | [`escape`] | foreign text, escaped |
//! | [`font`] | the font inside of the page |
//! | [`table`] | a table that scrolls in itself |
//! | `document` | the file around all subjects |
//! | `subject` | what every subject has: cautions, verdict, ranking, evidence |
//! | `overview` | several runs on the same data, ranked |
//! | `run`, `comparison` | the sections about a run, about a comparison |
//! | `glossary` | every term and measure explained |
//! | `tables` | the contents of their tables |
//! | `neighbours` | nearest neighbours of a few items |

mod comparison;
pub(crate) mod document;
pub mod escape;
pub mod font;
mod glossary;
mod neighbours;
mod overview;
mod run;
pub(crate) mod subject;
pub mod table;
mod tables;

use crate::figure::Figure;
use crate::read::Study;
use anchorrec_data::Provenance;
use document::document;
use subject::Subject;

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
