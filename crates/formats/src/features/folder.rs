//! Features in a folder: the parts of a table, as Spark and DuckDB write them, or a file for each item.

use super::asked::Asked;
use super::content::{Content, FeatureTable};
use super::faults::Faults;
use super::file;
use super::parts::Parts;
use super::rows::{Rows, Vector, join};
use super::said::counted;
use super::single;
use super::texts::TextTable;
use crate::error::{FormatError, Place, file_error, io_error};
use crate::folder::kind;
use crate::{Kind, Note, extension};
use anchorrec_data::looks;
use anchorrec_files::{few, grouped};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Whether a folder holds features: arrays, or nothing but tables; or, where its name says so, tables beside anything, or a file of numbers for each
/// item. One with a data set in it does not.
pub(super) fn may_hold(dir: &Path) -> bool {
    walk(dir).is_ok_and(|(files, _)| {
        let arrays = files.iter().any(|path| ["npy", "npz"].contains(&extension(path).as_str()));
        let set = files.iter().any(|path| extension(path) == "inter");
        let named = looks::by_name(dir);
        let tables = files.iter().filter(|path| is_table(path)).count();
        let tables = tables > 0 && (named || tables == files.len());
        let single = || {
            looks::by_name(dir) && files.iter().find(|path| single::may_be(path)).is_some_and(|path| is_single(path))
        };
        !set && (arrays || tables || single())
    })
}

/// The endings of the files of a folder, each with how many there are: `3 .jpg`.
pub(super) fn endings(dir: &Path) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for path in walk(dir).map_or_else(|_| Vec::new(), |(files, _)| files) {
        let ending = extension(&path);
        *counts
            .entry(if ending.is_empty() { "without an ending".into() } else { format!(".{ending}") })
            .or_default() += 1;
    }
    let all: Vec<String> = counts.iter().map(|(ending, count)| format!("{} {ending}", grouped(*count))).collect();
    if all.is_empty() { "no file".to_owned() } else { few(&all, all.len()) }
}

/// Whether a file is one vector. A table whose first field is the file's name is a row with its id.
fn is_single(path: &Path) -> bool {
    let is_id = |numbers: &[f32]| single::id(path).parse() == Ok(numbers[0]);
    let table = ["csv", "tsv"].contains(&kind(path).as_str());
    matches!(single::read(path), Ok(Ok(numbers)) if !(table && is_id(&numbers)))
}

fn is_table(path: &Path) -> bool {
    ["parquet", "pq", "csv", "tsv", "jsonl", "ndjson"].contains(&kind(path).as_str())
}

