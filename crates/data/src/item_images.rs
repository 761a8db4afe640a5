//! `items_images.jsonl`: where the images of items are, for people who look at lists.
//!
//! One JSON object per line with `itemID` and `image`, an address on the web; items may be missing, none may come twice; other keys are ignored.
//! Nothing is trained on it, so it is no part of what a run is made of.

use crate::{
    DataError,
    error::{Bound, BoundBy, LineProblem},
    lines::{Lines, parse_object},
};
use anchorrec_files::Excerpt;
use serde::Deserialize;
use std::path::Path;

/// The name of the file in the folder of a data set.
pub const ITEM_IMAGES: &str = "items_images.jsonl";

/// The longest address that is one.
const LONGEST: usize = 2048;

#[derive(Deserialize)]
struct ItemImage {
    #[serde(rename = "itemID")]
    id: u32,
    image: String,
}

/// Returns whether a text is an address on the web: `http` or `https`, nothing but printable ASCII without spaces and quotes.
///
/// ```
/// use anchorrec_data::item_images::is_address;
/// assert!(is_address("https://shop.example/pump.jpg?size=2"));
/// for text in ["javascript:alert(1)", "data:image/png;base64,AA", "//shop.example/a.jpg", "https://a b", "https://", "https://a\"b", "ftp://a/b"] {
///     assert!(!is_address(text), "{text}");
/// }
/// ```
pub fn is_address(text: &str) -> bool {
    let rest = ["https://", "http://"].iter().find_map(|scheme| {
        let begin = text.get(..scheme.len())?;
        begin.eq_ignore_ascii_case(scheme).then(|| &text[scheme.len()..])
    });
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\"'<>\\`".contains(&byte);
    text.len() <= LONGEST && rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(is_plain))
}

/// Reads the addresses of the images of `items` items from the folder of a data set, by item; `None` where the folder has none.
///
/// # Errors
/// With the first line that is no such object, whose address is none, or that names an item twice or one that is not there.
pub fn item_images(dir: &Path, items: usize) -> Result<Option<Vec<Option<String>>>, DataError> {
    let path = dir.join(ITEM_IMAGES);
    if !path.exists() {
        return Ok(None);
    }
    let mut lines = Lines::open(&path)?;
    let mut images: Vec<Option<(u64, String)>> = vec![None; items];
    while let Some((line, text)) = lines.next()? {
        let ItemImage { id, image } =
            parse_object(text).map_err(|found| lines.error(line, LineProblem::NotAnImage { found }))?;
        if !is_address(&image) {
            let found = Excerpt::of(&image).to_string();
            return Err(lines.error(line, LineProblem::NotAnAddress { found }));
        }
        let problem = match images.get_mut(id as usize) {
            None => LineProblem::IdBeyond {
                kind: "item",
                id,
                bound: Bound { count: items, by: BoundBy::IdsOf("the data set".to_owned()) },
            },
            Some(Some((first_line, _))) => LineProblem::RepeatedId { column: "itemID", id, first_line: *first_line },
            Some(place) => {
                *place = Some((line, image));
                continue;
            }
        };
        return Err(lines.error(line, problem));
    }
    Ok(Some(images.into_iter().map(|image| image.map(|(_, image)| image)).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Option<Vec<Option<String>>>, String> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(ITEM_IMAGES), text).unwrap();
        let shown = format!("{}/", dir.path().display());
        item_images(dir.path(), 3).map_err(|error| error.to_string().replace(&shown, ""))
    }

    #[test]
    fn addresses_come_by_item_and_what_is_none_is_an_error_with_its_line() {
        assert_eq!(item_images(tempfile::tempdir().unwrap().path(), 3).unwrap(), None);
        let first = "{\"itemID\": 2, \"image\": \"https://a/b\", \"more\": 1}\n";
        assert_eq!(of(first).unwrap().unwrap(), [None, None, Some("https://a/b".to_owned())]);
        for (second, want) in [
            ("{\"itemID\": 1}", "items_images.jsonl:2: expected a JSON object like"),
            (
                "{\"itemID\": 1, \"image\": \"javascript:1\"}",
                "items_images.jsonl:2: expected the address of an image, http:// or https://, found \"javascript:1\"",
            ),
            ("{\"itemID\": 2, \"image\": \"https://c\"}", "items_images.jsonl:2: itemID 2 is already on line 1"),
            ("{\"itemID\": 3, \"image\": \"https://c\"}", "items_images.jsonl:2: item id 3 but"),
        ] {
            let found = of(&format!("{first}{second}\n")).unwrap_err();
            assert!(found.starts_with(want), "{found}");
        }
    }
}
