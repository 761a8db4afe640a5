//! Which mark and colour a kind of row has: the same in every figure, and told by shape and colour both.

use super::super::rows::{Kind, Line, Of};
use crate::svg::{Canvas, LABEL, MarkerShape, text_width};

/// Rows below this share of the best are too low for an axis of accuracy: they would press all others together.
pub(super) const FAR: f64 = 0.6;

/// The look of a kind of row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// The class of colours.
    pub class: &'static str,
    pub shape: MarkerShape,
    /// What the legend calls rows of this kind.
    pub words: &'static str,
}

const TUNED: Mark = Mark { class: "final", shape: MarkerShape::Circle, words: "tuned" };
const PUBLISHED: Mark = Mark { class: "id", shape: MarkerShape::Square, words: "published settings" };
const FUSION: Mark = Mark { class: "text", shape: MarkerShape::Triangle, words: "the recipe" };
pub(super) const METHOD: Mark = Mark { class: "mm", shape: MarkerShape::Diamond, words: "without training" };

/// Rows that are there for comparison.
pub(super) const OTHER: Mark = Mark { class: "other", shape: MarkerShape::Circle, words: "the other rows" };

/// All marks, in the order of the legend.
pub(super) const ALL: [Mark; 5] = [TUNED, PUBLISHED, FUSION, METHOD, OTHER];

impl Mark {
    pub(super) fn of(line: &Line) -> Self {
        match (line.of, line.kind) {
            (Of::Model(_), Kind::Tuned) => TUNED,
            (Of::Model(_), Kind::Published) => PUBLISHED,
            (Of::Fusion(_), _) => FUSION,
            (Of::Method(_), _) => METHOD,
        }
    }

    pub(super) fn draw(self, canvas: &mut Canvas, place: (f64, f64)) {
        canvas.marker(&format!("dot {}", self.class), self.shape, place, 4.4);
    }

    pub(super) fn draw_hollow(self, canvas: &mut Canvas, place: (f64, f64)) {
        canvas.marker(&format!("hollow {}", self.class), self.shape, place, 3.6);
    }
}

/// The height of a row of the legend.
pub(super) const LEGEND: f64 = 17.0;

/// Draws a legend of the marks that are used and of what else there is to say, row by row within the width. Returns where it ends.
pub(super) fn legend(canvas: &mut Canvas, used: &[Mark], hollow: Option<&str>, width: f64, top: f64) -> f64 {
    let (mut x, mut y) = (0.0, top);
    let mut entry = |canvas: &mut Canvas, words: &str, draw: &dyn Fn(&mut Canvas, (f64, f64))| {
        let wide = 13.0 + text_width(words, LABEL) + 16.0;
        if x > 0.0 && x + wide - 16.0 > width {
            (x, y) = (0.0, y + LEGEND);
        }
        draw(canvas, (x + 5.0, y - 4.0));
        canvas.text("axis", "start", (x + 13.0, y), words);
        x += wide;
    };
    for mark in ALL.into_iter().filter(|mark| used.contains(mark)) {
        entry(canvas, mark.words, &|canvas, place| mark.draw(canvas, place));
    }
    if let Some(words) = hollow {
        entry(canvas, words, &|canvas, place| {
            let first = ALL.into_iter().find(|mark| used.contains(mark)).unwrap_or(TUNED);
            first.draw_hollow(canvas, place);
        });
    }
    y
}

/// Writes a name in a column that ends at `right`: in two lines where one has not the room.
pub(super) fn name(canvas: &mut Canvas, name: &str, right: f64, middle: f64, room: f64) {
    match in_two(name, room) {
        (first, None) => canvas.text("strong", "end", (right, middle + 4.0), &first),
        (first, Some(second)) => {
            canvas.text("strong", "end", (right, middle - 2.5), &first);
            canvas.text("strong", "end", (right, middle + 10.5), &second);
        }
    }
}

fn in_two(name: &str, room: f64) -> (String, Option<String>) {
    let fits = |text: &str| text_width(text, LABEL) <= room;
    if fits(name) {
        return (name.to_owned(), None);
    }
    let mut breaks = name.match_indices(' ').map(|(place, _)| place).filter(|&place| fits(&name[..place]));
    match breaks.next_back() {
        Some(place) => (name[..place].to_owned(), Some(crate::svg::cut(&name[place + 1..], room))),
        None => (crate::svg::cut(name, room), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_broken_at_its_last_space_that_fits_and_cut_where_there_is_none() {
        assert_eq!(in_two("EASE", 120.0), ("EASE".to_owned(), None));
        let (first, second) = in_two("AnchorRec without projections", 120.0);
        assert_eq!((first.as_str(), second.as_deref()), ("AnchorRec without", Some("projections")));
        let (first, second) = in_two(&"x".repeat(90), 120.0);
        assert!(first.ends_with('…') && text_width(&first, LABEL) < 130.0 && second.is_none(), "{first}");
    }
}
