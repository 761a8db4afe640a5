//! `meta_<Category>.json`: what items are called; one dict a line, of Python or JSON.

use super::literal::{Value, parse};
use super::{Problem, RawError, RawLines};
use crate::Names;
use anchorrec_data::item_images::is_address;
use std::path::Path;

/// What is kept of an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemText {
    /// The item's title.
    pub title: Option<String>,
    /// The item's brand.
    pub brand: Option<String>,
    /// The elements of its first category path, from the root.
    pub categories: Vec<String>,
    /// The item's description.
    pub description: Option<String>,
    /// Where its image is on the web.
    pub image: Option<String>,
}

impl ItemText {
    /// Returns what a text encoder reads: title, brand, every element of the first category path, description, with a space between any two. A part
    /// that is missing is a space; a line break is a space.
    pub fn sentence(&self) -> String {
        let part = |part: &Option<String>| part.clone().unwrap_or_else(|| " ".to_owned());
        let mut parts = vec![part(&self.title), part(&self.brand)];
        if self.categories.is_empty() {
            parts.push(" ".to_owned());
        }
        parts.extend_from_slice(&self.categories);
        parts.push(part(&self.description));
        parts.join(" ").replace("\r\n", " ").replace(['\n', '\r'], " ")
    }
}

/// What was read.
#[derive(Debug)]
pub struct Metadata {
    /// By item; `None` for an item without a line.
    pub items: Vec<Option<ItemText>>,
    /// Lines of the file.
    pub lines: u64,
    /// Lines of items that were not wanted.
    pub others: u64,
    /// Further lines of items that had one.
    pub repeated: u64,
    /// Items whose image has an address that is neither http nor https; it is left out.
    pub images_left_out: u64,
}

/// Opens the metadata of a category in a folder.
///
/// # Errors
/// When they are not there.
pub fn open(dir: &Path, category: &str) -> Result<RawLines, RawError> {
    let otherwise = ", or go without texts by --no-metadata";
    RawLines::open(dir, &format!("meta_{category}.json"), "the metadata (a dict a line)", otherwise)
}

/// Reads what is said about `wanted` items, the first line of each.
///
/// # Errors
/// With the first line that is not a dict with `asin`, or whose wanted entries are of another kind than text (`categories`: a list of lists of
/// text). `None` is as good as no entry.
pub fn read(mut source: RawLines, wanted: &Names) -> Result<Metadata, RawError> {
    let mut metadata =
        Metadata { items: vec![None; wanted.len()], lines: 0, others: 0, repeated: 0, images_left_out: 0 };
    while let Some((number, text)) = source.line()? {
        metadata.lines = number;
        let outcome = parse(text).map_err(Problem::Literal).and_then(|value| keep(&value, wanted, &mut metadata));
        outcome.map_err(|problem| source.error(number, problem))?;
    }
    if metadata.lines == 0 { Err(source.file_error(Problem::Empty)) } else { Ok(metadata) }
}

fn keep(value: &Value, wanted: &Names, metadata: &mut Metadata) -> Result<(), Problem> {
    let asin = text(value, "asin")?.ok_or(Problem::NoAsin)?;
    match wanted.find(&asin).map(|item| &mut metadata.items[item as usize]) {
        None => metadata.others += 1,
        Some(Some(_)) => metadata.repeated += 1,
        Some(place) => {
            let image = text(value, "imUrl")?;
            metadata.images_left_out += u64::from(image.as_ref().is_some_and(|image| !is_address(image)));
            *place = Some(ItemText {
                title: text(value, "title")?,
                brand: text(value, "brand")?,
                categories: first_path(value)?,
                description: text(value, "description")?,
                image: image.filter(|image| is_address(image)),
            });
        }
    }
    Ok(())
}

fn text(value: &Value, key: &'static str) -> Result<Option<String>, Problem> {
    match value.get(key) {
        None | Some(Value::None) => Ok(None),
        Some(Value::Text(text)) => Ok(Some(text.clone())),
        Some(other) => Err(Problem::Kind { key, expected: "a text", found: other.kind() }),
    }
}

