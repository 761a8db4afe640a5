//! Features in JSON: an object a line, a list of objects, or one object of vectors by item id.
//!
//! ```text
//! {"item_id": "a", "emb": [0.1, 0.2]}        a line each: .jsonl, .ndjson, .json
//! [{"item_id": "a", "emb": [0.1, 0.2]}]      pandas's to_json(orient="records")
//! {"a": [0.1, 0.2], "b": [0.3, 0.4]}         json.dump of a dict
//! ```
//!
//! Keys are columns, in the order in which they first appear: a list of numbers is a vector, `null` and an empty list are none. Objects are
//! read one by one. **Memory**: the longest of them, at most 16 MiB where it is a line, beside the rows.

use super::asked::Asked;
use super::choose::{Choice, Chosen, Column, Holds};
use super::content::Content;
use super::faults::Faults;
use super::parts::Parts;
use super::rows::{Rows, Vector};
use super::texts::Texts;
use super::values;
use crate::error::{FormatError, Place, file_error, row_error};
use crate::open;
use anchorrec_files::Excerpt;
use anchorrec_files::lines::Lines;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::Path;

/// Objects that are looked at to tell what a key holds.
const LOOKED_AT: usize = 100;
/// Bytes of the longest line: a vector of a million numbers.
const LONGEST: usize = 16 << 20;
/// Keys that are remembered: an honest table has fewer columns.
const KEYS: usize = 1 << 14;
/// A list without anything in it.
const EMPTY: &str = "empty lists";
/// What a line is.
const OBJECT: &str = "an object of columns";
/// What the two columns of an object of vectors are called.
const BY_ID: [&str; 2] = ["item_id", "vector"];

/// An object, its keys in their order.
#[derive(Debug, Default)]
struct Object(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Object, M::Error> {
                let mut entries: Vec<(String, Value)> = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                let mut known = HashSet::new();
                match entries.iter().find(|(key, _)| !known.insert(key.as_str())) {
                    Some((key, _)) => Err(M::Error::custom(format!("the key {key:?} twice"))),
                    None => Ok(Object(entries)),
                }
            }
        }
        from.deserialize_map(Entries)
    }
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Lines,
    List,
    ById,
}

/// Looks at the columns alone.
pub(super) fn look(path: &Path) -> Result<Vec<Column>, FormatError> {
    let shape = shape(path)?;
    columns(path, shape)
}

/// Reads what was asked for, or what can only be meant.
pub(super) fn read(path: &Path, asked: &Asked, parts: &mut Parts) -> Result<Content, FormatError> {
    let shape = shape(path)?;
    let columns = columns(path, shape)?;
    let chosen = parts.choose(path, &columns, asked).map_err(|(expected, found)| file_error(path, expected, found))?;
    let (held, way) = (chosen.held(&columns), chosen.way(path, &columns, asked));
    let Chosen { choice, item, notes } = chosen;
    let is_lines = shape == Shape::Lines;
    let place = |number| if is_lines { Place::Line(number) } else { Place::Row(number) };
    let id_of = |object: &Object| match object.get(&columns[item].name) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    if let Choice::Text(column) = choice {
        let mut texts = Texts::new(path, is_lines, &columns[column].name);
        let mut broken = Faults::default();
        each(path, shape, &mut broken, |number, object| {
            let text = object.get(&columns[column].name).and_then(Value::as_str);
            texts.push(number, id_of(&object).as_deref(), text);
            true
        })?;
        broken.check(path, OBJECT, "repair or remove those lines")?;
        return texts.finish(notes).map(Content::Texts);
    }
    let wide: Vec<String> = match &choice {
        Choice::Nothing(texts) => return Ok(Content::Nothing(texts.clone())),
        Choice::Wide(places) => places.iter().map(|&place| columns[place].name.clone()).collect(),
        _ => Vec::new(),
    };
    let at: HashMap<&str, usize> = wide.iter().map(String::as_str).zip(0..).collect();
    let mut rows = Rows::new(path, is_lines, held);
    rows.way = way;
    let (mut cells, mut broken, mut vector) = (Faults::default(), Faults::default(), Vec::new());
    each(path, shape, &mut broken, |number, object| {
        let id = id_of(&object);
        let mut wrong = |name: &str, found: String| {
            cells.add(place(number), || format!("{} in the column {name:?}", Excerpt::of(&found)));
        };
        vector.clear();
        if let Choice::Vector(column) = choice {
            let name = &columns[column].name;
            match object.get(name) {
                None | Some(Value::Null) => {
                    rows.push(number, id.as_deref(), Vector::Absent("null"), None);
                    return true;
                }
                Some(value) => match numbers(value, &mut vector) {
                    Ok(()) if vector.is_empty() => {
                        rows.push(number, id.as_deref(), Vector::Absent("empty"), None);
                        return true;
                    }
                    Ok(()) => {}
                    Err(found) => {
                        wrong(name, found);
                        return true;
                    }
                },
            }
        }
        if !wide.is_empty() {
            vector.resize(wide.len(), f32::NAN);
            for (key, value) in &object.0 {
                let Some(&at) = at.get(key.as_str()) else { continue };
                match float(value) {
                    Some(number) => vector[at] = number,
                    None => {
                        wrong(key, value.to_string());
                        return true;
                    }
                }
            }
        }
        let names = if wide.is_empty() { None } else { Some(&wide[..]) };
        let numbers = match names.is_some() && vector.iter().all(|x| x.is_nan()) {
            true => Vector::Absent("nothing in every column"),
            false => Vector::Numbers(&vector),
        };
        rows.push(number, id.as_deref(), numbers, names);
        true
    })?;
    broken.check(path, OBJECT, "repair or remove those lines")?;
    cells.check(path, "numbers", "leave those rows out, or write null where there is no number")?;
    rows.notes = notes;
    rows.finish().map(Content::Vectors)
}

