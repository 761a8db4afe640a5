//! JSON lines: an object a line, its keys the columns, as `reviews_Toys_5.json.gz` of Amazon's reviews is written; or one list of such objects,
//! as pandas's `to_json(orient="records")` writes it.
//!
//! Which keys there are is taken from the first thousand objects; one may lack some of them. What a key holds is a text, a number, a truth
//! (1 or 0) or null; lists and objects are skipped, and are no ids. **Memory**: the longest object, at most 16 MiB, beside the rows.

use crate::columns;
use crate::error::{FormatError, Place, file_error, row_error};
use crate::json_values::Values;
use crate::open;
use crate::reading::Reading;
use crate::source::{Row, Source, Written};
use crate::unread::{LOOKED, Seen, Unread};
use anchorrec_files::Excerpt;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::collections::HashMap;
use std::fmt;
use std::path::Path;

/// Whether a file's first line is an object of columns, and not the one object of lists that LATTICE's files are.
pub(crate) fn fits(first: &str) -> bool {
    let mut keys = Keys::default();
    read_object(first, &mut keys).is_ok() && !keys.names.is_empty()
}

/// The keys of the first lines, in order of first appearance.
pub(crate) fn header(path: &Path) -> Result<Vec<String>, FormatError> {
    Ok(first_keys(path)?.names)
}

/// The keys of the first lines with their values.
fn first_keys(path: &Path) -> Result<Keys, FormatError> {
    let mut keys = Keys::default();
    let mut values = Values::open(path)?;
    for _ in 0..LOOKED {
        let Some((_, text)) = values.next()? else { break };
        // One that is none is told when rows are read.
        let _ = read_object(text, &mut keys);
        keys.objects += 1;
    }
    if keys.names.is_empty() {
        let mut start = Vec::new();
        let read = std::io::Read::take(open::text(path)?, 40);
        std::io::Read::read_to_end(&mut { read }, &mut start).map_err(crate::error::io_error(path, "read"))?;
        let start = String::from_utf8_lossy(&start).into_owned();
        let expected =
            if values.is_list() { "a list of objects of columns" } else { "an object of columns on every line" };
        return Err(file_error(path, expected, Excerpt::of(&start).to_string()));
    }
    Ok(keys)
}

