//! The ids of rows that a file of numbers cannot hold itself.
//!
//! The sidecar of `text_feat.npy` is one of
//!
//! | file | what |
//! |---|---|
//! | `text_feat.ids.txt` | an id per line |
//! | `text_feat.ids.csv` | a header and a column of items |
//! | `text_feat.ids.json` | a list of texts or whole numbers |
//! | `text_feat.ids.npy` | one dimension of texts or whole numbers |
//!
//! An empty line is a row without an id: an error, except at the end of the file.

use super::faults::Faults;
use super::said::floating;
use crate::columns::{self, ITEM};
use crate::error::{FormatError, Place, file_error, io_error};
use crate::open;
use crate::records::Records;
use crate::source::check_id;
use crate::{Kind, Note};
use anchorrec_data::NpyArray;
use anchorrec_files::lines::Lines;
use anchorrec_files::{Excerpt, fingerprint};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The endings, in the order in which they are looked for.
const ENDINGS: [&str; 4] = ["ids.txt", "ids.csv", "ids.json", "ids.npy"];
/// Bytes of the longest line.
const LONGEST: usize = 1 << 20;
/// Bytes of the longest list.
const LONGEST_LIST: u64 = 1 << 30;

/// Returns whether a file holds ids of another one.
pub fn is_sidecar(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    ENDINGS.iter().any(|ending| name.ends_with(&format!(".{ending}")))
}

/// Whether one is there.
pub(super) fn is_there(features: &Path) -> bool {
    find(features).is_some()
}

/// Returns the sidecar's name, for a sentence.
pub(super) fn name(features: &Path) -> String {
    find(features).unwrap_or_else(|| beside(features, ENDINGS[0])).display().to_string()
}

fn find(features: &Path) -> Option<PathBuf> {
    ENDINGS.iter().map(|ending| beside(features, ending)).find(|path| path.exists())
}

fn beside(features: &Path, ending: &str) -> PathBuf {
    // `text_feat.csv.gz` too.
    let stem = open::unpacked(features).with_extension(ending);
    features.with_file_name(stem.file_name().unwrap_or_default())
}

/// The ids in the order of the rows, and what there is to say about them.
pub(super) fn read(features: &Path) -> Result<(Vec<String>, Vec<Note>), FormatError> {
    let Some(path) = find(features) else {
        let [text, table, json, npy] = ENDINGS.map(|ending| beside(features, ending));
        let (json, npy) = (name_of(&json), name_of(&npy));
        let found = format!("neither {} nor {} (nor {json} or {npy})", text.display(), table.display());
        return Err(file_error(features, "a file of item ids beside it, one per row", found));
    };
    match crate::extension(&path).as_str() {
        "txt" => lines(&path),
        "csv" => table(&path),
        "json" => json(&path),
        _ => npy(&path),
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Ids with the places of those that are none.
struct Ids {
    ids: Vec<String>,
    expected: String,
    faults: Faults,
}

impl Ids {
    fn new() -> Self {
        Ids { ids: Vec::new(), expected: String::new(), faults: Faults::default() }
    }

    fn push(&mut self, place: Place, id: &str) {
        if let Err((expected, found)) = check_id("an item", id) {
            if self.expected.is_empty() {
                self.expected = expected;
            }
            self.faults.add(place, || found);
        }
        self.ids.push(id.to_owned());
    }

    fn finish(self, path: &Path) -> Result<Vec<String>, FormatError> {
        self.faults.check(path, &self.expected, "every row needs the id of its item")?;
        Ok(self.ids)
    }
}

fn lines(path: &Path) -> Result<(Vec<String>, Vec<Note>), FormatError> {
    let mut lines = Lines::new(open::text(path)?, LONGEST);
    let (mut ids, mut empty) = (Ids::new(), Vec::new());
    while let Some((line, id)) = lines.next().map_err(|error| FormatError::lines(path, error))? {
        if id.is_empty() {
            empty.push(line);
            continue;
        }
        // Within the file a line without an id is a row without one.
        empty.drain(..).for_each(|line| ids.push(Place::Line(line), ""));
        ids.push(Place::Line(line), id);
    }
    let mut notes = Vec::new();
    if !empty.is_empty() {
        let text = format!("empty lines at the end of {} are passed over", path.display());
        notes.push(Note::new(Kind::Ignored, "empty-lines-of-ids", empty.len(), text));
    }
    Ok((ids.finish(path)?, notes))
}

fn table(path: &Path) -> Result<(Vec<String>, Vec<Note>), FormatError> {
    let (mut records, header) = Records::open(path, true)?;
    let known: Vec<&str> = ITEM.iter().copied().chain(Some("id")).collect();
    let place = columns::place(&header, &None, &known, "--item-column")
        .map_err(|expected| file_error(path, expected, "several"))?;
    let place = match (place, header.len()) {
        (Some(place), _) => place,
        (None, 1) => 0,
        (None, _) => return Err(file_error(path, "a column of item ids (item_id, id, ...)", header.join(", "))),
    };
    let mut ids = Ids::new();
    while let Some((line, fields)) = records.next()? {
        ids.push(Place::Line(line), fields.get(place).unwrap_or_default());
    }
    let mut notes = Vec::new();
    if let Some((blank, first)) = records.blank() {
        // In a table of one column an empty line is how a null is written.
        let place = format!("the first is line {first}");
        if header.len() == 1 {
            let found = format!("{blank} empty lines, {place}: a row without an id?");
            return Err(file_error(path, "an id on every line", found));
        }
        let text = format!("empty lines of {} are passed over, {place}", path.display());
        notes.push(Note::new(Kind::Ignored, "empty-lines-of-ids", blank, text));
    }
    Ok((ids.finish(path)?, notes))
}

fn json(path: &Path) -> Result<(Vec<String>, Vec<Note>), FormatError> {
    let mut text = String::new();
    let read = open::text(path)?.take(LONGEST_LIST).read_to_string(&mut text);
    read.map_err(io_error(path, "read"))?;
    let ids = list(&text).map_err(|found| file_error(path, "a JSON list of ids", found))?;
    checked(path, ids)
}

/// The ids of a JSON list: texts or whole numbers.
pub(super) fn list(text: &str) -> Result<Vec<String>, String> {
    let values: Vec<serde_json::Value> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let id = |value: serde_json::Value| match value {
        serde_json::Value::String(id) => Ok(id),
        serde_json::Value::Number(number) if !number.is_f64() => Ok(number.to_string()),
        other => Err(format!("{} among the ids", Excerpt::of(&other.to_string()))),
    };
    values.into_iter().map(id).collect()
}

fn npy(path: &Path) -> Result<(Vec<String>, Vec<Note>), FormatError> {
    let opened = fingerprint::open(path).map_err(io_error(path, "read"))?;
    let (file, bytes) = opened.ok_or_else(|| file_error(path, "a regular file", "something else"))?;
    let array = NpyArray::open(path, std::io::BufReader::new(file), bytes)?;
    let from_floats = array.is_float();
    let (ids, mut notes) = checked(path, array.ids()?)?;
    notes.extend(from_floats.then(|| floating(path)));
    Ok((ids, notes))
}

/// Ids of a list, checked.
pub(super) fn checked(path: &Path, list: Vec<String>) -> Result<(Vec<String>, Vec<Note>), FormatError> {
    let mut ids = Ids::new();
    list.iter().enumerate().for_each(|(row, id)| ids.push(Place::Row(row as u64), id));
    Ok((ids.finish(path)?, Vec::new()))
}