impl Object {
    fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

/// How a file is written, by its first sign and, of an object, by whether it ends on the first line and holds vectors alone.
fn shape(path: &Path) -> Result<Shape, FormatError> {
    let mut lines = Lines::new(open::text(path)?, LONGEST);
    let mut line = || match lines.next() {
        Ok(line) => Ok(line.map(|(_, text)| text.trim().to_owned())),
        // One line of everything is one object or list.
        Err(anchorrec_files::lines::LineError::TooLong { .. }) => Ok(None),
        Err(error) => Err(FormatError::lines(path, error)),
    };
    let first = loop {
        match line()? {
            Some(text) if text.is_empty() => {}
            Some(text) => break text,
            None => break String::new(),
        }
    };
    if first.starts_with('[') {
        return Ok(Shape::List);
    }
    let vectors = |Object(entries): &Object| {
        let is_vector = |value: &Value| value.as_array().is_some_and(|list| list.iter().all(Value::is_number));
        entries.len() > 1 && entries.iter().all(|(_, value)| is_vector(value))
    };
    Ok(match serde_json::from_str::<Object>(&first) {
        Ok(object) if !vectors(&object) || line()?.is_some_and(|next| !next.is_empty()) => Shape::Lines,
        Ok(_) => Shape::ById,
        // It goes on below, or is a line that is none.
        Err(error) if error.is_eof() => Shape::ById,
        Err(_) => Shape::Lines,
    })
}

/// Hands over every object until that is enough: its line, or its place from 0. Lines that are none are `broken`.
fn each(
    path: &Path,
    shape: Shape,
    broken: &mut Faults,
    mut take: impl FnMut(u64, Object) -> bool,
) -> Result<(), FormatError> {
    if shape == Shape::Lines {
        let mut lines = Lines::new(open::text(path)?, LONGEST);
        while let Some((line, text)) = lines.next().map_err(|error| FormatError::lines(path, error))? {
            if text.trim().is_empty() {
                continue;
            }
            match serde_json::from_str(text) {
                Ok(object) => {
                    if !take(line, object) {
                        break;
                    }
                }
                Err(error) => broken.add(Place::Line(line), || words(&error)),
            }
        }
        return Ok(());
    }
    let mut walk = Walk { shape, number: 0, take: &mut take, enough: false };
    let mut json = serde_json::Deserializer::from_reader(open::text(path)?);
    match json.deserialize_any(&mut walk).and_then(|()| json.end()) {
        Ok(()) => Ok(()),
        Err(_) if walk.enough => Ok(()),
        Err(error) => {
            let expected = "an object on every line, a list of objects, or an object of vectors by item id";
            Err(row_error(path, Place::Line(error.line() as u64), expected, words(&error)))
        }
    }
}

/// What the parser says, without its place.
fn words(error: &serde_json::Error) -> String {
    let said = error.to_string();
    Excerpt::of(said.split(" at line ").next().unwrap_or_default()).to_string()
}

/// Walks over a list of objects or an object of vectors.
struct Walk<'a, T> {
    shape: Shape,
    number: u64,
    take: &'a mut T,
    enough: bool,
}

impl<T: FnMut(u64, Object) -> bool> Walk<'_, T> {
    fn give<E: Error>(&mut self, object: Object) -> Result<(), E> {
        self.enough = !(self.take)(self.number, object);
        self.number += 1;
        if self.enough { Err(E::custom("enough")) } else { Ok(()) }
    }
}

