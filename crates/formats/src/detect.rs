//! Which layout a folder has, and which of its files are read.

use crate::columns;
use crate::error::{FormatError, file_error, io_error};
use crate::features::is_sidecar;
use crate::folder::{files, in_order, is_part_name, is_partition};
use crate::found::Found;
use crate::layout::Layout;
use crate::look::{look, look_at, look_into, split_folders};
use crate::name::{ending, is_table, name_of};
use crate::open::unpacked;
use crate::part::Part;
use crate::published::lists;
use crate::reading::Reading;
use crate::together::{check_siblings, together};
use anchorrec_data::note::{Kind, Note};
use anchorrec_files::with_causes;
use std::fs;
use std::path::{Path, PathBuf};

/// Looks at the names of a folder's files, then at their headers; or at the file or folder that the caller named.
///
/// # Errors
/// When no file fits, saying what was looked for and why each file does not fit; when several do that are not one table.
pub fn detect(dir: &Path, named: Option<&Path>, reading: &Reading) -> Result<Found, FormatError> {
    if let Some(header) = &reading.header {
        columns::find(header, &reading.columns)
            .map_err(|missing| file_error(named.unwrap_or(dir), format!("{missing} in --columns"), header.join(",")))?;
    }
    if let Some(path) = named {
        return look(path, reading)?.map_err(|why| file_error(path, "a file of interactions", why));
    }
    let mut found = choose(dir, reading)?;
    let is_read = |path: &PathBuf| found.files.iter().any(|file| file.path.starts_with(path));
    // Texts and objects are as often something else as a table.
    let is_table = |path: &PathBuf| {
        let is_titles = found.layout == Layout::Mind && name_of(path) == "news.tsv";
        !["txt", "json"].contains(&ending(path).as_str()) && !is_titles
    };
    found.others = candidates(dir)?.into_iter().filter(|path| !is_read(path) && is_table(path)).collect();
    if found.files.iter().any(|file| name_of(&file.path) == "u.data") {
        // MovieLens 100K calls its other tables and its splits by endings of its own.
        let is_its = |path: &PathBuf| {
            ["base", "test", "item", "user", "genre", "info", "occupation"].contains(&ending(path).as_str())
        };
        found.others.extend(files(dir)?.into_iter().filter(is_its));
    }
    // What comes with the interactions in some layouts, and says nothing that is used.
    let beside = |path: &PathBuf| match found.layout {
        Layout::RecBole => ["user", "kg", "link", "net"].contains(&ending(path).as_str()),
        Layout::Adjacency => ["user_list.txt", "item_list.txt"].contains(&name_of(path).as_str()),
        _ => false,
    };
    let beside: Vec<PathBuf> = files(dir)?.into_iter().filter(beside).collect();
    found.others.extend(beside);
    Ok(found)
}

/// Looks at the names of a folder's files, then at their headers.
fn choose(dir: &Path, reading: &Reading) -> Result<Found, FormatError> {
    if reading.header.is_none()
        && let Some(lists) = lists(dir)?
    {
        return Ok(lists);
    }
    let (mut fitting, mut unfit, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for path in candidates(dir)? {
        let name = name_of(&path);
        match look(&path, reading) {
            Ok(Ok(found)) => fitting.push((name, found)),
            Ok(Err(why)) => unfit.push((name, why)),
            // An `.inter` file cannot be anything else, so what is wrong with it is the answer.
            Err(error) if ending(&path) == "inter" => return Err(error),
            Err(error) => unfit.push((name, with_causes(&error))),
        }
    }
    check_siblings(dir, &fitting, &unfit)?;
    others.extend(unfit.iter().map(|(name, why)| format!("{name} ({why})")));
    let trees: Vec<PathBuf> = folders(dir)?.into_iter().filter(|path| is_partition(path)).collect();
    if let Some(first) = trees.first() {
        let name = name_of(first);
        match look_at(dir, trees, reading)? {
            Ok(found) => fitting.push((name, found)),
            Err(why) => others.push(why),
        }
    }
    if let Some(found) = together(&fitting) {
        return Ok(found);
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
            if lists(&path)?.is_some() {
                others.push(format!("{name} (a folder with lists of users: give it as the data folder)"));
                continue;
            }
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
    if let Some(found) = together(&fitting) {
        return Ok(found);
    }
    match fitting.len() {
        0 => {
            others.extend(files(dir)?.iter().filter_map(|path| Some(format!("{} ({})", name_of(path), way(path)?))));
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
            let is_part = |name: &String| {
                unpacked(Path::new(name)).file_stem().and_then(|stem| Part::of_stem(stem.to_str()?)).is_some()
            };
            let way = match names.iter().any(is_part) {
                true => "; the parts of one split in a folder of their own are read as that split",
                false => "",
            };
            let expected = format!(
                "one file of interactions (choose one with --interactions, or a folder of files that are one table{way})"
            );
            Err(file_error(dir, expected, names.join(", ")))
        }
    }
}

/// What would turn a file that is not read here into a table.
fn way(path: &Path) -> Option<&'static str> {
    Some(match ending(path).as_str() {
        "zip" | "7z" | "rar" | "tar" | "tgz" | "bz2" | "xz" => "packed in a way that is not read: unpack it",
        "xlsx" | "xls" | "ods" => "a spreadsheet: save it as CSV",
        "feather" | "arrow" | "avro" | "orc" | "pkl" | "pickle" | "h5" | "hdf5" | "mat" | "sqlite" | "db" => {
            "not read: write it as Parquet or CSV"
        }
        _ => return None,
    })
}

/// What may hold interactions: files by their endings, folders that are called as a file would be.
fn candidates(dir: &Path) -> Result<Vec<PathBuf>, FormatError> {
    let mut all = files(dir)?;
    all.extend(folders(dir)?.into_iter().filter(|path| is_candidate(path)));
    in_order(&mut all);
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
    in_order(&mut all);
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
