//! The file around the subjects of a page: styles, the way between sections, the glossary. Nothing in it asks for anything outside of it.

use super::escape::escaped;
use super::subject::Subject;
use super::{font, glossary};
use crate::palette::{self, Colours};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::fmt::Write;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Writes the file around subjects; the first gives it its title.
pub fn document(subjects: &[Subject]) -> String {
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