/// The files of a folder and of those in it whose names are values (`m=1`), in order of name; and the columns of those values.
fn walk(dir: &Path) -> Result<(Vec<PathBuf>, Vec<String>), FormatError> {
    let (mut files, mut folders, mut partitions) = (Vec::new(), vec![dir.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(io_error(&folder, "list"))? {
            let path = entry.map_err(io_error(&folder, "list"))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            // `_SUCCESS`, `.part-0000.crc`: marks of the writer.
            if name.starts_with(['_', '.']) {
                continue;
            }
            match (path.is_dir(), name.split_once('=')) {
                (false, _) => files.push(path),
                (true, Some((column, _))) => {
                    if !partitions.iter().any(|known| known == column) {
                        partitions.push(column.to_owned());
                    }
                    folders.push(path);
                }
                (true, None) => {}
            }
        }
    }
    files.sort();
    Ok((files, partitions))
}

/// Reads a folder.
pub(super) fn read(dir: &Path, asked: &Asked) -> Result<Content, FormatError> {
    let (files, partitions) = walk(dir)?;
    // What the first file of an ending is, the others of it are too; files for items have the ending that most of them have.
    let mut singles: BTreeMap<String, usize> = BTreeMap::new();
    let mut tabular: BTreeSet<String> = BTreeSet::new();
    for path in &files {
        let ending = kind(path);
        let known = singles.contains_key(&ending) || tabular.contains(&ending);
        match ending.as_str() {
            "npy" | "npz" | "txt" | "dat" => {}
            "json" | "csv" | "tsv" if known || is_single(path) => {}
            _ => {
                tabular.insert(ending);
                continue;
            }
        }
        if !tabular.contains(&ending) {
            *singles.entry(ending).or_default() += 1;
        }
    }
    let most = singles.iter().rev().max_by_key(|(_, count)| **count).map(|(ending, _)| ending.clone());
    let (items, rest): (Vec<&PathBuf>, Vec<&PathBuf>) = files.iter().partition(|path| most == Some(kind(path)));
    let is_part = |path: &Path| is_table(path) || kind(path) == "json";
    let (tables, mut others): (Vec<&PathBuf>, Vec<&PathBuf>) =
        rest.into_iter().partition(|path| is_part(path) && !singles.contains_key(&kind(path)));
    // A word about a table beside it.
    let is_array = most.as_ref().is_some_and(|ending| ["npy", "npz"].contains(&ending.as_str()));
    let items = if tables.is_empty() || is_array {
        items
    } else {
        others.extend(items);
        Vec::new()
    };
    let names = |paths: &[&PathBuf]| {
        let names: Vec<String> = paths.iter().map(|path| name_of(path)).collect();
        few(&names, names.len())
    };
    let mut notes = Vec::new();
    if !others.is_empty() {
        let words = ["file of {} is not read", "files of {} are not read"];
        let note = counted(Kind::Ignored, "files-of-folder-not-read", dir, others.len(), words);
        notes.push(note.with(others.iter().map(|path| name_of(path))));
    }
    if !partitions.is_empty() {
        let words =
            ["column in the names of folders in {} is not read", "columns in the names of folders in {} are not read"];
        let note = counted(Kind::Ignored, "partitions-not-read", dir, partitions.len(), words);
        notes.push(note.with(&partitions));
    }
    match (&tables[..], &items[..]) {
        ([], []) => {
            let expected = "a folder of .parquet or .csv files that are one table, or of a file for each item (ID.npy, .npz, .json, .txt)";
            let found = if files.is_empty() { "no file".to_owned() } else { names(&others) };
            Err(file_error(dir, expected, found))
        }
        (_, []) => parts(dir, &tables, asked, notes),
        ([], _) => one_each(dir, &items, notes).map(Content::Vectors),
        _ => {
            let expected = "either tables or a file for each item";
            Err(file_error(dir, expected, format!("{} and {}", names(&tables), names(&items))))
        }
    }
}

/// Reads several tables as one.
pub(super) fn parts(
    dir: &Path,
    files: &[&PathBuf],
    asked: &Asked,
    mut notes: Vec<Note>,
) -> Result<Content, FormatError> {
    if files.len() > 1 {
        let text = format!("files of {} are read as one table", dir.display());
        let names = files.iter().map(|path| path.strip_prefix(dir).unwrap_or(path).display().to_string());
        notes.push(Note::new(Kind::Merged, "files-are-one-table", files.len(), text).with(names));
    }
    let (mut vectors, mut texts): (Vec<FeatureTable>, Option<TextTable>) = (Vec::new(), None);
    let mut known = Parts::default();
    for path in files {
        let asked = Asked { path: (*path).clone(), whole: Some(dir.to_owned()), ..asked.clone() };
        match file::read(&asked, &mut known)? {
            Content::Vectors(table) => vectors.push(table),
            Content::Texts(table) => match &mut texts {
                None => texts = Some(table),
                Some(all) => {
                    all.ids.extend(table.ids);
                    all.texts.extend(table.texts);
                    all.notes.extend(table.notes);
                }
            },
            Content::Nothing(texts) => return Ok(Content::Nothing(texts)),
        }
    }
    if let Some(mut all) = texts {
        all.path = dir.to_owned();
        all.notes.extend(notes);
        return Ok(Content::Texts(all));
    }
    // One column of each name, whichever file it is in: what is said of a part is said of all.
    let mut table = join(dir, "the files of the folder".to_owned(), vectors)?;
    notes.append(&mut table.notes);
    table.notes = notes;
    Ok(Content::Vectors(table))
}

/// Reads a file for each item; its name without the ending is the item's id.
fn one_each(dir: &Path, files: &[&PathBuf], mut notes: Vec<Note>) -> Result<FeatureTable, FormatError> {
    let text = format!("files of {} are a vector each, of the item that their name says", dir.display());
    notes
        .push(Note::new(Kind::Guessed, "file-for-each-item", files.len(), text).with(files.iter().map(|p| name_of(p))));
    let mut rows = Rows::new(dir, false, "each file".to_owned());
    rows.notes = notes;
    let mut faults = Faults::default();
    for (number, path) in files.iter().enumerate() {
        match single::read(path)? {
            Ok(numbers) => rows.push(number as u64, Some(&single::id(path)), Vector::Numbers(&numbers), None),
            Err(found) => faults.add(Place::Row(number as u64), || format!("{found} in {}", name_of(path))),
        }
    }
    faults.check(dir, "one vector in each file", "a file of many rows is given by its own name")?;
    rows.finish()
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
