//! Several files of a folder as one table.

use crate::error::{FormatError, file_error};
use crate::folder::by_number;
use crate::found::Found;
use crate::layout::Layout;
use crate::name::ending;
use crate::open::unpacked;
use crate::part::Part;
use anchorrec_data::note::{Kind, Note};
use std::path::Path;

/// Several files as one table: the parts of a split, or pieces whose names differ in their digits.
pub(crate) fn together(fitting: &[(String, Found)]) -> Option<Found> {
    let first = &fitting.first()?.1;
    if fitting.len() < 2 || first.layout == Layout::Ready || !fitting.iter().all(|(_, found)| found.is_like(first)) {
        return None;
    }
    if let Some(found) = split(fitting) {
        return Some(found);
    }
    let kind = begin(&fitting.first()?.0);
    if kind.0.is_empty() || !fitting.iter().all(|(name, found)| begin(name) == kind && found.is_alike(first)) {
        return None;
    }
    let mut found = all(fitting.iter().map(|(_, found)| found.clone()))?;
    let names = fitting.iter().map(|(name, _)| name);
    let text = "files, whose names differ in their numbers, are read as one table";
    found.notes.push(Note::new(Kind::Guessed, "files-are-one-table", fitting.len(), text).with(names));
    Some(found)
}

/// What the names of the pieces of one job have in common: a hash in one has letters too, so it is how they begin, and their ending.
fn begin(name: &str) -> (String, String) {
    let begin = name.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default().to_owned();
    (begin, ending(Path::new(name)))
}

/// The part that a file's name says, and the name without it; pieces of a part, as `train-00000-of-00002`, have none.
fn part(name: &str) -> Option<(String, Part)> {
    let stem = unpacked(Path::new(name)).file_stem()?.to_str()?.to_owned();
    let (base, part) = Part::of_stem(&stem)?;
    let is_piece = |base: &str| {
        let numbers = base.split_once("-of-").or_else(|| base.split_once("_of_"));
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        numbers.is_some_and(|(one, all)| is_number(one) && is_number(all))
    };
    Some((if is_piece(base) { String::new() } else { base.to_owned() }, part))
}

/// The parts that the names of some files say, each once, and the names that say none.
pub(crate) fn parts_of<'a>(names: &[&'a str]) -> (Vec<Part>, Vec<&'a str>) {
    let mut parts: Vec<Part> = names.iter().filter_map(|name| Some(part(name)?.1)).collect();
    parts.sort();
    parts.dedup();
    (parts, names.iter().copied().filter(|name| part(name).is_none()).collect())
}

/// Whether a file is a piece of a part.
fn is_piece(name: &str) -> bool {
    name.contains("-of-") || name.contains("_of_")
}

/// The parts of a split, of any layouts that have columns; a file that is called as they are without their parts is the whole, and is not read.
pub(crate) fn split(fitting: &[(String, Found)]) -> Option<Found> {
    let mut parts: Vec<(Part, &str, &Found)> = Vec::new();
    let mut bases: Vec<String> = Vec::new();
    let mut others: Vec<&str> = Vec::new();
    for (name, found) in fitting {
        match part(name) {
            Some((base, part)) => {
                parts.push((part, name, found));
                bases.push(base);
            }
            None => others.push(name),
        }
    }
    parts.sort_by(|one, other| one.0.cmp(&other.0).then_with(|| by_number(one.1, other.1)));
    let is_twice = parts.windows(2).any(|two| two[0].0 == two[1].0 && !(is_piece(two[0].1) && is_piece(two[1].1)));
    let base = bases.first()?;
    let kinds = parts.windows(2).filter(|two| two[0].0 != two[1].0).count() + 1;
    if is_twice || kinds < 2 || parts.first()?.0 != Part::Train || bases.iter().any(|other| other != base) {
        return None;
    }
    let stem = |name: &str| unpacked(Path::new(name)).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if base.is_empty() && !others.is_empty() || others.iter().any(|name| stem(name) != *base) {
        return None;
    }
    let mut found = all(parts.iter().map(|(part, _, found)| (*found).clone().of_part(*part)))?;
    if !others.is_empty() {
        let names: Vec<&str> = parts.iter().map(|(_, name, _)| *name).collect();
        let text =
            format!("is not read beside its split {} (--interactions takes it in their place)", names.join(", "));
        found.notes.push(Note::new(Kind::Ignored, "whole-beside-its-split", 0u64, others.join(", ") + " " + &text));
    }
    Some(found)
}