impl<'de, T: FnMut(u64, Object) -> bool> Visitor<'de> for &mut Walk<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list of objects, or an object of vectors")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<(), S::Error> {
        while let Some(object) = list.next_element()? {
            self.give(object)?;
        }
        Ok(())
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some((id, vector)) = map.next_entry::<String, Value>()? {
            if self.shape == Shape::ById && !vector.is_array() && !vector.is_null() {
                return Err(Error::custom(format!("something else than a list of numbers for {id:?}")));
            }
            let [item, held] = BY_ID.map(str::to_owned);
            self.give(Object(vec![(item, Value::String(id)), (held, vector)]))?;
        }
        Ok(())
    }
}

/// Appends the numbers of a list, or of lists in it; `null` is NaN. What cannot be one is returned.
fn numbers(value: &Value, out: &mut Vec<f32>) -> Result<(), String> {
    match value {
        Value::Array(list) => list.iter().try_for_each(|value| numbers(value, out)),
        Value::String(text) => values::numbers(text, out),
        value => {
            out.push(float(value).ok_or_else(|| value.to_string())?);
            Ok(())
        }
    }
}

/// A number; NaN where there is none.
fn float(value: &Value) -> Option<f32> {
    match value {
        Value::Null => Some(f32::NAN),
        Value::Number(number) => number.as_f64().map(|number| number as f32),
        Value::String(text) => values::number(text).map(|number| number.unwrap_or(f32::NAN)),
        _ => None,
    }
}

