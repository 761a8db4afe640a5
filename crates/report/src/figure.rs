//! A figure: panels of one subject, for a page, for a file, for pixels.

use crate::page::escape::escaped;
use crate::palette::{self, Colours};
use std::fmt::Write;

/// One picture.
#[derive(Clone, Debug)]
pub struct Panel {
    /// What the figure shows.
    pub title: String,
    /// What the figure shows, in a sentence with what matters in it, for those who do not see it.
    pub about: String,
    /// The width, in a unit of its own: pixels, where there is room.
    pub width: f64,
    /// The height, in the unit of `width`.
    pub height: f64,
    /// The marks of the picture, as SVG.
    pub body: String,
}

/// Panels of one subject.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The figure's name: that of its files, and its place on the page.
    pub name: String,
    /// What a reader needs to read it.
    pub caption: String,
    /// The panels: at least one, all of one size.
    pub panels: Vec<Panel>,
    /// How many panels are side by side where there is room.
    pub columns: usize,
}

/// The gap between the panels of a file.
const GAP: f64 = 28.0;

impl Figure {
    /// Writes the figure as a part of a page: panels flow with the width of the window.
    pub fn inline(&self) -> String {
        let mut out = format!("<figure id=\"{}\">\n<div class=\"panels of-{}\">\n", escaped(&self.name), self.columns);
        for (k, panel) in self.panels.iter().enumerate() {
            let id = format!("{}-{}", self.name, k + 1);
            let _ = writeln!(
                out,
                "<svg class=\"fig\" role=\"img\" aria-labelledby=\"{id}-title {id}-about\" viewBox=\"0 0 {} {}\">\n\
                 <title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-about\">{}</desc>\n{}</svg>",
                panel.width,
                panel.height,
                escaped(&panel.title),
                escaped(&panel.about),
                panel.body,
                id = escaped(&id),
            );
        }
        let _ = writeln!(out, "</div>\n<figcaption>{}</figcaption>\n</figure>", escaped(&self.caption));
        out
    }

    /// Writes the figure as a file of its own that a browser shows light or dark.
    pub fn svg(&self) -> String {
        let style = format!(
            "{}@media (prefers-color-scheme:dark){{\n{}}}\n",
            palette::figures(Colours::Light),
            palette::figures(Colours::Dark)
        );
        self.document(&style)
    }

    /// Writes the figure as a light file to draw pixels from.
    pub fn light_svg(&self) -> String {
        self.document(&palette::figures(Colours::Light))
    }

    /// Returns width and height of the figure as a file.
    pub fn size(&self) -> (f64, f64) {
        let columns = self.columns.min(self.panels.len()).max(1) as f64;
        let rows = self.panels.len().div_ceil(self.columns.max(1)) as f64;
        let (width, height) = self.panels.first().map_or((0.0, 0.0), |panel| (panel.width, panel.height));
        (columns * (width + GAP) + GAP, rows * (height + GAP) + GAP)
    }

    fn document(&self, style: &str) -> String {
        let (width, height) = self.size();
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"fig\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\">\n<title>{}</title>\n<desc>{}</desc>\n<style>\n{style}</style>\n\
             <rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n",
            escaped(&self.panels.iter().map(|panel| panel.title.as_str()).collect::<Vec<_>>().join("; ")),
            escaped(&self.caption),
        );
        for (k, panel) in self.panels.iter().enumerate() {
            let (row, column) = (k / self.columns.max(1), k % self.columns.max(1));
            let (x, y) = (GAP + column as f64 * (panel.width + GAP), GAP + row as f64 * (panel.height + GAP));
            let _ = writeln!(out, "<g transform=\"translate({x} {y})\">\n{}</g>", panel.body);
        }
        out.push_str("</svg>\n");
        out
    }
}
