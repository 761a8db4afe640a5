//! Which layout a folder has, and which of its files are read.

use crate::columns;
use crate::error::{FormatError, file_error, io_error};
use crate::folder::files;
use crate::found::Found;
use crate::layout::Layout;
use crate::open::{self, unpacked};
use crate::part::Part;
use crate::reading::Reading;
use crate::records::Records;
use crate::{adjacency, parquet, recbole};
use anchorrec_data::note::{Kind, Note};
use anchorrec_files::Excerpt;
use std::fs;
use std::io::BufRead;
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
            Err(error) => others.push(format!("{name} ({error})")),
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
                "one <name>.inter, or one .csv, .tsv or .parquet with a column of users (user_id, user, ...) and one of items \
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
    for entry in fs::read_dir(dir).map_err(io_error(dir, "list"))? {
        let path = entry.map_err(io_error(dir, "list"))?.path();
        if path.is_dir() && ["parquet", "pq", "csv", "tsv"].contains(&ending(&path).as_str()) {
            all.push(path);
        }
    }
    all.sort();
    let is_table = |path: &PathBuf| ["inter", "csv", "tsv", "txt", "parquet", "pq"].contains(&ending(path).as_str());
    let is_published = |path: &PathBuf| path.file_name().is_some_and(|name| name == "u.data" || name == "ratings.dat");
    all.retain(|path| is_table(path) || is_published(path));
    Ok(all)
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
        if layout == Layout::Adjacency {
            let mut first = Vec::new();
            let read = open::text(train)?.take_line(&mut first);
            read.map_err(io_error(train, "read"))?;
            if !adjacency::fits(&String::from_utf8_lossy(&first)) {
                continue;
            }
        }
        return Ok(Some(Found { layout, files: there, header: None, separator: None, notes: Vec::new() }));
    }
    Ok(None)
}

/// The beginning of a file up to its first line's end, at most 1 MiB.
trait TakeLine {
    fn take_line(self, line: &mut Vec<u8>) -> std::io::Result<usize>;
}

impl<R: BufRead> TakeLine for R {
    fn take_line(self, line: &mut Vec<u8>) -> std::io::Result<usize> {
        std::io::Read::take(self, 1 << 20).read_until(b'\n', line)
    }
}

/// Several files as one table: the parts of a split, or pieces whose names differ in their digits.
fn together(fitting: &[(String, Found)]) -> Option<Found> {
    let first = &fitting.first()?.1;
    let alike = |found: &Found| {
        found.layout == first.layout
            && found.layout != Layout::Ready
            && found.header == first.header
            && found.separator == first.separator
    };
    if !fitting.iter().all(|(_, found)| alike(found)) {
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
    if ["parquet", "pq"].contains(&ending(path).as_str()) {
        let header = parquet::header(path)?;
        let places = columns::find(&header, &reading.columns);
        return Ok(places.map(|_| found(Layout::Parquet)).map_err(|missing| why(&missing, &header)));
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

/// All files of a folder, in the order of their paths, as one table.
fn look_into(dir: &Path, reading: &Reading) -> Result<Result<Found, String>, FormatError> {
    let mut all: Option<Found> = None;
    let (mut folders, mut paths) = (vec![dir.to_owned()], Vec::new());
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
    for path in paths {
        let found = match look(&path, reading)? {
            Ok(found) => found,
            Err(why) => return Ok(Err(format!("{} ({why})", path.display()))),
        };
        match &mut all {
            None => all = Some(found),
            Some(all) if all.layout == found.layout && all.header == found.header => all.files.extend(found.files),
            Some(_) => {
                return Ok(Err(format!("{}, which has another layout than the files before it", path.display())));
            }
        }
    }
    let Some(mut found) = all else { return Ok(Err("no file in the folder".to_owned())) };
    let names: Vec<String> = found.files.iter().map(|(path, _)| name_of(path)).collect();
    let text = format!("files of the folder {} are read as one table", name_of(dir));
    found.notes.push(Note::new(Kind::Merged, "folder-is-one-table", names.len(), text).with(names));
    Ok(Ok(found))
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
