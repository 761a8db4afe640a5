//! Where the images of items are on the web: a column of addresses in a table beside the interactions, for people who look at lists.

use anchorrec_data::item_images::is_address;
use anchorrec_data::note::{Kind, either};
use anchorrec_formats::Note;
use anchorrec_formats::features::{self, Asked, Content};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// What tables say of images.
#[derive(Debug, Default)]
pub struct Images {
    /// Addresses by item id.
    pub addresses: HashMap<String, String>,
    /// The tables that have such a column.
    pub tables: Vec<PathBuf>,
    /// What was dropped.
    pub notes: Vec<Note>,
}

/// Looks for addresses in tables. A table without such a column, or one that cannot be read as a table of items, has none: whoever asks for features
/// of it is told why. What else there is to say of the tables `told` was said when they were read for something else.
pub fn images(tables: &[&Path], told: &[&Path], item_column: Option<&String>) -> Images {
    let mut images = Images::default();
    for path in tables {
        let Ok(found) = features::look(path) else { continue };
        let Some(column) = found.texts.iter().find(|column| features::has_image_addresses(column)) else { continue };
        let asked = Asked { column: Some(column.clone()), item_column: item_column.cloned(), ..Asked::file(path) };
        match features::read(&asked) {
            Ok(Content::Texts(table)) => {
                let (good, bad): (Vec<_>, Vec<_>) =
                    table.ids.into_iter().zip(table.texts).partition(|(_, address)| is_address(address));
                images.tables.push(path.to_path_buf());
                // An item without an address is as usual; a guess, and columns that nobody reads, are said.
                let is_told = |note: &Note| note.code == "no-text" || told.contains(path);
                images.notes.extend(table.notes.into_iter().filter(|note| !is_told(note)));
                images.notes.extend(dropped(path, column, &bad));
                images.addresses.extend(good);
            }
            Ok(_) => {}
            Err(error) => {
                let text = format!("images of items are not shown: {error}");
                images.notes.push(Note::new(Kind::Ignored, "images-not-read", 0u64, text));
            }
        }
    }
    images
}

fn dropped(path: &Path, column: &str, bad: &[(String, String)]) -> Option<Note> {
    let text = either(
        bad.len(),
        "address of an image is neither http nor https and is left out",
        "addresses of images are neither http nor https and are left out",
    );
    let text = format!("{text} ({}:{column})", path.display());
    let items = bad.iter().map(|(item, _)| item);
    (!bad.is_empty()).then(|| Note::new(Kind::Dropped, "image-addresses", bad.len(), text).with(items))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_addresses_is_found_by_its_name_and_what_is_none_is_counted() {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| {
            std::fs::write(dir.path().join(name), text).unwrap();
            dir.path().join(name)
        };
        let tables = [
            put("items.csv", "item_id,title,image_url\na,A,https://x/a.jpg\nb,B,javascript:alert(1)\nc,C,\n"),
            put("shop.item", "item_id:token\timUrl:token\nd\thttp://x/d.png\n"),
            put("more.jsonl", "{\"item_id\":\"e\",\"imageURLHighRes\":\"https://x/e.jpg\"}\n"),
            put("other.csv", "item_id,price\na,3\n"),
        ];
        let paths: Vec<&Path> = tables.iter().map(PathBuf::as_path).collect();
        let Images { addresses, tables, notes } = images(&paths, &[], None);
        let mut found: Vec<_> = addresses.into_iter().collect();
        found.sort();
        let want = [("a", "https://x/a.jpg"), ("d", "http://x/d.png"), ("e", "https://x/e.jpg")];
        assert_eq!(found, want.map(|(item, address)| (item.to_owned(), address.to_owned())));
        assert_eq!(tables.len(), 3);
        let notes: Vec<String> = notes.iter().map(ToString::to_string).collect();
        let [first, second] = &notes[..] else { panic!("{notes:?}") };
        assert!(first.starts_with("1 column of") && first.ends_with("is not read (title)"), "{first}");
        assert!(second.starts_with("1 address of an image is neither http nor https"), "{second}");
        assert!(second.ends_with("(b)"), "{second}");
        // Where the table was read for something else, its reader said that.
        assert_eq!(images(&paths, &paths, None).notes.len(), 1);
    }
}
