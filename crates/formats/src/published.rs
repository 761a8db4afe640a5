//! Published data sets whose files say nothing of themselves: known by their names, or by what they hold.

use crate::error::FormatError;
use crate::found::{Found, FoundFile};
use crate::layout::Layout;
use crate::name::{first_line, name_of};
use crate::open::unpacked;
use crate::part::Part;
use crate::records::Records;
use crate::{adjacency, json_lines};
use anchorrec_data::note::{Kind, Note};
use std::path::{Path, PathBuf};

/// LightGCN's or LATTICE's files.
pub(crate) fn lists(dir: &Path) -> Result<Option<Found>, FormatError> {
    let parts = [("train", Part::Train), ("valid", Part::Valid), ("val", Part::Valid), ("test", Part::Test)];
    for (ending, layout) in [("txt", Layout::Adjacency), ("json", Layout::Lattice)] {
        let there = parts.iter().map(|(name, part)| (dir.join(format!("{name}.{ending}")), Some(*part)));
        let there: Vec<_> = there.filter(|(path, _)| path.is_file()).collect();
        let (Some((train, Some(Part::Train))), Some((_, Some(Part::Test)))) = (there.first(), there.last()) else {
            continue;
        };
        let first = first_line(train)?;
        // A split of objects, a line each or in a list, may have the names of LATTICE's files.
        let is_list = first.trim_start().starts_with('[');
        let fits =
            if layout == Layout::Adjacency { adjacency::fits(&first) } else { !is_list && !json_lines::fits(&first) };
        if !fits {
            continue;
        }
        let file =
            |(path, part): (PathBuf, Option<Part>)| FoundFile { path, layout, part, header: None, separator: None };
        let mut notes = Vec::new();
        if layout == Layout::Adjacency {
            let names = there.iter().map(|(path, _)| name_of(path));
            let text = "files have no header: each line is a user and its items, as in LightGCN's lists";
            notes.push(Note::new(Kind::Guessed, "columns-of-a-published-file", there.len(), text).with(names));
        }
        return Ok(Some(Found { layout, files: there.into_iter().map(file).collect(), others: Vec::new(), notes }));
    }
    Ok(None)
}

/// A published file without a header, known by its name or by what it holds: MovieLens's, Amazon's ratings of any year.
pub(crate) fn published(path: &Path, first: &[String]) -> Result<Option<Found>, FormatError> {
    let name = name_of(unpacked(path));
    let columns = |names: [&str; 4]| Some(names.map(str::to_owned).to_vec());
    let found = |what: &str, header, separator: &str| {
        let text = format!("file has no header: its columns are those of {what}");
        let notes = vec![Note::new(Kind::Guessed, "columns-of-a-published-file", 1u64, text).with([name.clone()])];
        Found { notes, ..Found::one(Layout::Table, path) }.with(header, Some(separator.to_owned()))
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
        let is = |place: usize, kind: fn(&str) -> bool| fields.get(place).is_some_and(kind);
        lines += 1;
        users += usize::from(is(0, is_reviewer) && is(1, is_asin));
        items += usize::from(is(0, is_asin) && is(1, is_reviewer));
    }
    Ok(if users == lines {
        Some(found("Amazon's ratings of 2014 and 2023 (user, item, rating, time)", columns(users_first), ","))
    } else if items == lines {
        let header = columns(["item_id", "user_id", "rating", "timestamp"]);
        Some(found("Amazon's ratings of 2018 (item, user, rating, time)", header, ","))
    } else {
        // Both could be items, or neither is Amazon's: who guesses here may swap users and items.
        None
    })
}

/// Whether a name could be an item of Amazon: ten capitals and digits. Ten digits, or nine and an X, are a book by its ISBN, whose last sign checks the
/// others: other ids of ten digits are no books.
fn is_asin(name: &str) -> bool {
    if name.len() != 10 || !name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
        return false;
    }
    let (digits, last) = name.split_at(9);
    if !digits.bytes().all(|b| b.is_ascii_digit()) || !(last == "X" || last.as_bytes()[0].is_ascii_digit()) {
        return true;
    }
    let value = |b: u8| if b == b'X' { 10 } else { u32::from(b - b'0') };
    name.bytes().zip((1..=10).rev()).map(|(b, weight)| value(b) * weight).sum::<u32>() % 11 == 0
}

/// Whether a name could be a user of Amazon: an A and 10 to 21 capitals and digits behind it, or 27 as in 2023, where a number may follow (`_1`).
fn is_reviewer(name: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let name = name.rsplit_once('_').filter(|(_, number)| is_number(number)).map_or(name, |(name, _)| name);
    let Some(rest) = name.strip_prefix('A') else { return false };
    (matches!(rest.len(), 10..=21 | 27)) && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}
