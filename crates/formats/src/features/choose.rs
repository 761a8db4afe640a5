//! Which columns of a table are the items' ids and their vectors, or texts.
//!
//! **Ids.** The column that was named; else the likeliest known name (`item_id`, `item`, ..., `id`); else the only name that ends with `id`;
//! else an index that a data frame left behind; else the only column of texts. The last three are guesses and said.
//!
//! **Vectors.** What was asked for. Else the only column of vectors, where no numbered columns (`emb_0`, `emb_1`, ...) are beside it; else
//! numbered columns of one name, where no other number is beside them and nothing else between them. Anything else could be meant otherwise
//! and is asked.

use super::asked::Asked;
use super::image_addresses::has_image_addresses;
use super::said::counted;
use crate::columns::{self, ITEM, PANDAS_INDEX};
use crate::{Kind, Note};
use anchorrec_files::few;
use anchorrec_files::shown::one_line;
use std::path::Path;

/// Columns that an error names.
const MOST: usize = 20;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// A number.
    Number,
    /// A vector.
    Vector,
    /// Text that is no vector.
    Text,
    /// Something else.
    Other,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) holds: Holds,
    /// The column's type as a person reads it: `lists of DOUBLE`.
    pub(super) kind: String,
}

/// What is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// A column of vectors.
    Vector(usize),
    /// Columns of numbers.
    Wide(Vec<usize>),
    /// A column of texts.
    Text(usize),
    /// No column has numbers; these columns hold texts.
    Nothing(Vec<String>),
}

/// What was chosen.
#[derive(Clone, Debug)]
pub(super) struct Chosen {
    pub(super) choice: Choice,
    /// The column of ids.
    pub(super) item: usize,
    pub(super) notes: Vec<Note>,
}

impl Choice {
    /// The places of the columns that are read.
    pub(super) fn places(&self) -> &[usize] {
        match self {
            Choice::Vector(place) | Choice::Text(place) => std::slice::from_ref(place),
            Choice::Wide(places) => places,
            Choice::Nothing(_) => &[],
        }
    }

    /// What those columns hold.
    pub(super) fn holds(&self) -> Holds {
        match self {
            Choice::Vector(_) => Holds::Vector,
            Choice::Wide(_) => Holds::Number,
            Choice::Text(_) => Holds::Text,
            Choice::Nothing(_) => Holds::Other,
        }
    }
}

impl Chosen {
    /// What is asked for where the column that was taken is no vector: a column of texts beside it.
    pub(super) fn way(&self, path: &Path, columns: &[Column], asked: &Asked) -> Option<String> {
        let (Choice::Vector(_), None) = (&self.choice, &asked.column) else { return None };
        let text = (0..columns.len()).find(|&place| place != self.item && columns[place].holds == Holds::Text)?;
        let path = asked.whole.as_deref().unwrap_or(path);
        Some(format!("--text {}:{} takes the texts instead", path.display(), columns[text].name))
    }

    /// The container of the vectors.
    pub(super) fn held(&self, columns: &[Column]) -> String {
        match &self.choice {
            Choice::Vector(place) | Choice::Text(place) => format!("the column {:?}", columns[*place].name),
            Choice::Wide(places) => format!("{} columns", places.len()),
            Choice::Nothing(_) => "no column".to_owned(),
        }
    }
}

/// Chooses, or says what was expected and what is there.
pub(super) fn choose(path: &Path, columns: &[Column], asked: &Asked) -> Result<Chosen, (String, String)> {
    let mut notes = Vec::new();
    let whole = asked.whole.as_deref().unwrap_or(path);
    let item = item(whole, columns, asked, &mut notes)?;
    let choice = match &asked.column {
        Some(column) => named(columns, item, column)?,
        None => unnamed(whole, columns, item)?,
    };
    notes.extend(said(path, columns, asked, item, &choice));
    Ok(Chosen { choice, item, notes })
}

