//! Every two spaces: how many nearest neighbours they share, and how alike they are as a whole.

use crate::figure::{Figure, Panel};
use crate::number::{counted, fixed, percent};
use crate::spaces::{Spaces, mean};
use crate::svg::Canvas;
use anchorrec_records::analysis::PairRecord;

/// Draws a panel for neighbours, one for CKA where it was computed.
pub fn heat_maps(spaces: &Spaces) -> Option<Figure> {
    if spaces.names().len() < 2 {
        return None;
    }
    let mut panels = vec![panel(
        spaces,
        "Neighbours in common",
        &format!("% of the {} nearest items by cosine, mean over items", spaces.k()),
        |pair| Some(pair.overlap),
    )];
    if spaces.analyses().iter().flat_map(|analysis| &analysis.pairs).any(|pair| pair.cka.is_some()) {
        panels.push(panel(spaces, "Likeness as a whole", "linear CKA, in hundredths", |pair| pair.cka));
    }
    let seeds = counted(spaces.analyses().len(), "seed", "seeds");
    let caption = format!(
        "Each cell belongs to the space at the left of its row and to the one at the head of its column. \
         Of neighbours, two spaces that have nothing to do with one another share about {}. Mean over {seeds}.",
        percent(spaces.chance())
    );
    Some(Figure { name: "overlap".into(), caption, panels, columns: 2 })
}

/// A lower triangle: each pair once, the names of columns where the columns begin.
fn panel(spaces: &Spaces, title: &str, unit: &str, value: impl Fn(&PairRecord) -> Option<f64>) -> Panel {
    let names = spaces.names();
    let n = names.len();
    let (width, left, top) = (420.0, 72.0, 44.0);
    let cell = ((width - left - 60.0) / n as f64).min(46.0);
    let mut canvas = Canvas::default();
    canvas.text("head", "start", (0.0, 14.0), title);
    canvas.text("axis", "start", (0.0, 31.0), unit);
    let mut told = Vec::new();
    for (i, row) in names.iter().enumerate() {
        let y = top + i as f64 * cell;
        let middle = y + cell / 2.0 + 4.0;
        if i > 0 {
            canvas.text("strong", "end", (left - 8.0, middle), row);
        }
        for (j, column) in names[..i].iter().enumerate() {
            let x = left + j as f64 * cell;
            let Some(share) = mean(spaces.analyses().iter().filter_map(|a| a.pair(row, column)).filter_map(&value))
            else {
                canvas.text("quiet", "middle", (x + cell / 2.0, middle), "·");
                continue;
            };
            let text = fixed(100.0 * share, 0);
            canvas.group("pair", &format!("{row} and {column}: {text}"), |canvas| {
                let opacity = 0.07 + 0.88 * share.clamp(0.0, 1.0);
                canvas.rect("cell", (x + 1.0, y + 1.0), (cell - 2.0, cell - 2.0), Some(opacity));
                let class = if opacity > 0.7 { "inverse" } else { "share" };
                canvas.text(class, "middle", (x + cell / 2.0, middle), &text);
            });
            told.push(format!("{row} and {column} {text}"));
        }
        if i + 1 < n {
            canvas.text("quiet", "start", (left + i as f64 * cell + 4.0, middle), row);
        }
    }
    let about = format!("Table of {title}, {unit}: {}.", told.join(", "));
    Panel { title: title.into(), about, width, height: top + n as f64 * cell + 6.0, body: canvas.into_body() }
}
