//! Writes a user's rows to a ready folder.
//!
//! Rows go through the [pipeline](crate::pipeline) of all preparations; features are brought into the order of the items that are left. What was
//! written is loaded back by what trains on it before it gets its name: a folder that is there can be trained on.

use super::error::OwnError;
use super::features::judge;
use super::folder::Foreign;
use crate::anchor::fallback;
use crate::core;
use crate::pipeline::{indexed_size, reduce, write_split};
use crate::raw::metadata::ItemText;
use crate::ready::{ItemId, ReadyFolder};
use crate::split::Rule;
use crate::steps::{Log, Size, Step};
use anchorrec_data::note::either;
use anchorrec_data::{Modality, grouped};
use anchorrec_files::counted;
use anchorrec_formats::features::TextTable;
use anchorrec_formats::{FormatError, Kind, Layout, Note, file_error};
use ndarray::Array2;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

/// What to make.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The folder, which is not there or was prepared before.
    pub out: PathBuf,
    /// The data set's name.
    pub name: String,
    /// Users and items with fewer pairs are left out, until none has; 0 and 1 keep all.
    pub k: usize,
    /// How to split.
    pub split: Rule,
    /// Whether items with features and without interactions are candidates of the ranking.
    pub keep_new_items: bool,
    /// Whether every note is an error.
    pub strict: bool,
}

/// What was made.
#[derive(Clone, Debug, Serialize)]
pub struct Prepared {
    /// The name.
    pub name: String,
    /// The layout of the files that were read.
    pub from: Layout,
    /// The rule of the split, in words.
    pub split: String,
    /// The k of the core.
    pub k: usize,
    /// Users, items, interactions of all splits before users without a training row left.
    pub size: Size,
    /// Rows in training, validation, test.
    pub splits: [usize; 3],
    /// Features.
    pub features: Vec<Made>,
    /// Step by step.
    pub steps: Vec<Step>,
    /// What is unusual about the result.
    pub notes: Vec<Note>,
}

/// Features of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Made {
    /// The kind of features.
    pub modality: Modality,
    /// Numbers per item.
    pub width: usize,
    /// Items that have the mean of the others; all are in the folder's list.
    pub missing: usize,
}

/// Reads the name of a data set, which becomes the name of files and folders.
///
/// # Errors
/// When it cannot be one: what was expected.
pub fn name(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    if !text.is_empty() && !text.starts_with('.') && text.chars().all(plain) {
        Ok(text.to_owned())
    } else {
        Err("expected letters, digits, -, _ and ., not beginning with a .".to_owned())
    }
}