/// Reads all rows of a file.
pub(crate) fn read(path: &Path, reading: &Reading, source: &mut Source) -> Result<(), FormatError> {
    let Keys { names: header, seen, objects, .. } = first_keys(path)?;
    let keys = columns::shown(&header).join(", ");
    let refused = |expected| file_error(path, expected, format!("the keys {}", Excerpt::of(&keys)));
    let (places, chosen) = reading.places(&header).map_err(refused)?;
    source.columns(&header, &places, chosen);
    let wanted: Vec<usize> = places.all().chain(chosen).collect();
    let mut unread = Unread::new(&header, &wanted);
    seen.into_iter().enumerate().for_each(|(place, seen)| unread.put(place, seen));
    unread.notes(&places, reading, source.is_part()).into_iter().for_each(|note| source.note(note));
    let names: Vec<&str> = wanted.iter().map(|&place| header[place].as_str()).collect();
    let mut cells = Cells { names: &names, cells: vec![Cell::default(); names.len()] };
    let mut values = Values::open(path)?;
    while let Some((line, text)) = values.next()? {
        if text.trim().is_empty() {
            continue;
        }
        cells.cells.iter_mut().for_each(|cell| cell.kind = Kind::Absent);
        if let Err(error) = read_object(text, &mut cells) {
            // The parser counts lines of the text it was given, which was one line of the file.
            let words = error.to_string();
            let words = words.split(" at line ").next().unwrap_or_default().to_owned();
            if error.is_eof() && source.rows() == 0 && source.wrong == 0 && line == 1 {
                let expected = "an object on every line (`jq -c .` writes each on one line)";
                return Err(row_error(path, Place::Line(line), expected, words));
            }
            source.set_aside(line, "an object of columns".to_owned(), Excerpt::of(&words).to_string());
            continue;
        }
        let cell = |place: usize| {
            let at = wanted.iter().position(|&wanted| wanted == place).expect("a place that is wanted");
            &cells.cells[at]
        };
        if let Some(&place) = [places.user, places.item].iter().find(|&&place| cell(place).kind == Kind::Nested) {
            let name = &header[place];
            if objects == 1 {
                let expected = "an object for each row (pandas: to_json(FILE, orient=\"records\", lines=True))";
                return Err(file_error(path, expected, format!("one object, in which {name:?} is a whole column")));
            }
            let expected = format!("an id as a text or a number in {name:?}");
            source.set_aside(line, expected, "a list or an object".to_owned());
            continue;
        }
        if let Some(&place) = [places.user, places.item].iter().find(|&&place| cell(place).kind == Kind::Vague) {
            let expected = format!("an id as a text, or as a whole number of 64 bits, in {:?}", header[place]);
            source.set_aside(line, expected, Excerpt::of(&cell(place).text).to_string());
            continue;
        }
        if let Some(&place) = [places.user, places.item].iter().find(|&&place| cell(place).kind == Kind::Truth) {
            let expected = format!("an id as a text or a number in {:?}", header[place]);
            source.set_aside(line, expected, if cell(place).text == "1" { "true" } else { "false" }.to_owned());
            continue;
        }
        source.add(Row {
            number: line,
            user: cell(places.user).text(),
            item: cell(places.item).text(),
            time: places.time.map(|place| match cell(place).is_there() {
                true => Written::Text(cell(place).text()),
                false => Written::Null,
            }),
            rating: places.rating.map(|place| cell(place).is_there().then(|| cell(place).text())),
            part: places.part.map(|place| cell(place).text()),
            label: places.label.map(|place| cell(place).text()),
            chosen: chosen.map(|place| cell(place).text()),
        });
    }
    Ok(())
}

/// What takes in the entries of an object.
trait Entries {
    fn entry<'de, M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<(), M::Error>;
}

/// Reads a text that is one object.
fn read_object(text: &str, entries: &mut impl Entries) -> Result<(), serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(text);
    json.deserialize_map(Object(entries))?;
    json.end()
}

struct Object<'a, E>(&'a mut E);

impl<'de, E: Entries> Visitor<'de> for Object<'_, E> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object of columns")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let mut key = String::new();
        while map.next_key_seed(Text(&mut key))?.is_some() {
            self.0.entry(&key, &mut map)?;
        }
        Ok(())
    }
}

/// A text, written over the one before it.
struct Text<'a>(&'a mut String);

impl<'de> DeserializeSeed<'de> for Text<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Text<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.0.clear();
        self.0.push_str(text);
        Ok(())
    }
}

/// The keys of objects. One object of a list is no row.
#[derive(Default)]
struct Keys {
    names: Vec<String>,
    seen: Vec<Seen>,
    known: HashMap<String, usize>,
    /// How many objects were looked at.
    objects: usize,
}

/// Keys that are remembered: an honest table has fewer columns.
const KEYS: usize = 1 << 12;

impl Entries for Keys {
    fn entry<'de, M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<(), M::Error> {
        let mut cell = Cell::default();
        map.next_value_seed(&mut cell)?;
        // The first key of LATTICE's files is a user; a column has a name.
        if self.names.is_empty() && key.bytes().all(|b| b.is_ascii_digit()) {
            return Err(M::Error::custom("a number in place of a column's name"));
        }
        let place = match self.known.get(key) {
            Some(&place) => place,
            None if self.known.len() >= KEYS => return Ok(()),
            None => {
                self.known.insert(key.to_owned(), self.names.len());
                self.names.push(key.to_owned());
                self.seen.push(Seen::default());
                self.names.len() - 1
            }
        };
        self.seen[place].add(cell.text());
        Ok(())
    }
}

