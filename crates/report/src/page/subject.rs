//! What a page is about, in parts that every subject has in the same order: cautions, the verdict, a ranking, then the evidence.

use super::escape::escaped;
use crate::figure::Figure;
use crate::words::Paragraph;
use std::fmt::Write;

/// What a page is about: one run, one comparison.
pub struct Subject {
    /// The prefix of the names of sections and figures; empty where there is one subject.
    pub slug: String,
    /// The heading.
    pub title: String,
    /// The line below the title.
    pub about: String,
    /// Whether the data is synthetic.
    pub synthetic: bool,
    /// Why the numbers may mean little; said before them.
    pub cautions: Vec<String>,
    /// The result in one sentence.
    pub verdict: String,
    /// The few numbers that a reader looks for first, as HTML; they are below the verdict.
    pub facts: String,
    /// The sections, in their order.
    pub sections: Vec<Section>,
    /// The figures, for files of their own.
    pub figures: Vec<Figure>,
}

/// A part of a subject under a heading.
pub struct Section {
    /// The section's place in the page.
    pub id: String,
    /// The heading.
    pub title: &'static str,
    /// The section as HTML.
    pub body: String,
}

impl Subject {
    /// Makes a subject without sections.
    pub fn new(slug: &str, title: String, about: String, synthetic: bool) -> Self {
        Subject {
            slug: slug.to_owned(),
            title,
            about,
            synthetic,
            cautions: Vec::new(),
            verdict: String::new(),
            facts: String::new(),
            sections: Vec::new(),
            figures: Vec::new(),
        }
    }

    fn named(&self, name: &str) -> String {
        if self.slug.is_empty() { name.to_owned() } else { format!("{}-{name}", self.slug) }
    }

    /// Adds a section; one without anything in it is left out.
    pub fn section(&mut self, name: &str, title: &'static str, body: String) {
        if !body.is_empty() {
            self.sections.push(Section { id: self.named(name), title, body });
        }
    }

    /// Keeps a figure for a file of its own and returns it as it is in the page.
    pub fn figure(&mut self, figure: Option<Figure>) -> String {
        let Some(mut figure) = figure else { return String::new() };
        figure.name = self.named(&figure.name);
        let html = figure.inline();
        self.figures.push(figure);
        html
    }
}

/// Writes sentences under their headings.
pub fn prose(paragraphs: &[Paragraph]) -> String {
    let mut out = String::from("<div class=\"words\">\n");
    for Paragraph { heading, sentences } in paragraphs {
        let text: Vec<String> = sentences.iter().map(|sentence| escaped(sentence).to_string()).collect();
        let _ = writeln!(out, "<p><span class=\"run-in\">{heading}</span> {}</p>", text.join(" "));
    }
    out.push_str("</div>\n");
    out
}
