//! Features in a folder: the parts of a table, as Spark and DuckDB write them, or a `.npy` file for each item.

use super::asked::Asked;
use super::content::{Content, FeatureTable};
use super::faults::Faults;
use super::file;
use super::rows::{Rows, Vector, join};
use super::said::counted;
use super::texts::TextTable;
use crate::error::{FormatError, Place, file_error, io_error};
use crate::folder::kind;
use crate::{Kind, Note, extension};
use anchorrec_data::NpyArray;
use anchorrec_files::{few, fingerprint};
use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// Whether a folder may hold features, by the endings of its files: some arrays, or nothing but tables. One with a data set in it does not.
pub(super) fn may_hold(dir: &Path) -> bool {
    walk(dir).is_ok_and(|(files, _)| {
        let arrays = files.iter().any(|path| extension(path) == "npy");
        let set = files.iter().any(|path| extension(path) == "inter");
        (arrays || (!files.is_empty() && files.iter().all(|path| is_table(path)))) && !set
    })
}

fn is_table(path: &Path) -> bool {
    ["parquet", "pq", "csv", "tsv"].contains(&kind(path).as_str())
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
    let tables: Vec<&PathBuf> = files.iter().filter(|path| is_table(path)).collect();
    let (items, others): (Vec<&PathBuf>, Vec<&PathBuf>) =
        files.iter().filter(|path| !is_table(path)).partition(|path| extension(path) == "npy");
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
            let expected =
                "a folder of .parquet or .csv files that are one table, or of a .npy file for each item (ID.npy)";
            let found = if files.is_empty() { "no file".to_owned() } else { names(&others) };
            Err(file_error(dir, expected, found))
        }
        (_, []) => parts(dir, &tables, asked, notes),
        ([], _) => one_each(dir, &items, notes).map(Content::Vectors),
        _ => {
            let expected = "either tables or a .npy file for each item";
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
    for path in files {
        match file::read(&Asked { path: (*path).clone(), whole: Some(dir.to_owned()), ..asked.clone() })? {
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

/// Reads a file for each item; its name without `.npy` is the item's id.
fn one_each(dir: &Path, files: &[&PathBuf], mut notes: Vec<Note>) -> Result<FeatureTable, FormatError> {
    let text = format!("files of {} are a vector each, of the item that their name says", dir.display());
    notes
        .push(Note::new(Kind::Guessed, "file-for-each-item", files.len(), text).with(files.iter().map(|p| name_of(p))));
    let mut rows = Rows::new(dir, false, "each file".to_owned());
    rows.notes = notes;
    let mut faults = Faults::default();
    for (number, path) in files.iter().enumerate() {
        let opened = fingerprint::open(path).map_err(io_error(path, "read"))?;
        let (file, bytes) = opened.ok_or_else(|| file_error(path, "a regular file", "something else"))?;
        let array = NpyArray::open(path, BufReader::new(file), bytes)?;
        let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match array.shape() {
            [_] | [1, _] => rows.push(number as u64, Some(&id), Vector::Numbers(&array.floats()?), None),
            shape => faults.add(Place::Row(number as u64), || format!("the shape {shape:?} in {}", name_of(path))),
        }
    }
    faults.check(dir, "one vector in each file", "a file of many rows is given by its own name")?;
    rows.finish()
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