/// What is said of a choice: which columns are the vector where nobody named them, and which are not read.
pub(super) fn said(path: &Path, columns: &[Column], asked: &Asked, item: usize, choice: &Choice) -> Vec<Note> {
    let path = asked.whole.as_deref().unwrap_or(path);
    let taken = choice.places();
    let mut notes = Vec::new();
    if taken.is_empty() {
        return notes;
    }
    if let (Choice::Wide(places), None) = (choice, &asked.column) {
        let words = "columns of {} are taken as the vector of each item";
        let names = places.iter().map(|&place| &columns[place].name);
        notes.push(counted(Kind::Guessed, "wide-columns", path, places.len(), [words; 2]).with(names));
    }
    let left: Vec<&str> = (0..columns.len())
        .filter(|place| *place != item && !taken.contains(place))
        // For whoever shows items.
        .filter(|&place| columns[place].holds != Holds::Text || !has_image_addresses(&columns[place].name))
        .map(|place| shown(&columns[place].name))
        .collect();
    if !left.is_empty() {
        let words = ["column of {} is not read", "columns of {} are not read"];
        notes.push(counted(Kind::Ignored, "feature-columns-not-read", path, left.len(), words).with(left));
    }
    notes
}

/// Every column with its type; numbered ones of one beginning together: `emb_0 to emb_15 (FLOAT)`.
pub(super) fn all(columns: &[Column]) -> String {
    let begin = |column: &Column| column.name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let alike = |a: &Column, b: &Column| {
        a.kind == b.kind && begin(a) < a.name.len() && a.name[..begin(a)] == b.name[..begin(b)]
    };
    let runs: Vec<String> = columns
        .chunk_by(alike)
        .map(|run| match run {
            [first, .., last] => format!("{} to {} ({})", first.name, last.name, first.kind),
            [one] => format!("{} ({})", shown(&one.name), one.kind),
            [] => String::new(),
        })
        .collect();
    let more = if runs.len() > MOST { format!(" and {} more", runs.len() - MOST) } else { String::new() };
    let runs: Vec<String> = runs.iter().take(MOST).map(|run| one_line(run)).collect();
    format!("the columns {}{more}", runs.join(", "))
}

/// A name as it is shown.
fn shown(name: &str) -> &str {
    if name.is_empty() { "(without a name)" } else { name }
}

/// The column of ids.
fn item(path: &Path, columns: &[Column], asked: &Asked, notes: &mut Vec<Note>) -> Result<usize, (String, String)> {
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    if let Some(place) = asked.item_column.as_ref().and_then(|name| names.iter().position(|known| known == name)) {
        return Ok(place);
    }
    let known: Vec<&str> = ITEM.iter().copied().chain(Some("id")).collect();
    if let Some(place) =
        columns::place(&names, &None, &known, "--item-column").map_err(|expected| (expected, all(columns)))?
    {
        return Ok(place);
    }
    let mut guess = |place: usize, why: &str| {
        let text =
            format!("column of {} is taken as the items' ids, {why} (--item-column names another)", path.display());
        notes.push(Note::new(Kind::Guessed, "item-column", 1u64, text).with([shown(&names[place])]));
        place
    };
    let plain = |place: &usize| matches!(columns[*place].holds, Holds::Number | Holds::Text | Holds::Other);
    let ends = |place: &usize| names[*place].to_lowercase().trim_end_matches(['_', '-', ' ']).ends_with("id");
    let ends: Vec<usize> = (0..names.len()).filter(plain).filter(ends).collect();
    if let [place] = ends[..] {
        return Ok(guess(place, "by the end of its name"));
    }
    let index = [PANDAS_INDEX, "", "Unnamed: 0"];
    let index = |name: &String| index.contains(&name.as_str());
    let texts: Vec<usize> = (0..names.len()).filter(|&place| columns[place].holds == Holds::Text).collect();
    match (ends.is_empty(), names.iter().position(index), &texts[..]) {
        (true, Some(place), _) => Ok(guess(place, "an index without a name")),
        (true, None, [place]) => Ok(guess(*place, "the only column of texts")),
        _ => Err(("a column of item ids (item_id, item, id, ..., or named by --item-column)".to_owned(), all(columns))),
    }
}

/// The columns of vectors, or what numbered columns are called, and the columns of texts that are no ids.
pub(super) fn kinds(columns: &[Column]) -> (Vec<String>, Vec<String>) {
    let item = item(Path::new(""), columns, &Asked::default(), &mut Vec::new()).ok();
    let of =
        |holds: Holds| (0..columns.len()).filter(move |&place| Some(place) != item && columns[place].holds == holds);
    let name = |place: usize| columns[place].name.clone();
    let families = families(columns, &of(Holds::Number).collect::<Vec<_>>());
    let wide = families.into_iter().map(|(begin, _)| format!("{begin}*"));
    (of(Holds::Vector).map(name).chain(wide).collect(), of(Holds::Text).map(name).collect())
}

