//! Which layout a folder has, and which of its files are read.

use crate::columns;
use crate::error::{FormatError, file_error, io_error};
use crate::features::is_sidecar;
use crate::folder::{files, is_part_name, is_partition, kind};
use crate::found::Found;
use crate::layout::Layout;
use crate::open::{self, unpacked};
use crate::part::Part;
use crate::reading::Reading;
use crate::records::Records;
use crate::{adjacency, json_lines, mind, parquet, recbole};
use anchorrec_data::note::{Kind, Note, either};
use anchorrec_files::{Excerpt, with_causes};
use std::fs;
use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

/// Looks at the names of a folder's files, then at their headers; or at the file or folder that the caller named.
///
/// # Errors
/// When no file fits, saying what was looked for and why each file does not fit; when several do that are not one table.
pub fn detect(dir: &Path, named: Option<&Path>, reading: &Reading) -> Result<Found, FormatError> {
    if let Some(path) = named {
        return look(path, reading)?.map_err(|why| file_error(path, "a file of interactions", why));
    }
    if let Some(lists) = lists(dir)? {
        return Ok(lists);
    }
    let (mut fitting, mut others) = (Vec::new(), Vec::new());
    for path in candidates(dir)? {
        let name = name_of(&path);
        match look(&path, reading) {
            Ok(Ok(found)) => fitting.push((name, found)),
            Ok(Err(why)) => others.push(format!("{name} ({why})")),
            // An `.inter` file cannot be anything else, so what is wrong with it is the answer.
            Err(error) if ending(&path) == "inter" => return Err(error),
            Err(error) => others.push(format!("{name} ({})", with_causes(&error))),
        }
    }
    let trees: Vec<PathBuf> = folders(dir)?.into_iter().filter(|path| is_partition(path)).collect();
    if let Some(first) = trees.first() {
        let name = name_of(first);
        match look_at(dir, trees, reading)? {
            Ok(found) => fitting.push((name, found)),
            Err(why) => others.push(why),
        }
    }
    // A mapping beside an `.inter` file is no rival of it; nor are MovieLens's tags of its ratings.
    let is_inter = |name: &str| unpacked(Path::new(name)).extension().is_some_and(|ending| ending == "inter");
    if fitting.iter().any(|(name, _)| is_inter(name)) {
        fitting.retain(|(name, _)| is_inter(name));
    }
    if fitting.iter().any(|(name, _)| name == "ratings.csv")
        && fitting.iter().all(|(name, _)| name == "ratings.csv" || name == "tags.csv")
    {
        fitting.retain(|(name, _)| name == "ratings.csv");
    }
    // MicroLens has its pairs twice: with times, and as lists.
    let pairs = |name: &str| name.strip_suffix(".csv").is_some_and(|stem| stem.ends_with("_pairs"));
    if let Some(table) = fitting.iter().find(|(name, _)| pairs(name)).map(|(name, _)| name.clone()) {
        let lists = table.replace(".csv", ".tsv");
        if fitting.iter().all(|(name, _)| *name == table || *name == lists) && fitting.len() == 2 {
            fitting.retain(|(name, _)| *name == table);
            let text = "file is not read: it holds the same pairs as lists, without times";
            fitting[0].1.notes.push(Note::new(Kind::Ignored, "lists-not-read", 1u64, text).with([lists]));
        }
    }
    if fitting.is_empty()
        && let Some(found) = split_folders(dir, reading)?
    {
        return found.map_err(|why| file_error(dir, "folders train, valid and test of one layout", why));
    }
    // Folders of any name: files that Hive, Spark or DuckDB wrote there.
    if fitting.is_empty() {
        let named = folders(dir)?.into_iter().filter(|path| !is_partition(path) && !is_candidate(path));
        for path in named {
            let name = name_of(&path);
            match look_into(&path, reading) {
                Ok(Ok(found)) if is_tree(&path)? => fitting.push((name, found)),
                // A data set of its own, with features beside it, or the interactions of this one: who knows?
                Ok(Ok(_)) => others
                    .push(format!("{name} (a folder with a table: the data folder, or the one of --interactions?)")),
                Ok(Err(why)) => others.push(format!("{name} ({why})")),
                Err(error) => others.push(format!("{name} ({})", with_causes(&error))),
            }
        }
    }
    if fitting.len() > 1
        && let Some(found) = together(&fitting)
    {
        return Ok(found);
    }
    match fitting.len() {
        0 => {
            let found = if others.is_empty() { "no such file".to_owned() } else { others.join("; ") };
            Err(file_error(
                dir,
                "one <name>.inter, or one .csv, .tsv, .jsonl or .parquet with a column of users (user_id, user, ...) and one of items \
                 (item_id, item, ...); a file without a header needs --columns user,item,...",
                found,
            ))
        }
        1 => Ok(fitting.remove(0).1),
        _ => {
            let names: Vec<String> = fitting.into_iter().map(|(name, _)| name).collect();
            let expected =
                "one file of interactions (choose one with --interactions, or a folder of files that are one table)";
            Err(file_error(dir, expected, names.join(", ")))
        }
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The ending of a name in lower case, without `.gz` and `.zst`.
fn ending(path: &Path) -> String {
    unpacked(path).extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// What may hold interactions: files by their endings, folders that are called as a file would be.
fn candidates(dir: &Path) -> Result<Vec<PathBuf>, FormatError> {
    let mut all = files(dir)?;
    all.extend(folders(dir)?.into_iter().filter(|path| is_candidate(path)));
    all.sort();
    // Ids of features are no interactions, whatever the columns are said to be.
    all.retain(|path| is_table(path) && !is_sidecar(path));
    Ok(all)
}

/// The folders of a folder.
fn folders(dir: &Path) -> Result<Vec<PathBuf>, FormatError> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).map_err(io_error(dir, "list"))? {
        let path = entry.map_err(io_error(dir, "list"))?.path();
        // Hidden ones are those of a writer that was interrupted, among others.
        if path.is_dir() && !name_of(&path).starts_with(['.', '_']) {
            all.push(path);
        }
    }
    all.sort();
    Ok(all)
}

/// Whether a folder is what a tool wrote as one table: parts, or folders that are called by values.
fn is_tree(dir: &Path) -> Result<bool, FormatError> {
    let is_part = |path: &PathBuf| is_part_name(path) || name_of(path).starts_with("part-");
    Ok(folders(dir)?.iter().any(|path| is_partition(path)) || files(dir)?.iter().any(is_part))
}

/// Whether a folder is called as a file of interactions would be.
fn is_candidate(path: &Path) -> bool {
    path.is_dir() && ["parquet", "pq", "csv", "tsv"].contains(&ending(path).as_str())
}

/// Whether a file may hold interactions, by its name, or as Parquet by how it begins.
fn is_table(path: &Path) -> bool {
    let endings = ["inter", "csv", "tsv", "txt", "json", "jsonl", "ndjson", "parquet", "pq"];
    endings.contains(&kind(path).as_str()) || matches!(name_of(unpacked(path)).as_str(), "u.data" | "ratings.dat")
}

/// LightGCN's or LATTICE's files.
fn lists(dir: &Path) -> Result<Option<Found>, FormatError> {
    let parts = [("train", Part::Train), ("valid", Part::Valid), ("val", Part::Valid), ("test", Part::Test)];
    for (ending, layout) in [("txt", Layout::Adjacency), ("json", Layout::Lattice)] {
        let there = parts.iter().map(|(name, part)| (dir.join(format!("{name}.{ending}")), Some(*part)));
        let there: Vec<_> = there.filter(|(path, _)| path.is_file()).collect();
        let (Some((train, Some(Part::Train))), Some((_, Some(Part::Test)))) = (there.first(), there.last()) else {
            continue;
        };
        let first = first_line(train)?;
        // A split of JSON lines may have the names of LATTICE's files.
        let fits = if layout == Layout::Adjacency { adjacency::fits(&first) } else { !json_lines::fits(&first) };
        if !fits {
            continue;
        }
        return Ok(Some(Found { layout, files: there, header: None, separator: None, notes: Vec::new() }));
    }
    Ok(None)
}

/// The first line of a file, at most 16 MiB of it.
fn first_line(path: &Path) -> Result<String, FormatError> {
    let mut first = Vec::new();
    let read = open::text(path)?.take(16 << 20).read_until(b'\n', &mut first);
    read.map_err(io_error(path, "read"))?;
    let text = String::from_utf8_lossy(&first).into_owned();
    Ok(text.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']).to_owned())
}

/// Several files as one table: the parts of a split, or pieces whose names differ in their digits.
fn together(fitting: &[(String, Found)]) -> Option<Found> {
    let first = &fitting.first()?.1;
    if first.layout == Layout::Ready || !fitting.iter().all(|(_, found)| found.is_like(first)) {
        return None;
    }
    let mut parts = Vec::new();
    for (name, found) in fitting {
        let stem = unpacked(Path::new(name)).file_stem()?.to_str()?.to_owned();
        if let Some((base, part)) = Part::of_stem(&stem) {
            parts.push((base.to_owned(), part, found.files.first()?.0.clone()));
        }
    }
    let mut found = first.clone();
    let mut kinds: Vec<Part> = parts.iter().map(|(_, part, _)| *part).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let one_base = parts.windows(2).all(|pair| pair[0].0 == pair[1].0);
    if parts.len() == fitting.len() && kinds.len() == parts.len() && one_base && kinds.first() == Some(&Part::Train) {
        parts.sort_by_key(|(_, part, _)| *part);
        found.files = parts.into_iter().map(|(_, part, path)| (path, Some(part))).collect();
        return Some(found);
    }
    // A hash in a part file's name has letters too: pieces of one job begin alike.
    let stem = |name: &str| {
        let begin = name.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default().to_owned();
        (begin, ending(Path::new(name)))
    };
    let kind = stem(&fitting.first()?.0);
    if kind.0.is_empty() || fitting.iter().any(|(name, _)| stem(name) != kind) {
        return None;
    }
    found.files = fitting.iter().flat_map(|(_, found)| found.files.clone()).collect();
    let names = fitting.iter().map(|(name, _)| name);
    let text = "files, whose names differ in their numbers, are read as one table";
    found.notes.push(Note::new(Kind::Guessed, "files-are-one-table", fitting.len(), text).with(names));
    Some(found)
}

/// The layout of a file or of a folder of files, or why it has none.
fn look(path: &Path, reading: &Reading) -> Result<Result<Found, String>, FormatError> {
    if path.is_dir() {
        return look_into(path, reading);
    }
    let found = |layout| Found::one(layout, path);
    if ["parquet", "pq"].contains(&kind(path).as_str()) {
        let header = parquet::header(path)?;
        let places = columns::find(&header, &reading.columns);
        return Ok(places.map(|_| found(Layout::Parquet)).map_err(|missing| why(&missing, &header)));
    }
    if ["json", "jsonl", "ndjson"].contains(&ending(path).as_str()) {
        let first = first_line(path)?;
        if !json_lines::fits(&first) && ending(path) == "json" {
            return Ok(Err(format!("its first line is no object of columns: {}", Excerpt::of(&first))));
        }
        let header = json_lines::header(path)?;
        let places = columns::find(&header, &reading.columns);
        let why = |missing| format!("without {missing}; its keys: {}", Excerpt::of(&header.join(", ")));
        return Ok(places.map(|_| found(Layout::JsonLines)).map_err(why));
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
    if reading.header.is_some() {
        return Ok(Ok(Found { header: reading.header.clone(), separator, ..found(Layout::Table) }));
    }
    let (_, header) = Records::open_as(path, ending(path) != "inter", separator.as_deref(), true)?;
    if ending(path) == "inter" && recbole::is_typed(&header) {
        return Ok(Ok(found(Layout::RecBole)));
    }
    if ending(path) == "inter" && header.iter().any(|column| column == "x_label") {
        return Ok(Ok(found(Layout::Ready)));
    }
    match columns::find(&header, &reading.columns) {
        Ok(_) => Ok(Ok(Found { separator, ..found(Layout::Table) })),
        Err(missing) => match published(path, &header)? {
            Some(found) => Ok(Ok(found)),
            None => Ok(Err(why(&missing, &header))),
        },
    }
}

/// Folders that are the parts of a split, such as `train`, `validation` and `test`, each with files of one layout; nothing where a folder has no
/// such folders.
fn split_folders(dir: &Path, reading: &Reading) -> Result<Option<Result<Found, String>>, FormatError> {
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
        let files = found.files.iter().map(|(path, _)| (path.clone(), Some(part)));
        match &mut all {
            None => all = Some(Found { files: files.collect(), ..found }),
            Some(all) if all.is_like(&found) => {
                all.files.extend(files);
                all.notes.extend(found.notes);
            }
            Some(_) => return Ok(Some(Err(format!("{} of another layout", path.display())))),
        }
    }
    Ok(all.map(Ok))
}

/// All files of a folder, in the order of their paths, as one table.
fn look_into(dir: &Path, reading: &Reading) -> Result<Result<Found, String>, FormatError> {
    if let Some(found) = split_folders(dir, reading)? {
        return Ok(found);
    }
    look_at(dir, vec![dir.to_owned()], reading)
}

/// All files of some folders in a folder, in the order of their paths, as one table.
fn look_at(dir: &Path, mut folders: Vec<PathBuf>, reading: &Reading) -> Result<Result<Found, String>, FormatError> {
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
    paths.sort();
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
    for path in tables {
        let found = match look(&path, reading)? {
            Ok(found) => found,
            Err(why) => return Ok(Err(format!("{} ({why})", path.display()))),
        };
        match &mut all {
            None => all = Some(found),
            Some(all) if all.is_like(&found) => all.files.extend(found.files),
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
    let names: Vec<String> = found.files.iter().map(|(path, _)| name_of(path)).collect();
    if !partitions.is_empty() {
        let text = either(
            partitions.len(),
            "column stands in the names of folders alone and is not read",
            "columns stand in the names of folders alone and are not read",
        );
        found.notes.push(Note::new(Kind::Ignored, "partitions-not-read", partitions.len(), text).with(&partitions));
    }
    if names.len() > 1 {
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
        "without {missing}; its first line, which must name the columns (or say them by --columns user,item,...): {}",
        Excerpt::of(&header.join(", "))
    )
}

/// A published file without a header, known by its name or by what it holds: MovieLens's, Amazon's ratings of any year.
fn published(path: &Path, first: &[String]) -> Result<Option<Found>, FormatError> {
    let name = name_of(unpacked(path));
    let columns = |names: [&str; 4]| Some(names.map(str::to_owned).to_vec());
    let found = |what: &str, header, separator: &str| {
        let text = format!("file has no header: its columns are those of {what}");
        let notes = vec![Note::new(Kind::Guessed, "columns-of-a-published-file", 1u64, text).with([name.clone()])];
        Found { header, separator: Some(separator.to_owned()), notes, ..Found::one(Layout::Table, path) }
    };
    let users_first = ["user_id", "item_id", "rating", "timestamp"];
    if first.len() != 4 || first[2].trim().parse::<f32>().is_err() || first[3].trim().parse::<i64>().is_err() {
        return Ok(None);
    }
    match name.as_str() {
        "u.data" => return Ok(Some(found("MovieLens 100K (user, item, rating, time)", columns(users_first), "\t"))),
        "ratings.dat" => {
            return Ok(Some(found("MovieLens 1M and 10M (user, item, rating, time)", columns(users_first), "::")));
        }
        _ => {}
    }
    let (mut records, _) = Records::open_as(path, true, None, false)?;
    let (mut lines, mut users, mut items) = (0, 0, 0);
    while let Some((_, fields)) = records.next()?.filter(|_| lines < 1000) {
        let is_item = |place: usize| fields.get(place).is_some_and(is_asin);
        lines += 1;
        users += usize::from(!is_item(0) && is_item(1));
        items += usize::from(is_item(0) && !is_item(1));
    }
    Ok(if users == lines {
        Some(found("Amazon's ratings of 2014 and 2023 (user, item, rating, time)", columns(users_first), ","))
    } else if items == lines {
        let header = columns(["item_id", "user_id", "rating", "timestamp"]);
        Some(found("Amazon's ratings of 2018 (item, user, rating, time)", header, ","))
    } else {
        // Both could be items: who guesses here may swap users and items.
        None
    })
}

/// Whether a name could be an item of Amazon: ten capitals and digits.
fn is_asin(name: &str) -> bool {
    name.len() == 10 && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}