/// Some files one after the other.
fn all(mut files: impl Iterator<Item = Found>) -> Option<Found> {
    let mut all = files.next()?;
    for found in files {
        all.files.extend(found.files);
        all.notes.extend(found.notes);
    }
    Some(all)
}

/// Refuses files that cannot be read beside those that can and are called as they are: pieces of one table, parts of one split.
pub(crate) fn check_siblings(
    dir: &Path,
    fitting: &[(String, Found)],
    others: &[(String, String)],
) -> Result<(), FormatError> {
    let is_sibling = |one: &str, other: &str| match (part(one), part(other)) {
        (Some((base, part)), Some((other, of_other))) => base == other && part != of_other,
        (None, None) => {
            let letters = |name: &str| name.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
            letters(one) == letters(other) || one.starts_with("part-") && other.starts_with("part-")
        }
        _ => false,
    };
    for (name, why) in others {
        if let Some((fits, _)) = fitting.iter().find(|(fits, _)| is_sibling(fits, name)) {
            let expected = format!("{name} to be a table like {fits} (--interactions chooses one of them)");
            return Err(file_error(dir, expected, why));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str]) -> Option<String> {
        let layout = |name: &str| if name.ends_with("parquet") { Layout::Parquet } else { Layout::Table };
        let fitting: Vec<(String, Found)> =
            names.iter().map(|name| ((*name).to_owned(), Found::one(layout(name), Path::new(name)))).collect();
        let found = together(&fitting)?;
        let file = |file: &crate::FoundFile| {
            let part = file.part.map_or(String::new(), |part| format!(":{part:?}"));
            file.path.display().to_string() + &part
        };
        let codes: Vec<&str> = found.notes.iter().map(|note| &*note.code).collect();
        Some(found.files.iter().map(file).collect::<Vec<_>>().join(" ") + " " + &codes.join(" "))
    }

    #[test]
    fn parts_of_a_split_are_known_by_their_names() {
        for (names, want) in [
            (&["test.parquet", "train.csv"][..], "train.csv:Train test.parquet:Test "),
            (
                &["toys_test.csv", "toys_train.csv", "toys_val.csv"],
                "toys_train.csv:Train toys_val.csv:Valid toys_test.csv:Test ",
            ),
            (&["test_toys.csv", "train_toys.csv"], "train_toys.csv:Train test_toys.csv:Test "),
            (
                &["test-00000-of-00001.parquet", "train-00000-of-00002.parquet", "train-00001-of-00002.parquet"],
                "train-00000-of-00002.parquet:Train train-00001-of-00002.parquet:Train test-00000-of-00001.parquet:Test ",
            ),
            (&["a.csv", "a.test.csv", "a.train.csv"], "a.train.csv:Train a.test.csv:Test whole-beside-its-split"),
            (&["w_1.csv", "w_2.csv"], "w_1.csv w_2.csv files-are-one-table"),
        ] {
            assert_eq!(of(names).as_deref(), Some(want), "{names:?}");
        }
        for names in [
            // Two splits; two folds; a whole of another name; no training part; one part alone; another ending.
            &["a_test.csv", "a_train.csv", "b_test.csv", "b_train.csv"][..],
            &["test_1.csv", "test_2.csv", "train_1.csv", "train_2.csv"],
            &["b.csv", "a.test.csv", "a.train.csv"],
            &["all.csv", "test.csv", "train.csv"],
            &["test.csv", "valid.csv"],
            &["w_1.csv", "w_2.parquet"],
            &["clicks.csv", "views.csv"],
        ] {
            assert_eq!(of(names), None, "{names:?}");
        }
    }
}