/// The columns that were asked for.
fn named(columns: &[Column], item: usize, asked: &str) -> Result<Choice, (String, String)> {
    let places = |fits: &dyn Fn(&Column) -> bool| -> Vec<usize> {
        (0..columns.len()).filter(|&place| place != item && fits(&columns[place])).collect()
    };
    let found = places(&|column| column.name == asked);
    if let [place] = found[..] {
        return match columns[place].holds {
            Holds::Vector => Ok(Choice::Vector(place)),
            Holds::Number => Ok(Choice::Wide(vec![place])),
            Holds::Text => Ok(Choice::Text(place)),
            Holds::Other => Err((
                format!("vectors, numbers or texts in the column {asked:?}"),
                format!("{}: write it as a list of floats", columns[place].kind),
            )),
        };
    }
    let unknown = |name: &str| (format!("the column {name:?}"), all(columns));
    let mut wide = Vec::new();
    for name in asked.split(',').map(str::trim) {
        let digits = places(&|column| is_number(&column.name) && column.holds == Holds::Number);
        let numbers = match name.strip_suffix('*') {
            // A price beside columns that are called 0, 1, 2 has another name than they.
            Some("") if digits.len() > 1 => digits,
            Some(begin) => places(&|column| column.name.starts_with(begin) && column.holds == Holds::Number),
            None => places(&|column| column.name == name),
        };
        match numbers[..] {
            [] => return Err(unknown(name)),
            [place] if columns[place].holds != Holds::Number => {
                let expected = "columns of numbers where several are named".to_owned();
                return Err((expected, format!("{} ({})", columns[place].name, columns[place].kind)));
            }
            _ => wide.extend(numbers.into_iter().filter(|place| !wide.contains(place)).collect::<Vec<_>>()),
        }
    }
    Ok(Choice::Wide(wide))
}

/// The columns that can only be meant.
fn unnamed(path: &Path, columns: &[Column], item: usize) -> Result<Choice, (String, String)> {
    let is_index = |name: &str| [PANDAS_INDEX, "", "Unnamed: 0", "index"].contains(&name);
    let of = |holds: Holds| -> Vec<usize> {
        let fits = |place: &usize| *place != item && columns[*place].holds == holds && !is_index(&columns[*place].name);
        (0..columns.len()).filter(fits).collect()
    };
    let (vectors, numbers, texts) = (of(Holds::Vector), of(Holds::Number), of(Holds::Text));
    let families = families(columns, &numbers);
    let others = of(Holds::Other);
    let bytes = others.iter().any(|&place| columns[place].kind.starts_with("bytes"));
    let (file, name) = (path.display(), |place: usize| columns[place].name.clone());
    let ask = |expected: &str, choices: Vec<String>| {
        let choices: Vec<String> =
            choices.iter().take(few::SHOWN).map(|choice| one_line(&format!("{file}:{choice}"))).collect();
        let choices = choices.join(", ");
        Err((format!("{expected}; choose by --text, --image or --mm, such as {choices}"), all(columns)))
    };
    let wide = || families.iter().map(|(begin, _)| format!("{begin}*"));
    match (&vectors[..], &families[..]) {
        ([place], []) => Ok(Choice::Vector(*place)),
        ([], [(begin, places)]) if places.len() == numbers.len() => {
            let among = |place: &usize| {
                let column = &columns[*place];
                let number = column.name.strip_prefix(begin.as_str()).is_some_and(is_number);
                let between = places[0] < *place && *place < places[places.len() - 1];
                *place != item && !places.contains(place) && (number || between && !is_index(&column.name))
            };
            let twice = places.windows(2).any(|pair| columns[pair[0]].name == columns[pair[1]].name);
            match (0..columns.len()).find(among) {
                None if !twice => Ok(Choice::Wide(places.clone())),
                None => Err(("another name for each column".to_owned(), all(columns))),
                Some(_) => ask("numbered columns of numbers and nothing else among them", wide().collect()),
            }
        }
        // A table of titles, years and prices is none of features; bytes could be anything.
        ([], []) if (!texts.is_empty() || others.is_empty() && numbers.is_empty()) && !bytes => {
            Ok(Choice::Nothing(texts.iter().map(|&place| name(place)).collect()))
        }
        ([], []) if numbers.is_empty() => {
            Err(("a column of lists of floats, or numbered columns of numbers".to_owned(), all(columns)))
        }
        ([], []) => {
            let names: Vec<String> = numbers.iter().map(|&place| name(place)).collect();
            ask("vectors: a column of lists, or numbered columns such as emb_0, emb_1", vec![names.join(",")])
        }
        ([], _) => ask("numbered columns of one name and no other number beside them", wide().collect()),
        _ => ask("one column of vectors", vectors.iter().map(|&place| name(place)).chain(wide()).collect()),
    }
}

