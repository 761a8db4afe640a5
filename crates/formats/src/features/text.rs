//! Features in a table of text: CSV, TSV, or with `;`, `|` or blanks; with a header or without; RecBole's `.item`.
//!
//! A column of numbers is a number, a column of lists of numbers a vector, as in Parquet. Without a header the first column is the items' ids, or,
//! where a file of ids is beside it, all columns are numbers. The first line of word2vec's text format, which counts rows and numbers, is
//! passed over.

use super::asked::Asked;
use super::choose::{Choice, Column, Holds};
use super::content::Content;
use super::faults::Faults;
use super::parts::Parts;
use super::rows::{Rows, Vector};
use super::texts::Texts;
use super::{sidecar, values};
use crate::error::{FormatError, Place, file_error, row_error};
use crate::records::Records;
use crate::{Kind, Note, columns as names, open};
use anchorrec_files::Excerpt;
use anchorrec_files::lines::Lines;
use std::path::Path;

/// Rows that are looked at to tell what a column holds.
const LOOKED_AT: usize = 100;
/// Bytes of the longest line.
const LONGEST: usize = 1 << 20;

/// How a file is written.
struct Dialect {
    separator: Option<&'static str>,
    quotes: bool,
    /// Lines to pass over.
    skipped: usize,
    /// Names of the columns; of a file without a header they are made up.
    header: Vec<String>,
    has_header: bool,
    /// Whether the header is one because its fields count from 0 alone, as a data frame's do: it could be a row.
    is_numbered: bool,
    /// Whether the first rows hold whole numbers alone.
    whole: bool,
    /// Types, where the header has them: RecBole's `float_seq`.
    types: Option<Vec<String>>,
    columns: Vec<Column>,
    /// Whether ids are in a file beside it.
    beside: bool,
}

/// Looks at the columns alone.
pub(super) fn look(path: &Path) -> Result<Vec<Column>, FormatError> {
    let Dialect { mut columns, beside, .. } = dialect(path, &Asked::file(path))?;
    if let Some(first) = columns.first_mut().filter(|_| beside) {
        // It is a number like the others.
        first.name = "column 0".to_owned();
    }
    Ok(columns)
}

