//! The layout of one file, or of a folder whose files are one table.

use crate::columns;
use crate::error::{FormatError, io_error};
use crate::first_row;
use crate::folder::{in_order, is_part_name, kind};
use crate::found::Found;
use crate::layout::Layout;
use crate::name::{ending, first_line, is_table, name_of};
use crate::open::unpacked;
use crate::part::Part;
use crate::published::published;
use crate::reading::Reading;
use crate::records::Records;
use crate::together::{parts_of, split};
use crate::{adjacency, json_lines, mind, parquet, recbole};
use anchorrec_data::note::{Kind, Note, either};
use anchorrec_files::Excerpt;
use std::fs;
use std::path::{Path, PathBuf};

/// The layout of a file or of a folder of files, or why it has none.
pub(crate) fn look(path: &Path, reading: &Reading) -> Result<Result<Found, String>, FormatError> {
    if path.is_dir() {
        return look_into(path, reading);
    }
    let found = |layout| Found::one(layout, path);
    let no_columns = |what: &str| {
        format!(
            "{what}, which names its columns itself: leave out --columns and say other names by --user-column, --item-column and so on"
        )
    };
    if ["parquet", "pq"].contains(&kind(path).as_str()) {
        if reading.header.is_some() {
            return Ok(Err(no_columns("Parquet")));
        }
        let header = parquet::header(path)?;
        return Ok(fits(&header, reading, "columns", || found(Layout::Parquet)));
    }
    if ["json", "jsonl", "ndjson"].contains(&ending(path).as_str()) {
        if reading.header.is_some() {
            return Ok(Err(no_columns("JSON")));
        }
        let first = first_line(path)?;
        let is_list = first.trim_start().starts_with('[');
        if !is_list && !json_lines::fits(&first) && ending(path) == "json" {
            return Ok(Err(format!("its first line is no object of columns: {}", Excerpt::of(&first))));
        }
        let header = json_lines::header(path)?;
        let layout = if is_list { Layout::JsonList } else { Layout::JsonLines };
        return Ok(fits(&header, reading, "keys", || found(layout)));
    }
    if ending(path) == "tsv" && reading.header.is_none() {
        if mind::begins(path)? {
            let text = "file has no header: it is MIND's impressions (id, user, time, history, items shown)";
            let note = Note::new(Kind::Guessed, "columns-of-a-published-file", 1u64, text).with([name_of(path)]);
            return Ok(Ok(Found { notes: vec![note], ..found(Layout::Mind) }));
        }
        if name_of(path).contains("pairs") && adjacency::fits_pairs(&first_line(path)?) {
            let text = "file has no header: each line is a user and its items";
            let note = Note::new(Kind::Guessed, "columns-of-a-published-file", 1u64, text).with([name_of(path)]);
            return Ok(Ok(Found { notes: vec![note], ..found(Layout::Adjacency) }));
        }
    }
    let separator = reading.separator.clone();
    if let Some(header) = &reading.header {
        let unlike = first_row::unlike(path, header, separator.as_deref())?;
        return Ok(unlike.map_or_else(|| Ok(found(Layout::Table).with(reading.header.clone(), separator)), Err));
    }
    let (_, header) = Records::open_as(path, ending(path) != "inter", separator.as_deref(), true)?;
    if ending(path) == "inter" && recbole::is_typed(&header) {
        return Ok(fits(&recbole::names(&header), reading, "columns", || found(Layout::RecBole)));
    }
    if ending(path) == "inter" && header.iter().any(|column| column == "x_label") {
        return Ok(Ok(found(Layout::Ready)));
    }
    let names = columns::untyped(&header).unwrap_or_else(|| header.clone());
    match columns::find(&names, &reading.columns) {
        Ok(_) => Ok(Ok(found(Layout::Table).with(None, separator))),
        Err(missing) => match published(path, &header)? {
            Some(found) => Ok(Ok(found)),
            None => Ok(Err(why(&missing, &names))),
        },
    }
}