/// Whether the end of a name is a number: `7` of `emb_7`.
fn is_number(end: &str) -> bool {
    !end.is_empty() && end.bytes().all(|b| b.is_ascii_digit())
}

/// Columns of numbers whose names differ in the number at their end: at least two of each beginning.
fn families(columns: &[Column], numbers: &[usize]) -> Vec<(String, Vec<usize>)> {
    let mut families: Vec<(String, Vec<usize>)> = Vec::new();
    for &place in numbers {
        let name = &columns[place].name;
        let begin = name.trim_end_matches(|c: char| c.is_ascii_digit());
        if begin.len() == name.len() {
            continue;
        }
        match families.iter_mut().find(|(known, _)| known == begin) {
            Some((_, places)) => places.push(place),
            None => families.push((begin.to_owned(), vec![place])),
        }
    }
    families.retain(|(_, places)| places.len() > 1);
    families
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> Vec<Column> {
        let of = |name: &&str| {
            let (holds, name) = match name.split_at(1) {
                ("#", name) => (Holds::Number, name),
                ("[", name) => (Holds::Vector, name),
                ("?", name) => (Holds::Other, name),
                (_, _) => (Holds::Text, *name),
            };
            Column { name: name.to_owned(), holds, kind: "kind".to_owned() }
        };
        names.iter().map(of).collect()
    }

    fn chosen(names: &[&str], column: Option<&str>) -> Result<(Choice, String), String> {
        let asked = Asked { column: column.map(str::to_owned), ..Asked::default() };
        let chosen = choose(Path::new("f"), &columns(names), &asked);
        let chosen = chosen.map_err(|(expected, found)| format!("expected {expected}, found {found}"))?;
        let notes: Vec<String> = chosen.notes.iter().map(ToString::to_string).collect();
        Ok((chosen.choice, notes.join("; ")))
    }

    #[test]
    fn one_shape_is_taken_and_said() {
        let (choice, notes) = chosen(&["item_id", "#e0", "#e1", "#e2"], None).unwrap();
        assert_eq!(choice, Choice::Wide(vec![1, 2, 3]));
        assert_eq!(notes, "3 columns of f are taken as the vector of each item (e0, e1, e2)");
        let (choice, notes) = chosen(&["item_id", "#price", "[emb", "title"], None).unwrap();
        assert_eq!((choice, &notes[..]), (Choice::Vector(2), "2 columns of f are not read (price, title)"));
        // Columns that have numbers for names, beside the index that pandas leaves behind.
        assert_eq!(chosen(&["#", "item", "#0", "#1"], None).unwrap().0, Choice::Wide(vec![2, 3]));
        let texts = Choice::Nothing(vec!["title".to_owned()]);
        assert_eq!(chosen(&["id", "title"], None).unwrap().0, texts);
        assert_eq!(chosen(&["id", "title", "#price", "?day"], None).unwrap().0, texts);
    }

    #[test]
    fn what_could_be_meant_otherwise_is_asked() {
        for (names, choices) in [
            (&["item_id", "#emb_0", "#emb_1", "#price"][..], "f:emb_*"),
            (&["item_id", "#a0", "#a1", "#b0", "#b1"], "f:a*, f:b*"),
            (&["item_id", "#e0", "#e1", "[prices"], "f:prices, f:e*"),
            (&["item_id", "[a", "[b"], "f:a, f:b"),
            (&["item_id", "#price", "#stars"], "f:price,stars"),
            (&["item_id", "#price", "?emb"], "f:price"),
            // Something else among the numbers: is it one of them, or do they belong together at all?
            (&["item_id", "#f0", "#f1", "label", "#f2"], "f:f*"),
            (&["item_id", "#f0", "?day", "#f1"], "f:f*"),
            (&["item_id", "#f0", "#f1", "f2"], "f:f*"),
            (&["f0", "#f1", "#f2", "item_id"], "f:f*"),
        ] {
            let said = chosen(names, None).unwrap_err();
            assert!(said.contains(choices) && said.contains("--text") && said.contains("(kind)"), "{said}");
        }
        let said = chosen(&["item_id", "#emb_0", "#emb_1", "#emb_2", "#price"], None).unwrap_err();
        assert!(said.ends_with("found the columns item_id (kind), emb_0 to emb_2 (kind), price (kind)"), "{said}");
        assert!(chosen(&["item_id", "?emb"], None).unwrap_err().contains("emb (kind)"));
        // Beside them it is said, and an index or the ids may stand anywhere.
        let (choice, notes) = chosen(&["title", "#f0", "item_id", "Unnamed: 0", "#f1", "?day"], None).unwrap();
        assert_eq!(choice, Choice::Wide(vec![1, 4]));
        assert!(notes.ends_with("3 columns of f are not read (title, Unnamed: 0, day)"), "{notes}");
        assert!(chosen(&["item_id", "#f0", "#f0"], None).unwrap_err().contains("another name for each column"));
        let mut blob = columns(&["item_id", "?emb", "title"]);
        blob[1].kind = "bytes".to_owned();
        assert!(choose(Path::new("f"), &blob, &Asked::default()).unwrap_err().1.contains("emb (bytes)"));
    }

    #[test]
    fn what_is_asked_for_is_taken() {
        let names = ["item_id", "#e0", "#e1", "#price", "[emb", "title", "?blob"];
        for (asked, want) in [
            ("e*", Choice::Wide(vec![1, 2])),
            ("e0, price", Choice::Wide(vec![1, 3])),
            ("*", Choice::Wide(vec![1, 2, 3])),
            ("e*,price", Choice::Wide(vec![1, 2, 3])),
            ("emb", Choice::Vector(4)),
            ("title", Choice::Text(5)),
        ] {
            assert_eq!(chosen(&names, Some(asked)).unwrap().0, want, "{asked}");
        }
        // Names that are numbers are those of the vector, as the question about them says.
        let numbered = ["item_id", "#0", "#1", "#2", "#price", "title"];
        assert!(chosen(&numbered, None).unwrap_err().contains("such as f:*"));
        let (choice, notes) = chosen(&numbered, Some("*")).unwrap();
        assert_eq!(choice, Choice::Wide(vec![1, 2, 3]));
        assert_eq!(notes, "2 columns of f are not read (price, title)");
        for (asked, said) in [("blob", "list of floats"), ("x", "the column \"x\""), ("e0,title", "columns of numbers")]
        {
            assert!(chosen(&names, Some(asked)).unwrap_err().contains(said), "{asked}");
        }
    }

    #[test]
    fn ids_are_known_named_or_guessed() {
        let of = |names: &[&str], item_column: Option<&str>| {
            let asked = Asked { item_column: item_column.map(str::to_owned), ..Asked::default() };
            choose(Path::new("f"), &columns(names), &asked).map(|chosen| (chosen.item, chosen.notes.len()))
        };
        assert_eq!(of(&["[e", "item", "item_id"], None).unwrap(), (2, 1));
        assert_eq!(of(&["[e", "article"], Some("article")).unwrap(), (1, 0));
        // Said of the interactions, and not of this file.
        assert_eq!(of(&["[e", "item_id"], Some("article")).unwrap(), (1, 0));
        assert_eq!(of(&["[e", "thing_id"], None).unwrap(), (1, 1));
        assert_eq!(of(&["#0", "#1", "#__index_level_0__"], None).unwrap(), (2, 2));
        assert_eq!(of(&["code", "#0", "#1"], None).unwrap(), (0, 2));
        assert!(of(&["[e", "a", "b"], None).is_err());
        assert!(of(&["[e", "a_id", "b_id"], None).unwrap_err().0.contains("--item-column"));
    }
}