/// The keys of the first objects, each with what most of its values are.
fn columns(path: &Path, shape: Shape) -> Result<Vec<Column>, FormatError> {
    let mut found: Vec<(String, Vec<(Holds, &'static str)>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut objects = 0;
    let mut broken = Faults::default();
    each(path, shape, &mut broken, |_, Object(entries)| {
        for (key, value) in entries {
            let place = match places.get(&key) {
                Some(&place) => place,
                None if found.len() == KEYS => continue,
                None => {
                    places.insert(key.clone(), found.len());
                    found.push((key, Vec::new()));
                    found.len() - 1
                }
            };
            if !value.is_null() {
                found[place].1.push(holds(&value));
            }
        }
        objects += 1;
        objects < LOOKED_AT
    })?;
    if found.is_empty() {
        broken.check(path, OBJECT, "repair or remove those lines")?;
        return Err(file_error(path, "an object on every line, a list of objects, or an object of vectors", "none"));
    }
    let most = |(name, values): (String, Vec<(Holds, &'static str)>)| {
        let count = |kind: &(Holds, &str)| values.iter().filter(|value| *value == kind).count();
        // An empty list tells nothing where other rows have values.
        let telling = values.iter().filter(|kind| kind.1 != EMPTY).max_by_key(|kind| count(kind));
        let most = telling.or(values.first()).cloned();
        let (holds, kind) = most.unwrap_or((Holds::Text, "nothing"));
        Column { name, holds, kind: kind.to_owned() }
    };
    Ok(found.into_iter().map(most).collect())
}

fn holds(value: &Value) -> (Holds, &'static str) {
    match value {
        Value::Array(list) if list.is_empty() => (Holds::Other, EMPTY),
        Value::Array(list) if numbers(value, &mut Vec::new()).is_ok() && !list.iter().any(Value::is_string) => {
            (Holds::Vector, "lists of numbers")
        }
        Value::Array(_) => (Holds::Other, "lists"),
        Value::Object(_) => (Holds::Other, "objects"),
        Value::Number(_) => (Holds::Number, "numbers"),
        Value::String(text) if values::is_vector(text) => (Holds::Vector, "lists of numbers as text"),
        Value::String(_) => (Holds::Text, "text"),
        Value::Bool(_) => (Holds::Other, "true or false"),
        Value::Null => (Holds::Text, "nothing"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn content(text: &str, column: Option<&str>) -> Result<Content, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        fs::write(&path, text).unwrap();
        let asked = Asked { column: column.map(str::to_owned), ..Asked::file(&path) };
        read(&path, &asked, &mut Parts::default())
            .map_err(|error| error.to_string().replace(dir.path().to_str().unwrap(), ""))
    }

    /// Ids and rows.
    fn rows(text: &str, column: Option<&str>) -> Vec<(String, Vec<f32>)> {
        let Content::Vectors(table) = content(text, column).unwrap() else { panic!("no vectors: {text}") };
        table.ids.into_iter().zip(table.rows.rows().into_iter().map(|row| row.to_vec())).collect()
    }

    fn want() -> Vec<(String, Vec<f32>)> {
        vec![("a".to_owned(), vec![0.1, -2.0]), ("b".to_owned(), vec![3.0, 4.5])]
    }

    #[test]
    fn vectors_are_read_in_every_shape() {
        for text in [
            "{\"item_id\": \"a\", \"emb\": [0.1, -2]}\n\n{\"emb\": [3e0, 4.5], \"item_id\": \"b\"}\n",
            "[{\"item_id\": \"a\", \"emb\": [0.1, -2]},\n {\"item_id\": \"b\", \"emb\": [3.0, 4.5]}]",
            "{\"a\": [0.1, -2], \"b\": [3, 4.5]}\n",
            "{\n \"a\": [0.1, -2],\n \"b\": [3, 4.5]\n}",
            "{\"item_id\": \"a\", \"emb\": \"[0.1, -2]\"}\n{\"item_id\": \"b\", \"emb\": \"[3, 4.5]\"}\n",
            "{\"item_id\": \"a\", \"emb\": [[0.1], [-2]]}\n{\"item_id\": \"b\", \"emb\": [[3], [4.5]]}\n",
            "{\"item_id\": \"a\", \"e10\": -2, \"e9\": 0.1}\n"
                .replace("\"e10\": -2, \"e9\": 0.1", "\"e9\": 0.1, \"e10\": -2")
                .as_str(),
        ] {
            let got = rows(text, None);
            assert_eq!(got[..], want()[..got.len()], "{text}");
            assert!(got.len() == 2 || text.contains("e10"), "{text}");
        }
        // Lists that are empty for most items, and for all.
        let few = "{\"id\": 7, \"x\": [], \"none\": []}\n{\"id\": 8, \"x\": []}\n{\"id\": 9, \"x\": [5]}\n";
        assert_eq!(rows(few, None), [("9".to_owned(), vec![5.0])]);
        // Ids that are numbers, a second vector, and none.
        let two = "{\"id\": 7, \"x\": [1], \"y\": [2]}\n{\"id\": 8, \"x\": [3], \"y\": null}\n{\"id\": 9, \"x\": [5], \"y\": []}\n";
        assert!(content(two, None).unwrap_err().contains("one column of vectors; choose by --text, --image or --mm"));
        assert_eq!(rows(two, Some("y")), [("7".to_owned(), vec![2.0])]);
    }

    #[test]
    fn texts_are_read_where_they_are_asked_for() {
        let text = "{\"asin\": \"a\", \"title\": \"A \\\"hat\\\"\"}\n{\"asin\": \"b\", \"title\": null}\n";
        assert!(matches!(content(text, None).unwrap(), Content::Nothing(texts) if texts == ["title"]));
        let Content::Texts(table) = content(text, Some("title")).unwrap() else { panic!() };
        assert_eq!((table.ids, table.texts), (vec!["a".to_owned()], vec!["A \"hat\"".to_owned()]));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let row = "{\"item_id\": \"a\", \"emb\": [1, 2]}\n";
        for (text, want) in [
            (
                format!("{row}{row}{{\"item_id\": \"b\", \"emb\": [1, \"x\"]}}\n"),
                "a.json:3: expected numbers, found \"x\" in the column",
            ),
            (
                format!("{row}{{\"item_id\": \"b\", \"emb\": [1]}}\n{row}"),
                "a.json:2: expected 2 numbers in the column \"emb\" as in most rows",
            ),
            (format!("{row}{{\"item_id\": \"b\", \"emb\": [1, null]}}\n"), "a.json:2: expected finite numbers"),
            (format!("{row}{{\"emb\": [1, 2]}}\n"), "a.json:2: expected an item id, found nothing"),
            (format!("{row}{{\"item_id\": \"b\", \"emb\": [1, 2]\n"), "a.json:2: expected an object of columns"),
            ("[{\"item_id\": \"a\", \"emb\": [1]}, 7]".to_owned(), "a.json:1: expected an object on every line"),
            ("{\"a\": [1, 2],\n\"b\": {\"x\": 1}}".to_owned(), "a.json:2: expected an object on every line"),
            ("{\"item_id\": \"a\", \"emb\": {\"0\": 1}}\n".to_owned(), "expected a column of lists of floats"),
            (format!("{row}[]\n{row}7\n"), "a.json:2: expected an object of columns, found"),
            (format!("{row}[]\n{row}7\n"), "2 such rows (line 4: "),
            ("{\"item_id\": \"a\", \"emb\": [1], \"emb\": [2]}\n".to_owned(), "twice"),
            ("".to_owned(), "expected"),
            ("[]".to_owned(), "expected"),
        ] {
            let said = content(&text, None).unwrap_err();
            assert!(said.contains(want) && !said.contains('\n'), "{text}: {said}");
        }
    }
}