/// Makes a ready folder; `watch` sees every step when it is done.
///
/// # Errors
/// When rows are wrong, nothing is left, there are no times to split by, or the folder cannot be written or trained on. Then there is no new
/// folder, and an old one is as it was.
pub fn prepare(foreign: Foreign, plan: &Plan, watch: &mut dyn FnMut(&Step)) -> Result<Prepared, OwnError> {
    let Foreign { mut source, features, texts, notes: said, allow_missing, titles, images } = foreign;
    let path = &source.path.clone();
    if source.wrong > 0 {
        let found = counted(source.wrong, "wrong row", "wrong rows") + "; check-data lists them";
        return Err(file_error(path, "no wrong row", found).into());
    }
    if plan.split == Rule::Given && source.events.parts.len() != source.events.rows.len() {
        let found = format!("{} of {} rows with one", source.events.parts.len(), source.events.rows.len());
        return Err(file_error(
            path,
            "a split in the data: a column x_label or split, or files train, valid, test",
            found,
        )
        .into());
    }
    if plan.split.needs_times() && (!source.timed || source.untimed > 0) {
        return Err(file_error(path, "a column of times, to split by time (--time-column names one, --rows-in-time-order takes the order of rows)", "none").into());
    }
    if plan.split == Rule::LeaveOneOut && source.timed && source.untimed > 0 {
        let expected = "a time in every file or in none, to leave the last row out";
        let found = format!("{} without one", counted(source.untimed, "row", "rows"));
        return Err(file_error(path, expected, found).into());
    }
    if matches!(plan.split, Rule::Dates { .. }) && source.has_own_clock() {
        let found = "numbers of a clock of their own (--split user-time and global-time take their order)";
        return Err(file_error(path, "times that are dates, to split by dates", found).into());
    }
    let folder = ReadyFolder::start(&plan.out, &plan.name, ItemId::ItemId)?;
    let mut notes = source.notes();
    notes.extend(said);
    let left = folder.left_over()?;
    if !left.is_empty() {
        let text = either(
            left.len(),
            "folder beside the new one is left of an interrupted preparation: delete it if none is still running",
            "folders beside the new one are left of interrupted preparations: delete them if none is still running",
        );
        let names = left.iter().map(|path| path.file_name().unwrap_or_default().to_string_lossy());
        notes.push(Note::new(Kind::Ignored, "left-over-folders", left.len(), text).with(names));
    }
    if plan.split != Rule::Given && !source.events.parts.is_empty() {
        let text = "rows say themselves whether they are training, validation or test, which was not taken";
        notes.push(Note::new(Kind::Ignored, "split-not-taken", source.events.parts.len(), text));
    }
    if plan.split == Rule::LeaveOneOut && !source.timed {
        let text = "rows have no times: the last of a user are the last in the order of the file";
        notes.push(Note::new(Kind::Guessed, "order-is-time", source.events.rows.len(), text));
    }
    let mut log = Log::new(watch);
    let read = core::size(&source.events);
    log.add("rows", read, 0, "users and items as they are called in the file".to_owned());
    if source.left_out.all() > 0 {
        let why = source.left_out.to_string() + ": no positives";
        log.add("positives", read, source.left_out.all(), why);
    }
    // Features of items that a k-core drops are no fault of theirs.
    let known: Vec<String> =
        (0..source.events.items.len() as u32).map(|item| source.events.items.name(item).to_owned()).collect();
    let known: HashSet<&str> = known.iter().map(String::as_str).collect();
    let (mut events, repeats) = reduce(source.take_events(), plan.k, &mut log);
    notes.extend(repeats);
    let size = indexed_size(&events);
    if size.interactions == 0 {
        let expected = format!("users and items with at least {}", counted(plan.k, "pair", "pairs"));
        return Err(file_error(path, expected, "none: choose a smaller --k-core").into());
    }
    let items: Vec<&str> = (0..events.items.len() as u32).map(|item| events.items.name(item)).collect();
    let mut unknown = Vec::new();
    for of_items in &features {
        let known = |id: &str| known.contains(id) || plan.keep_new_items;
        let (coverage, more) = judge(of_items, &items, &known, allow_missing, true)?;
        // With new items among the others, another share of them has a row: that is said below.
        notes.extend(more.into_iter().filter(|_| !plan.keep_new_items));
        unknown.extend(coverage.unknown.into_iter().map(|row| &of_items.ids[row]));
    }
    if plan.keep_new_items {
        let before = events.items.len();
        for id in unknown {
            events.items.number(id);
        }
        let new = events.items.len() - before;
        let names = (before as u32..events.items.len() as u32).map(|item| events.items.name(item));
        log.add(
            "new items",
            Size { items: events.items.len(), ..size },
            0,
            format!("{} with features and without a row", grouped(new)),
        );
        if new > 0 {
            let text = either(
                new,
                "item has features and no interaction: it is a candidate of the ranking",
                "items have features and no interaction: they are candidates of the ranking",
            );
            notes.push(Note::new(Kind::Odd, "new-items", new, text).with(names));
        }
        let items: Vec<&str> = (0..events.items.len() as u32).map(|item| events.items.name(item)).collect();
        for of_items in &features {
            notes.extend(judge(of_items, &items, &|_| true, allow_missing, true)?.1);
        }
    }
    let splits = write_split(&folder, &events, plan.split, &mut log)?;
    if splits.tied_users > 0 {
        let text = either(
            splits.tied_users,
            "user has rows of one time of which one is left out: the order of rows decides which",
            "users have rows of one time of which one is left out: the order of rows decides which",
        );
        notes.push(Note::new(Kind::Guessed, "ties-at-borders", splits.tied_users, text));
    }
    let splits = splits.sizes();
    let items: Vec<&str> = (0..events.items.len() as u32).map(|item| events.items.name(item)).collect();
    let of_items = item_texts(&items, &titles, texts.as_ref());
    if of_items.iter().any(Option::is_some) {
        folder.items(&events, &of_items)?;
    }
    let of_items: Vec<Option<&str>> = items.iter().map(|item| images.get(*item).map(String::as_str)).collect();
    folder.images(&of_items)?;
    if let Some(texts) = &texts {
        let encoded = features.iter().any(|features| features.modality == Modality::Text);
        notes.extend(texts_note(texts, &items, encoded)?);
    }
    let mut made = Vec::new();
    let mut matrices: [Option<Array2<f32>>; 3] = [None, None, None];
    for (modality, matrix) in Modality::ALL.into_iter().zip(&mut matrices) {
        let Some(of_items) = features.iter().find(|features| features.modality == modality) else { continue };
        let matched = of_items.matched(items.iter().copied());
        let missing: Vec<u32> = matched.missing.iter().map(|&item| item as u32).collect();
        folder.features(modality, matched.matrix.view())?;
        folder.missing(modality, &events.items, &missing)?;
        made.push(Made { modality, width: matched.matrix.ncols(), missing: missing.len() });
        *matrix = Some(matched.matrix);
    }
    let [mm, text, vision] = &matrices;
    if mm.is_none()
        && let Some((mm, note)) = fallback(text.as_ref(), vision.as_ref())
    {
        folder.features(Modality::Mm, mm.view())?;
        notes.push(Note::new(Kind::Filled, "anchor-made", 0u64, note));
        made.insert(0, Made { modality: Modality::Mm, width: mm.ncols(), missing: 0 });
    }
    // What was made is written, and is read again: it need not be there twice.
    drop((matrices, events));

    let dataset = folder.load()?;
    dataset.check_sampler()?;
    notes.extend(dataset.notes());
    if plan.strict {
        let strict: Vec<Note> = notes.iter().filter(|note| note.is_strict()).cloned().collect();
        if !strict.is_empty() {
            return Err(OwnError::Strict(strict));
        }
    }
    folder.notes(&notes)?;
    let prepared = Prepared {
        name: plan.name.clone(),
        from: source.layout,
        split: plan.split.to_string(),
        k: plan.k,
        size,
        splits,
        features: made,
        steps: log.into_steps(),
        notes,
    };
    folder.finish(&prepared)?;
    Ok(prepared)
}

