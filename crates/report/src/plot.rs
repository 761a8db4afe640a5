//! A panel with two axes: what every curve is drawn on.

use crate::figure::Panel;
use crate::scale::{Scale, apart};
use crate::svg::Canvas;

/// Places of a panel's parts.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Width of the whole panel.
    pub width: f64,
    /// Height of the whole panel.
    pub height: f64,
    /// Room left of the axes, for numbers.
    pub left: f64,
    /// Room right of the axes, for labels of lines.
    pub right: f64,
}

/// Room above the axes, for the title and the words below it.
const TOP: f64 = 48.0;
/// Room below the axes, for numbers and words.
const BOTTOM: f64 = 38.0;

impl Frame {
    /// Returns where x begins and ends.
    pub fn across(&self) -> (f64, f64) {
        (self.left, self.width - self.right)
    }

    /// Returns where y begins, at the bottom, and ends.
    pub fn upward(&self) -> (f64, f64) {
        (self.height - BOTTOM, TOP)
    }

    /// Begins a panel and draws its axes.
    pub fn plot(&self, x: Scale, y: Scale, words: Words) -> Plot {
        let mut canvas = Canvas::default();
        let ((x0, x1), (y0, y1)) = (self.across(), self.upward());
        canvas.text("head", "start", (0.0, 14.0), &words.title);
        canvas.text("axis", "start", (0.0, 31.0), &words.y);
        for (value, text) in y.ticks(4) {
            let place = y.place(value);
            canvas.line("grid", (x0, place), (x1, place));
            canvas.text("tick", "end", (x0 - 7.0, place + 3.7), &text);
        }
        for (value, text) in x.ticks(5) {
            let place = x.place(value);
            canvas.line("mark", (place, y0), (place, y0 + 4.0));
            canvas.text("tick", "middle", (place, y0 + 16.0), &text);
        }
        canvas.line("base", (x0, y0), (x1, y0));
        canvas.text("axis", "middle", ((x0 + x1) / 2.0, y0 + 33.0), &words.x);
        debug_assert!(y1 < y0);
        Plot { frame: *self, x, y, words, canvas }
    }
}

/// The texts of a panel: those that are drawn, and the one for those who do not see it.
#[derive(Clone, Debug)]
pub struct Words {
    /// The heading of the panel.
    pub title: String,
    /// What the x axis shows.
    pub x: String,
    /// What the y axis shows.
    pub y: String,
    /// The picture in a sentence, for those who do not see it.
    pub about: String,
}

/// A panel under construction.
pub struct Plot {
    frame: Frame,
    x: Scale,
    y: Scale,
    words: Words,
    /// The canvas, on which more can be drawn.
    pub canvas: Canvas,
}

impl Plot {
    /// Returns the place of a point.
    pub fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (self.x.place(x), self.y.place(y))
    }

    /// Draws a line through points.
    pub fn curve(&mut self, class: &str, points: &[(f64, f64)]) {
        let places: Vec<(f64, f64)> = points.iter().map(|&point| self.place(point)).collect();
        self.canvas.polyline(&format!("line {class}"), &places);
    }

    /// Names at the right ends of lines, `(class, name, height of the end)`, moved apart where they would meet.
    pub fn name_ends(&mut self, ends: &[(&str, String, f64)]) {
        let places: Vec<f64> = ends.iter().map(|(_, _, value)| self.y.place(*value)).collect();
        let (bottom, top) = self.frame.upward();
        let x = self.frame.width - self.frame.right + 7.0;
        for ((class, name, _), place) in ends.iter().zip(apart(&places, 13.0, top, bottom)) {
            self.canvas.text(&format!("name {class}"), "start", (x, place + 4.0), name);
        }
    }

    /// Ends the drawing and returns the panel.
    pub fn finish(self) -> Panel {
        Panel {
            title: self.words.title,
            about: self.words.about,
            width: self.frame.width,
            height: self.frame.height,
            body: self.canvas.into_body(),
        }
    }
}