/// The layout of a file with these columns, or which one it lacks.
fn fits(header: &[String], reading: &Reading, what: &str, found: impl Fn() -> Found) -> Result<Found, String> {
    let why = |missing| format!("without {missing}; its {what}: {}", Excerpt::of(&columns::shown(header).join(", ")));
    columns::find(header, &reading.columns).map(|_| found()).map_err(why)
}

/// Folders that are the parts of a split, such as `train`, `validation` and `test`, each with files of one layout; nothing where a folder has no
/// such folders.
pub(crate) fn split_folders(dir: &Path, reading: &Reading) -> Result<Option<Result<Found, String>>, FormatError> {
    let mut parts = Vec::new();
    for entry in fs::read_dir(dir).map_err(io_error(dir, "list"))? {
        let path = entry.map_err(io_error(dir, "list"))?.path();
        if path.is_dir()
            && let Some((_, part)) = Part::of_stem(&name_of(&path))
        {
            parts.push((part, path));
        }
    }
    parts.sort();
    let is_twice = parts.windows(2).any(|two| two[0].0 == two[1].0);
    if parts.len() < 2 || is_twice || parts[0].0 != Part::Train {
        return Ok(None);
    }
    let mut all: Option<Found> = None;
    for (part, path) in parts {
        let found = match look_into(&path, reading)? {
            Ok(found) => found,
            Err(why) => return Ok(Some(Err(format!("{}: {why}", path.display())))),
        };
        let found = found.of_part(part);
        match &mut all {
            None => all = Some(found),
            Some(all) if all.is_like(&found) => {
                all.files.extend(found.files);
                all.notes.extend(found.notes);
            }
            Some(_) => return Ok(Some(Err(format!("{} of another layout", path.display())))),
        }
    }
    Ok(all.map(Ok))
}

/// All files of a folder, in the order of their paths, as one table.
pub(crate) fn look_into(dir: &Path, reading: &Reading) -> Result<Result<Found, String>, FormatError> {
    if let Some(found) = split_folders(dir, reading)? {
        return Ok(found);
    }
    look_at(dir, vec![dir.to_owned()], reading)
}

