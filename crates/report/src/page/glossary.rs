//! Every term and measure of the page, explained at its end.

use super::escape::escaped;
use crate::measures::GLOSSARY;
use std::fmt::Write;

/// Writes the section.
pub fn section() -> String {
    let mut out = String::from(
        "<section id=\"glossary\" aria-labelledby=\"glossary-head\">\n<h2 id=\"glossary-head\">Glossary</h2>\n<dl class=\"variants\">\n",
    );
    for (term, meaning) in GLOSSARY {
        let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", escaped(term), escaped(meaning));
    }
    out + "</dl>\n</section>\n"
}