fn first_path(value: &Value) -> Result<Vec<String>, Problem> {
    let kind =
        |found: &Value| Problem::Kind { key: "categories", expected: "a list of lists of texts", found: found.kind() };
    let path = match value.get("categories") {
        None | Some(Value::None) => return Ok(Vec::new()),
        Some(Value::List(paths)) => match paths.first() {
            None => return Ok(Vec::new()),
            Some(Value::List(path)) => path,
            Some(other) => return Err(kind(other)),
        },
        Some(other) => return Err(kind(other)),
    };
    let element = |element: &Value| match element {
        Value::Text(text) => Ok(text.clone()),
        other => Err(kind(other)),
    };
    path.iter().map(element).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(text: &str) -> Result<Metadata, String> {
        let mut wanted = Names::default();
        ["A", "B", "C"].iter().for_each(|name| {
            wanted.number(name);
        });
        let source = RawLines::new(Path::new("m.json"), Box::new(std::io::Cursor::new(text.to_owned())));
        read(source, &wanted).map_err(|e| e.to_string())
    }

    #[test]
    fn the_first_line_of_wanted_items_is_kept() {
        let metadata = from(
            "{'asin': 'B', 'title': 'Tutu', 'price': 6.99, 'brand': None, 'description': 'two\\nlines', \
             'categories': [['Root', \"Kids' wear\"], ['Other']], 'salesRank': {'Toys': 211836}}\n\
             {'asin': 'X', 'title': 3}\n\
             {\"asin\": \"B\", \"title\": \"late\"}\n\
             {\"asin\": \"A\"}\n",
        )
        .unwrap();
        assert_eq!((metadata.lines, metadata.others, metadata.repeated), (4, 1, 1));
        let b = metadata.items[1].as_ref().unwrap();
        assert_eq!(b.title.as_deref(), Some("Tutu"));
        assert_eq!(b.sentence(), "Tutu   Root Kids' wear two lines");
        assert_eq!(metadata.items[0], Some(ItemText::default()));
        assert_eq!(
            metadata.items[0].as_ref().unwrap().sentence(),
            "       ",
            "four spaces with a space between any two"
        );
        assert_eq!(metadata.items[2], None);
    }

    #[test]
    fn an_address_of_an_image_that_a_page_must_not_load_is_counted() {
        let metadata = from(
            "{'asin': 'A', 'imUrl': 'http://x/a.jpg'}\n{'asin': 'B', 'imUrl': 'file:///b.jpg'}\n{'asin': 'C'}\n\
             {'asin': 'X', 'imUrl': 'ftp://x'}\n",
        )
        .unwrap();
        let images: Vec<_> = metadata.items.iter().map(|item| item.as_ref().unwrap().image.as_deref()).collect();
        assert_eq!(images, [Some("http://x/a.jpg"), None, None]);
        assert_eq!(metadata.images_left_out, 1);
    }

    #[test]
    fn bad_lines_are_errors_with_their_line() {
        let table = [
            ("{'asin': 'A'", "m.json:2: column 13: expected a comma or }, found the end of the line"),
            ("{'title': 'x'}", "m.json:2: expected an entry 'asin', found none"),
            ("[1]", "m.json:2: expected an entry 'asin', found none"),
            ("{'asin': 7}", "m.json:2: expected asin to be a text, found a number"),
            ("{'asin': 'A', 'title': ['x']}", "m.json:2: expected title to be a text, found a list"),
            (
                "{'asin': 'A', 'categories': ['x']}",
                "m.json:2: expected categories to be a list of lists of texts, found a text",
            ),
            (
                "{'asin': 'A', 'categories': [[1]]}",
                "m.json:2: expected categories to be a list of lists of texts, found a number",
            ),
        ];
        for (line, want) in table {
            let message = from(&format!("{{'asin': 'B'}}\n{line}\n")).unwrap_err();
            assert!(message.starts_with(want) && !message.contains('\n'), "{line}: {message}");
        }
        assert_eq!(from("").unwrap_err(), "m.json: expected rows, found none: was it copied completely?");
    }
}