/// All files of some folders in a folder, in the order of their paths, as one table.
pub(crate) fn look_at(
    dir: &Path,
    mut folders: Vec<PathBuf>,
    reading: &Reading,
) -> Result<Result<Found, String>, FormatError> {
    let mut all: Option<Found> = None;
    let mut paths = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(io_error(&folder, "list"))? {
            let path = entry.map_err(io_error(&folder, "list"))?.path();
            // `_SUCCESS`, `.part-0000.crc`: marks of the writer.
            if name_of(&path).starts_with(['_', '.']) {
                continue;
            }
            if path.is_dir() { folders.push(path) } else { paths.push(path) }
        }
    }
    in_order(&mut paths);
    let partitions = partitions(dir, &paths);
    if let Some(key) = partitions.iter().find(|key| must_be_read(key, reading)) {
        return Ok(Err(format!(
            "a folder {key}=..., a column that the files themselves lack: write it into them (pandas.read_parquet(FOLDER).to_parquet(FILE)), or \
             name one folder of them by --interactions"
        )));
    }
    // Beside MIND's impressions stand the news and their entities.
    if paths.iter().any(|path| name_of(unpacked(path)) == "behaviors.tsv") {
        paths.retain(|path| name_of(unpacked(path)) == "behaviors.tsv");
    }
    let (tables, others): (Vec<PathBuf>, Vec<PathBuf>) =
        paths.into_iter().partition(|path| is_table(path) || is_part_name(path));
    let mut fitting = Vec::new();
    for path in tables {
        match look(&path, reading)? {
            Ok(found) => fitting.push((name_of(&path), found)),
            Err(why) => return Ok(Err(format!("{} ({why})", path.display()))),
        }
    }
    let names: Vec<&str> = fitting.iter().map(|(name, _)| name.as_str()).collect();
    let (parts, unnamed) = parts_of(&names);
    let is_split = parts.len() > 1 || !parts.is_empty() && !unnamed.is_empty();
    if is_split {
        let Some(found) = split(&fitting) else {
            return Ok(Err(mixed(&names, &unnamed)));
        };
        all = Some(found);
        fitting.clear();
    }
    for (_, found) in fitting {
        let path = found.files[0].path.clone();
        match &mut all {
            None => all = Some(found),
            Some(all) if all.is_alike(&found) => {
                all.files.extend(found.files);
                all.notes.extend(found.notes);
            }
            Some(_) => {
                return Ok(Err(format!("{}, which has another layout than the files before it", path.display())));
            }
        }
    }
    let Some(mut found) = all else {
        let none = others.iter().map(|path| name_of(path)).collect::<Vec<_>>().join(", ");
        return Ok(Err(if none.is_empty() {
            "no file in the folder".to_owned()
        } else {
            format!("no table, but {none}")
        }));
    };
    let names: Vec<String> = found.files.iter().map(|file| name_of(&file.path)).collect();
    if !partitions.is_empty() {
        let text = either(
            partitions.len(),
            "column stands in the names of folders alone and is not read",
            "columns stand in the names of folders alone and are not read",
        );
        found.notes.push(Note::new(Kind::Ignored, "partitions-not-read", partitions.len(), text).with(&partitions));
    }
    if names.len() > 1 && !is_split {
        let text = format!("files of the folder {} are read as one table", name_of(dir));
        found.notes.push(Note::new(Kind::Merged, "folder-is-one-table", names.len(), text).with(names));
    }
    if !others.is_empty() {
        let text = either(others.len(), "file of the folder is not read", "files of the folder are not read");
        let names = others.iter().map(|path| name_of(path));
        found.notes.push(Note::new(Kind::Ignored, "files-not-read", others.len(), text).with(names));
    }
    Ok(Ok(found))
}

/// Why files are neither one table nor a split.
fn mixed(names: &[&str], unnamed: &[&str]) -> String {
    let parts: Vec<&str> = names.iter().copied().filter(|name| !unnamed.contains(name)).collect();
    let parts = parts.join(", ");
    let way = "each part of a split is one file (train, valid and test of one name), and one table has no such names";
    match unnamed.is_empty() {
        true => format!("{parts}, which are named as parts of more than one split: {way}"),
        false => format!(
            "{parts}, named as parts of a split, beside {}: leave the others out or name them otherwise; {way}",
            unnamed.join(", ")
        ),
    }
}

/// The columns that Spark, DuckDB and pandas write into the names of folders: `label=0/part-0.parquet`.
fn partitions(dir: &Path, paths: &[PathBuf]) -> Vec<String> {
    let inner = paths.iter().filter_map(|path| path.strip_prefix(dir).ok()?.parent());
    let keys = inner.flat_map(Path::components).filter_map(|folder| {
        let name = folder.as_os_str().to_str()?;
        name.split_once('=').map(|(key, _)| key.to_owned())
    });
    let mut keys: Vec<String> = keys.collect();
    keys.sort();
    keys.dedup();
    keys
}

/// Whether a column says which rows count, of which part they are, or whose they are.
fn must_be_read(key: &str, reading: &Reading) -> bool {
    let plain = columns::plain(key);
    let is = |names: &[&str]| names.contains(&&*plain);
    let is_label = is(columns::LABEL) && !reading.positives.all;
    let named = [&reading.columns.user, &reading.columns.item, &reading.columns.time, &reading.columns.part];
    is_label
        || is(columns::PART)
        || is(columns::USER)
        || is(columns::ITEM)
        || named.iter().any(|name| name.as_deref() == Some(key))
}

fn why(missing: &str, header: &[String]) -> String {
    format!(
        "without {missing}; its first line, which must name the columns (a file without a header needs --columns user,item,...): {}",
        Excerpt::of(&columns::shown(header).join(", "))
    )
}