/// Reads what was asked for, or what can only be meant.
pub(super) fn read(path: &Path, asked: &Asked, parts: &mut Parts) -> Result<Content, FormatError> {
    let dialect = dialect(path, asked)?;
    let columns = &dialect.columns;
    let mut way = None;
    let (choice, item, mut notes, held) = if dialect.beside {
        let all = parts.every_column(path, columns).map_err(|(expected, found)| file_error(path, expected, found))?;
        (all, None, Vec::new(), format!("{} columns", columns.len()))
    } else {
        let chosen =
            parts.choose(path, columns, asked).map_err(|(expected, found)| file_error(path, expected, found))?;
        let held = chosen.held(columns);
        way = chosen.way(path, columns, asked);
        (chosen.choice, Some(chosen.item), chosen.notes, held)
    };
    if !dialect.has_header {
        let what =
            if dialect.beside { "all its columns are numbers" } else { "its first column is taken as the items' ids" };
        let text = format!("{} has no header: {what}", path.display());
        notes.push(Note::new(Kind::Guessed, "features-without-header", 0u64, text));
    }
    if dialect.is_numbered && !dialect.beside {
        let first = Excerpt::of(&dialect.header[0]).to_string();
        if dialect.whole {
            let expected = "a first line that is either a header or a row";
            let found = format!(
                "{first} and the numbers from 0 to {}, above rows of whole numbers: write item_id in its place if it is a header, or a header \
                 (item_id, 0, 1, ...) above it if it is a row",
                columns.len() - 2
            );
            return Err(row_error(path, Place::Line(1), expected, found));
        }
        let text = format!("first line of {} is taken as a header, since its fields count from 0", path.display());
        notes.push(Note::new(Kind::Guessed, "numbers-as-header", 1u64, text).with([&dialect.header[0]]));
    }
    if dialect.skipped > 0 {
        let text = format!("the first line of {} counts rows and numbers and is passed over", path.display());
        notes.push(Note::new(Kind::Guessed, "word2vec-header", 0u64, text));
    }
    let beside = if dialect.beside { Some(sidecar::read(path)?) } else { None };
    let mut all = dialect.records(path)?;
    let mut lengths = Faults::default();
    let mut fits = |fields: usize, line: u64| {
        if fields != columns.len() {
            lengths.add(Place::Line(line), || fields.to_string());
        }
        fields == columns.len()
    };
    let expected = format!("{} fields as in the first line", columns.len());
    let help = "a field with a separator or a line end in it needs quotation marks";
    if let Choice::Text(place) = choice {
        let mut texts = Texts::new(path, true, &columns[place].name);
        while let Some((line, fields)) = all.next()? {
            if fits(fields.len(), line) {
                texts.push(line, item.and_then(|item| fields.get(item)), fields.get(place));
            }
        }
        lengths.check(path, &expected, help)?;
        return texts.finish(notes).map(Content::Texts);
    }
    let mut rows = Rows::new(path, true, held);
    rows.way = way;
    rows.header = (dialect.is_numbered && !dialect.beside).then(|| dialect.header[0].clone());
    let wide: Vec<String> = match &choice {
        Choice::Nothing(texts) => return Ok(Content::Nothing(texts.clone())),
        Choice::Wide(places) => places.iter().map(|&place| columns[place].name.clone()).collect(),
        _ => Vec::new(),
    };
    let (mut vector, mut row) = (Vec::new(), 0);
    let mut cells = Faults::default();
    let mut cut_short = false;
    let mut wrong = |column: usize, line: u64, found: &str| {
        cut_short |= found == "...";
        cells.add(Place::Line(line), || format!("{} in the column {:?}", Excerpt::of(found), columns[column].name));
    };
    while let Some((line, fields)) = all.next()? {
        if !fits(fields.len(), line) {
            continue;
        }
        let id = match (&beside, item) {
            (Some((ids, _)), _) => ids.get(row).map(String::as_str),
            (None, Some(item)) => fields.get(item),
            (None, None) => None,
        };
        row += 1;
        if let (Some((ids, _)), None) = (&beside, id) {
            let found = format!("{} in {}", ids.len(), sidecar::name(path));
            return Err(row_error(path, Place::Line(line), "an id for each row", found));
        }
        vector.clear();
        match &choice {
            Choice::Vector(place) => {
                let text = &fields[*place];
                if values::is_absent(text) {
                    rows.push(line, id, Vector::Absent("an empty field"), None);
                    continue;
                }
                if let Err(word) = values::numbers(text, &mut vector) {
                    wrong(*place, line, &word);
                    continue;
                }
            }
            Choice::Wide(places) => {
                let bad = places.iter().find(|&&place| values::number(&fields[place]).is_none());
                if let Some(&place) = bad {
                    wrong(place, line, &fields[place]);
                    continue;
                }
                vector.extend(places.iter().map(|&place| values::number(&fields[place]).flatten().unwrap_or(f32::NAN)));
                if vector.iter().all(|x| x.is_nan()) {
                    rows.push(line, id, Vector::Absent("nothing in every column"), None);
                    continue;
                }
            }
            Choice::Text(_) | Choice::Nothing(_) => {}
        }
        let names = if wide.is_empty() { None } else { Some(&wide[..]) };
        rows.push(line, id, Vector::Numbers(&vector), names);
    }
    lengths.check(path, &expected, help)?;
    let help = match cut_short {
        true => "numpy left numbers out when it wrote them as text: write lists (.tolist()), or Parquet",
        false => "leave those rows out, or write nothing where there is no number",
    };
    cells.check(path, "numbers", help)?;
    if let Some((ids, more)) = beside {
        if ids.len() != row {
            return Err(file_error(path, format!("{row} ids, one per row"), format!("{} ids", ids.len())));
        }
        notes.extend(more);
    }
    rows.notes = notes;
    rows.finish().map(Content::Vectors)
}

impl Dialect {
    /// The records after the header.
    fn records(&self, path: &Path) -> Result<Records, FormatError> {
        let (mut records, _) =
            Records::open_as(path, self.quotes, self.separator, self.has_header || self.skipped > 0)?;
        for _ in 1..self.skipped + usize::from(self.has_header) {
            records.next()?;
        }
        Ok(records)
    }
}

