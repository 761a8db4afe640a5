//! For whom it works: users and items with few and with many interactions.

use crate::figure::{Figure, Panel};
use crate::number::{metric, percent};
use crate::spaces::Spaces;
use crate::svg::{Canvas, LABEL, text_width};
use anchorrec_data::grouped;

/// Draws a bar for each group.
pub fn groups(spaces: &Spaces) -> Option<Figure> {
    let shown = spaces.shown();
    let users: Vec<Bar> = shown
        .user_groups
        .iter()
        .filter_map(|group| {
            let value = *group.test.get("recall@20")?;
            Some(Bar {
                name: range(group.from, group.to),
                size: counted(group.users, "users"),
                value,
                text: metric(value),
            })
        })
        .collect();
    let items: Vec<Bar> = shown
        .item_groups
        .iter()
        .filter(|group| group.positives > 0)
        .map(|group| {
            let value = group.hits as f64 / group.positives as f64;
            Bar {
                name: range(group.from, group.to),
                size: counted(group.positives, "test pairs"),
                value,
                text: percent(value),
            }
        })
        .collect();
    let titles = [
        ("Users by their training pairs", "test Recall@20, mean over the users of a group".to_owned(), users),
        ("Items by their training pairs", format!("test pairs whose item stands among the first {}", shown.k), items),
    ];
    let panels: Vec<Panel> =
        titles.iter().filter(|(_, _, bars)| !bars.is_empty()).map(|(t, s, bars)| panel(t, s, bars)).collect();
    let tallest = panels.iter().map(|panel| panel.height).fold(0.0, f64::max);
    let panels: Vec<Panel> = panels.into_iter().map(|panel| Panel { height: tallest, ..panel }).collect();
    let caption = format!("Seed {}. Bars begin at zero; how many a group has stands below its name.", shown.seed);
    (!panels.is_empty()).then(|| Figure { name: "groups".into(), caption, panels, columns: 2 })
}

struct Bar {
    name: String,
    size: String,
    value: f64,
    text: String,
}

/// `[from, to)` in words.
pub fn range(from: usize, to: usize) -> String {
    match to.saturating_sub(from) {
        0 | 1 => grouped(from),
        _ => format!("{}–{}", grouped(from), grouped(to - 1)),
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{} {what}", grouped(count))
}

fn panel(title: &str, subtitle: &str, bars: &[Bar]) -> Panel {
    let (width, left, top, row) = (420.0, 114.0, 46.0, 38.0);
    let room = bars.iter().map(|bar| text_width(&bar.text, LABEL)).fold(0.0, f64::max) + 8.0;
    let most = bars.iter().map(|bar| bar.value).fold(f64::MIN_POSITIVE, f64::max);
    let mut canvas = Canvas::default();
    canvas.text("head", "start", (0.0, 14.0), title);
    canvas.text("axis", "start", (0.0, 31.0), subtitle);
    for (k, bar) in bars.iter().enumerate() {
        let y = top + k as f64 * row;
        let length = (width - left - room) * (bar.value / most).clamp(0.0, 1.0);
        canvas.text("strong", "end", (left - 8.0, y + 14.0), &bar.name);
        canvas.text("quiet", "end", (left - 8.0, y + 27.0), &bar.size);
        canvas.rect("bar", (left, y + 6.0), (length, row - 14.0), None);
        canvas.text("value", "start", (left + length + 6.0, y + 21.0), &bar.text);
    }
    let height = top + bars.len() as f64 * row;
    canvas.line("base", (left, top), (left, height));
    let told: Vec<String> = bars.iter().map(|bar| format!("{} ({}): {}", bar.name, bar.size, bar.text)).collect();
    Panel {
        title: title.into(),
        about: format!("Bar chart, {subtitle}: {}.", told.join("; ")),
        width,
        height: height + 6.0,
        body: canvas.into_body(),
    }
}