/// The cells that are wanted, by the names of their columns.
struct Cells<'a> {
    names: &'a [&'a str],
    cells: Vec<Cell>,
}

impl Entries for Cells<'_> {
    fn entry<'de, M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<(), M::Error> {
        match self.names.iter().position(|name| *name == key) {
            Some(place) if self.cells[place].kind == Kind::Absent => map.next_value_seed(&mut self.cells[place]),
            Some(_) => Err(M::Error::custom(format!("the key {key:?} twice"))),
            None => map.next_value::<IgnoredAny>().map(drop),
        }
    }
}

/// What a key holds.
#[derive(Clone, Debug, Default)]
struct Cell {
    kind: Kind,
    text: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    /// No such key.
    #[default]
    Absent,
    /// Null.
    Null,
    /// A text, a number or a truth.
    Plain,
    /// A truth, which is 1 or 0.
    Truth,
    /// A number that more than one whole number may have become.
    Vague,
    /// A list or an object.
    Nested,
}

impl Cell {
    fn is_there(&self) -> bool {
        matches!(self.kind, Kind::Plain | Kind::Truth | Kind::Vague)
    }

    /// Nothing where there is nothing.
    fn text(&self) -> &str {
        if self.is_there() { &self.text } else { "" }
    }

    fn set(&mut self, kind: Kind, text: fmt::Arguments) {
        self.kind = kind;
        self.text.clear();
        fmt::Write::write_fmt(&mut self.text, text).expect("a string takes all");
    }
}

impl<'de> DeserializeSeed<'de> for &mut Cell {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Cell {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a text, a number, true, false or null")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.kind = Kind::Plain;
        self.text.clear();
        self.text.push_str(text);
        Ok(())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.set(Kind::Plain, format_args!("{number}"));
        Ok(())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.set(Kind::Plain, format_args!("{number}"));
        Ok(())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        // Beyond 2^53 neighbours are further apart than 1.
        let kind = if number.abs() < 9_007_199_254_740_992.0 { Kind::Plain } else { Kind::Vague };
        self.set(kind, format_args!("{number:?}"));
        Ok(())
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<(), E> {
        self.set(Kind::Truth, format_args!("{}", u8::from(truth)));
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.kind = Kind::Null;
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<(), S::Error> {
        self.kind = Kind::Nested;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        self.kind = Kind::Nested;
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_of_columns_is_told_from_one_of_lists() {
        assert!(fits(r#"{"reviewerID": "A1", "asin": "B1", "overall": 5.0}"#));
        assert!(fits(r#"{"style": {"Color:": " red"}, "overall": 5.0, "list": [1]}"#));
        for other in [r#"{"0": [1, 2], "1": [3]}"#, "{", "", "[1]", "{}", r#"{"a": 1} {"a": 2}"#, r#"[{"a": 1}]"#] {
            assert!(!fits(other), "{other}");
        }
    }

    #[test]
    fn cells_keep_what_was_written() {
        let mut cells = Cells { names: &["a", "b", "c", "d", "e", "f", "g", "h"], cells: vec![Cell::default(); 8] };
        let text = r#"{"a":"é\n","b":18446744073709551615,"c":-3,"d":4.5,"e":true,"f":null,"g":[1,{"a":2}],"x":{"a":9},"h":1e22}"#;
        read_object(text, &mut cells).unwrap();
        let texts: Vec<&str> = cells.cells.iter().map(Cell::text).collect();
        assert_eq!(texts, ["é\n", "18446744073709551615", "-3", "4.5", "1", "", "", "1e22"]);
        assert_eq!((cells.cells[6].kind, cells.cells[7].kind), (Kind::Nested, Kind::Vague));
        let again = read_object(r#"{"a":1,"a":2}"#, &mut Cells { names: &["a"], cells: vec![Cell::default()] });
        assert!(again.unwrap_err().to_string().contains("\"a\" twice"));
    }
}