/// How a file is written, by its first lines.
fn dialect(path: &Path, asked: &Asked) -> Result<Dialect, FormatError> {
    let is_item = crate::extension(path) == "item";
    let mut lines = Lines::new(open::text(path)?, LONGEST);
    let mut line = || {
        lines
            .next()
            .map(|line| line.map(|(_, text)| text.trim_end().to_owned()))
            .map_err(|error| FormatError::lines(path, error))
    };
    let first = line()?.unwrap_or_default();
    let blanks = !["\t", ",", ";", "|", "::"].iter().any(|separator| first.contains(separator)) && first.contains(' ');
    let separator = blanks.then_some(" ");
    let quotes = !is_item && !blanks;
    let cut = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let counts = cut(&first);
    let counted = blanks && counts.len() == 2 && counts.iter().all(|count| count.parse::<usize>().is_ok());
    let width = counts.get(1).and_then(|count| count.parse::<usize>().ok());
    let skipped = usize::from(
        counted && line()?.is_some_and(|second| width.is_some_and(|width| cut(&second).len() == width + 1)),
    );
    let mut dialect = Dialect {
        separator,
        quotes,
        skipped,
        header: Vec::new(),
        has_header: false,
        is_numbered: false,
        whole: false,
        types: None,
        columns: Vec::new(),
        beside: false,
    };
    let mut records = dialect.records(path)?;
    // Without a header, the first record is one like the others.
    let first: Vec<String> = match (skipped, records.next()?) {
        (_, Some((_, fields))) => fields.iter().map(str::to_owned).collect(),
        (_, None) => return Err(file_error(path, "rows of numbers", "an empty file")),
    };
    if is_item {
        dialect.types =
            Some(first.iter().map(|name| name.split_once(':').map_or("", |(_, kind)| kind).to_owned()).collect());
    }
    let is_named = is_item || (skipped == 0 && is_header(&first, asked));
    dialect.is_numbered = !is_named && skipped == 0 && is_numbered(&first);
    dialect.has_header = is_named || dialect.is_numbered;
    dialect.header = match dialect.has_header {
        true if is_item => first.iter().map(|name| name.split(':').next().unwrap_or_default().to_owned()).collect(),
        true => first.clone(),
        false => {
            (0..first.len()).map(|place| if place == 0 { "id".to_owned() } else { format!("column {place}") }).collect()
        }
    };
    let mut cells: Vec<Vec<String>> = vec![Vec::new(); first.len()];
    let mut take = |fields: &mut dyn Iterator<Item = &str>| {
        cells.iter_mut().zip(fields).for_each(|(cells, field)| cells.push(field.to_owned()));
    };
    if !dialect.has_header {
        take(&mut first.iter().map(String::as_str));
    }
    let mut rows = 0;
    while let Some((_, fields)) = records.next()?.filter(|_| rows < LOOKED_AT) {
        take(&mut fields.iter());
        rows += 1;
    }
    if dialect.has_header && rows == 0 {
        return Err(file_error(path, "rows after the header", "none"));
    }
    let kinds: Vec<Option<&str>> = match &dialect.types {
        Some(types) => types.iter().map(|kind| Some(kind.as_str())).collect(),
        None => vec![None; first.len()],
    };
    let columns = dialect.header.iter().zip(&cells).zip(kinds);
    let columns = columns.map(|((name, cells), kind)| column(name, cells, kind)).collect::<Vec<_>>();
    let is_whole = |cell: &String| values::is_absent(cell) || cell.trim().parse::<i64>().is_ok();
    dialect.whole = cells.iter().skip(1).flatten().all(is_whole);
    let all_numbers = columns.iter().all(|column| column.holds == Holds::Number);
    let known = |name: &String| name == "id" || names::ITEM.contains(&name.to_lowercase().replace('_', "").as_str());
    let ids_inside = dialect.has_header && dialect.header.iter().any(known);
    dialect.beside = !is_item && all_numbers && !ids_inside && asked.column.is_none() && sidecar::is_there(path);
    dialect.columns = columns;
    Ok(dialect)
}

/// What a column's first cells hold, or what its type says.
fn column(name: &str, cells: &[String], kind: Option<&str>) -> Column {
    let there = || cells.iter().filter(|cell| !values::is_absent(cell));
    let most = |fits: &dyn Fn(&str) -> bool| 2 * there().filter(|cell| fits(cell)).count() > there().count();
    let (holds, kind) = match kind {
        Some("float_seq") => (Holds::Vector, "float_seq"),
        Some("float") => (Holds::Number, "float"),
        Some(_) => (Holds::Text, "token"),
        None if there().next().is_none() => (Holds::Text, "nothing"),
        // What most cells are; one that is not is told when it is read.
        None if most(&|cell| values::number(cell).is_some()) => (Holds::Number, "numbers"),
        None if most(&|cell| values::is_vector(cell)) => (Holds::Vector, "lists of numbers"),
        None => (Holds::Text, "text"),
    };
    Column { name: name.to_owned(), holds, kind: kind.to_owned() }
}

/// Whether a first line is that of a data frame, which numbers its columns from 0.
fn is_numbered(first: &[String]) -> bool {
    let counts = first.iter().skip(1).enumerate().all(|(place, field)| field.parse() == Ok(place));
    counts && first.len() > 2 && first.first().is_some_and(|field| field.trim().parse::<f32>().is_err())
}

/// Whether a first line names columns.
fn is_header(first: &[String], asked: &Asked) -> bool {
    let known: Vec<&str> = names::ITEM.iter().copied().chain(Some("id")).collect();
    let named = asked.item_column.as_ref().is_some_and(|name| first.contains(name));
    let item = names::place(first, &None, &known, "--item-column").map_or(true, |place| place.is_some());
    let is_number = |field: &String| field.trim().parse::<f32>().is_ok();
    named
        || item
        || first.first().is_some_and(String::is_empty)
        || !first.iter().skip(1).any(|field| is_number(field) || values::is_vector(field))
}
