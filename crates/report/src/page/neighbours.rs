//! The nearest neighbours of a few items, by their titles.

use super::escape::escaped;
use crate::number::{counted, fixed};
use crate::space;
use anchorrec_records::analysis::{ExampleRecord, ItemName};
use std::fmt::Write;

/// Writes a card for each item, a list in it for each space.
pub fn examples(examples: &[ExampleRecord]) -> String {
    let mut out = String::new();
    for example in examples {
        let _ = writeln!(
            out,
            "<article class=\"example\">\n<h3>{}</h3>\n<p class=\"quiet\">{}, {}</p>\n<div class=\"lists\">",
            title(&example.of),
            escaped(&example.of.id),
            counted(example.degree, "training pair", "training pairs"),
        );
        for list in &example.spaces {
            let _ = writeln!(
                out,
                "<div>\n<h4 class=\"of-{}\">{}<span>cosine</span></h4>\n<ol>",
                space::class(&list.name),
                escaped(&list.name)
            );
            for (item, cosine) in &list.neighbours {
                let _ = writeln!(
                    out,
                    "<li><span>{}</span><span class=\"number\">{}</span></li>",
                    title(item),
                    fixed(*cosine, 2)
                );
            }
            out.push_str("</ol>\n</div>\n");
        }
        out.push_str("</div>\n</article>\n");
    }
    out
}

fn title(item: &ItemName) -> String {
    match &item.title {
        Some(title) => escaped(title).to_string(),
        None => format!("item {}", escaped(&item.id)),
    }
}