/// The texts of items: titles, and what was named as text.
fn item_texts(items: &[&str], titles: &HashMap<String, String>, texts: Option<&TextTable>) -> Vec<Option<ItemText>> {
    let texts: HashMap<&str, &String> =
        texts.map(|table| table.ids.iter().map(String::as_str).zip(&table.texts).collect()).unwrap_or_default();
    let of = |item: &&str| {
        let (title, text) = (titles.get(*item), texts.get(*item));
        let nothing = ItemText::default();
        match (title, text) {
            (None, None) => None,
            // What an encoder reads is what was named.
            (_, Some(text)) => Some(ItemText { title: Some((*text).clone()), ..nothing }),
            (Some(title), None) => Some(ItemText { title: Some(title.clone()), ..nothing }),
        }
    };
    items.iter().map(of).collect()
}

/// What is said of texts that did not become features: how many items have one.
fn texts_note(texts: &TextTable, items: &[&str], encoded: bool) -> Result<Option<Note>, FormatError> {
    let ids: HashSet<&str> = texts.ids.iter().map(String::as_str).collect();
    let with = items.iter().filter(|item| ids.contains(*item)).count();
    if with == 0 {
        let expected = format!("texts of the items of the data in the column {:?}", texts.column);
        return Err(file_error(&texts.path, expected, "none of them"));
    }
    let text = format!(
        "of {} items have a text in the column {:?} of {}: items_text.jsonl holds them, --text-model DIR (or anchorrec encode-text) makes \
         text features of them",
        grouped(items.len()),
        texts.column,
        texts.path.display()
    );
    Ok((!encoded).then(|| Note::new(Kind::Missing, "texts-not-encoded", with, text)))
}
