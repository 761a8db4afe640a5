//! A sample of items where each space puts them, on one sheet, with a line from an item's position in the first space to its others.

use crate::embedding::{self, Sheet};
use crate::figure::{Figure, Panel};
use crate::number::percent;
use crate::scale::Scale;
use crate::space;
use crate::spaces::Spaces;
use crate::svg::{Canvas, LABEL, text_width};
use anchorrec_records::analysis::{ItemName, MapRecord};

/// Items that are drawn: with more the lines are a felt.
const MOST: usize = 300;

/// Draws the maps of items by PCA and, where there are enough items for it, by t-SNE.
pub fn maps(spaces: &Spaces) -> Option<Figure> {
    let map = &spaces.shown().map;
    let drawn = map.items.len().min(MOST);
    if drawn < 2 || map.spaces.is_empty() {
        return None;
    }
    let rows = embedding::unit_rows(map, drawn);
    let pca = embedding::pca(&rows);
    let [first, second] = pca.shares;
    let mut panels = vec![panel(map, drawn, &pca.sheet, "PCA", "the two directions in which positions differ most")];
    let mut tsne = String::new();
    if let Some(sheet) = embedding::tsne(&rows, &pca.sheet) {
        panels.push(panel(map, drawn, &sheet, "t-SNE", "near positions stay near; far distances say little"));
        tsne = format!(" t-SNE (perplexity {:.0}, from the PCA positions)", embedding::perplexity(rows.nrows()));
        tsne.push_str(" keeps neighbours and distorts everything else.");
    }
    let caption = format!(
        "{drawn} items, each once in every space; thin lines join an item's positions to that in {}. All spaces lie on one sheet: positions are scaled \
         to length 1, since cosine is what compares items, then embedded together. The PCA directions hold {} and {} of the variance.{tsne} Axes have no unit. \
         Seed {}. Point at an item to see it alone.",
        map.spaces[0].name,
        percent(first),
        percent(second),
        spaces.shown().seed
    );
    Some(Figure { name: "map".into(), caption, panels, columns: 2 })
}

fn panel(map: &MapRecord, drawn: usize, sheet: &Sheet, title: &str, subtitle: &str) -> Panel {
    let (width, height, top) = (440.0, 500.0, 64.0);
    let x = Scale::linear(sheet.iter().map(|point| point.0), (0.0, width));
    let y = Scale::linear(sheet.iter().map(|point| point.1), (height, top));
    let place = |space: usize, item: usize| {
        let (across, up) = sheet[space * drawn + item];
        (x.place(across), y.place(up))
    };
    let mut canvas = Canvas::default();
    canvas.text("head", "start", (0.0, 14.0), title);
    canvas.text("axis", "start", (0.0, 31.0), subtitle);
    legend(&mut canvas, map);
    for item in 0..drawn {
        canvas.group(&format!("item i{item}"), &name(&map.items[item]), |canvas| {
            let ends: Vec<(f64, f64)> = (1..map.spaces.len()).map(|space| place(space, item)).collect();
            canvas.star("star", place(0, item), &ends);
            // The first space last: on top.
            for space in (0..map.spaces.len()).rev() {
                let known = &map.spaces[space].name;
                let class = format!("dot {}", space::class(known));
                canvas.marker(&class, space::shape(known), place(space, item), 2.7);
            }
        });
    }
    let names: Vec<&str> = map.spaces.iter().map(|space| space.name.as_str()).collect();
    let about =
        format!("Map of {drawn} items by {title}, each at its positions in {}, which lines join.", names.join(", "));
    Panel { title: format!("{title} of items"), about, width, height, body: canvas.into_body() }
}

fn legend(canvas: &mut Canvas, map: &MapRecord) {
    let mut x = 5.0;
    for space in &map.spaces {
        let class = space::class(&space.name);
        canvas.marker(&format!("dot {class}"), space::shape(&space.name), (x, 46.0), 4.0);
        canvas.text(&format!("name {class}"), "start", (x + 9.0, 50.0), &space.name);
        x += 30.0 + text_width(&space.name, LABEL);
    }
}

/// Names an item as a person knows it.
pub fn name(item: &ItemName) -> String {
    match &item.title {
        Some(title) => format!("{title} ({})", item.id),
        None => format!("item {}", item.id),
    }
}
