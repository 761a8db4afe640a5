//! The marks that figures are made of, as SVG text.
//!
//! Marks carry classes, never colours: what a class looks like is in `figures.css`, once, and is filled in for a page (light or dark,
//! as the reader has it), for a file of its own, or for pixels ([`crate::figure`]).

use crate::page::escape::escaped;
use std::fmt::Write;

/// A drawing under construction.
#[derive(Clone, Debug, Default)]
pub struct Canvas {
    body: String,
}

/// A coordinate: a tenth of a unit is less than anybody sees.
fn at(value: f64) -> String {
    // What no scale can place is put at the edge rather than into the text of the picture.
    let value = if value.is_finite() { value.clamp(-9999.0, 9999.0) } else { 0.0 };
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

impl Canvas {
    /// Returns the text of the marks so far.
    pub fn into_body(self) -> String {
        self.body
    }

    /// Draws a straight line.
    pub fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let (x1, y1, x2, y2) = (at(from.0), at(from.1), at(to.0), at(to.1));
        let _ = writeln!(self.body, r#"<line class="{class}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>"#);
    }

    /// Draws a line through points.
    pub fn polyline(&mut self, class: &str, points: &[(f64, f64)]) {
        let points: Vec<String> = points.iter().map(|&(x, y)| format!("{},{}", at(x), at(y))).collect();
        let _ = writeln!(self.body, r#"<polyline class="{class}" points="{}"/>"#, points.join(" "));
    }

    /// Lines from one point to others, as one mark.
    pub fn star(&mut self, class: &str, centre: (f64, f64), ends: &[(f64, f64)]) {
        let (x, y) = (at(centre.0), at(centre.1));
        let path: String = ends.iter().map(|end| format!("M{x} {y}L{} {}", at(end.0), at(end.1))).collect();
        let _ = writeln!(self.body, r#"<path class="{class}" d="{path}"/>"#);
    }

    /// Draws a rectangle; `opacity` is that of its colour.
    pub fn rect(&mut self, class: &str, corner: (f64, f64), size: (f64, f64), opacity: Option<f64>) {
        let (x, y, width, height) = (at(corner.0), at(corner.1), at(size.0), at(size.1));
        let opacity = opacity.map_or_else(String::new, |o| format!(r#" fill-opacity="{o:.2}""#));
        let _ = writeln!(
            self.body,
            r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}"{opacity}/>"#
        );
    }

    /// Draws a marker of radius `r` around a point.
    pub fn marker(&mut self, class: &str, shape: MarkerShape, centre: (f64, f64), r: f64) {
        let _ = writeln!(self.body, r#"<path class="{class}" d="{}"/>"#, shape.path(centre, r));
    }

    /// Writes text on a baseline; `anchor` is `start`, `middle` or `end`.
    pub fn text(&mut self, class: &str, anchor: &str, (x, y): (f64, f64), text: &str) {
        let (x, y) = (at(x), at(y));
        let text = escaped(text);
        let _ = writeln!(self.body, r#"<text class="{class}" text-anchor="{anchor}" x="{x}" y="{y}">{text}</text>"#);
    }

    /// Marks that belong together, under a title that a browser shows.
    pub fn group(&mut self, class: &str, title: &str, draw: impl FnOnce(&mut Canvas)) {
        let _ = writeln!(self.body, r#"<g class="{class}"><title>{}</title>"#, escaped(title));
        draw(self);
        self.body.push_str("</g>\n");
    }
}

/// Shapes of markers: what a colour says, a shape says too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkerShape {
    /// ●
    Circle,
    /// ▲
    Triangle,
    /// ■
    Square,
    /// ◆
    Diamond,
    /// ✚
    Plus,
}

impl MarkerShape {
    fn path(self, (x, y): (f64, f64), r: f64) -> String {
        let polygon = |corners: &[(f64, f64)]| {
            let corners: Vec<String> =
                corners.iter().map(|(dx, dy)| format!("{} {}", at(x + r * dx), at(y + r * dy))).collect();
            format!("M{}Z", corners.join("L"))
        };
        match self {
            MarkerShape::Circle => {
                let (left, top, r, d) = (at(x - r), at(y), at(r), at(2.0 * r));
                format!("M{left} {top}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0Z")
            }
            MarkerShape::Triangle => polygon(&[(0.0, -1.2), (1.1, 0.8), (-1.1, 0.8)]),
            MarkerShape::Square => polygon(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
            MarkerShape::Diamond => polygon(&[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)]),
            MarkerShape::Plus => {
                let (a, b) = (0.4, 1.2);
                polygon(&[
                    (-a, -b),
                    (a, -b),
                    (a, -a),
                    (b, -a),
                    (b, a),
                    (a, a),
                    (a, b),
                    (-a, b),
                    (-a, a),
                    (-b, a),
                    (-b, -a),
                    (-a, -a),
                ])
            }
        }
    }
}

/// The size of labels, as `figures.css` has it.
pub const LABEL: f64 = 12.0;

/// Estimates how wide a text is, in the font of the figures: enough to keep labels apart.
pub fn text_width(text: &str, size: f64) -> f64 {
    let of = |c: char| match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 0.26,
        'f' | 't' | 'r' | '(' | ')' | '-' | '/' => 0.36,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.86,
        c if c.is_uppercase() => 0.66,
        _ => 0.56,
    };
    size * text.chars().map(of).sum::<f64>()
}

/// Cuts a name to what has room, in the size of labels.
pub fn cut(name: &str, room: f64) -> String {
    if text_width(name, LABEL) <= room {
        return name.to_owned();
    }
    let mut short = String::new();
    for c in name.chars() {
        if text_width(&short, LABEL) + 14.0 > room {
            break;
        }
        short.push(c);
    }
    short + "…"
}
