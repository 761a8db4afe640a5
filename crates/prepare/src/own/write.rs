//! Somebody's rows to a ready folder.
//!
//! Rows go through the [pipeline](crate::pipeline) of all preparations; features are brought into the order of the items that are left. What was
//! written is loaded back by what trains on it before it gets its name: a folder that is there can be trained on.

use super::error::OwnError;
use super::folder::Foreign;
use crate::anchor::fallback;
use crate::pipeline::{reduce, write_split};
use crate::raw::metadata::ItemText;
use crate::ready::{ItemId, ReadyFolder, missing_file};
use crate::split::Rule;
use crate::steps::{Log, Size, Step};
use crate::{Names, core};
use anchorrec_data::note::either;
use anchorrec_data::{Modality, grouped};
use anchorrec_formats::{Kind, Layout, Note, file_error};
use ndarray::Array2;
use serde::Serialize;
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
    /// Whether items that have features and no interaction are candidates of the ranking.
    pub keep_new_items: bool,
    /// Whether anything that is not taken as it stands is an error.
    pub strict: bool,
}

/// What was made.
#[derive(Clone, Debug, Serialize)]
pub struct Prepared {
    /// The name.
    pub name: String,
    /// The layout it was made of.
    pub from: Layout,
    /// How it was split.
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
    /// Which.
    pub modality: Modality,
    /// Numbers per item.
    pub width: usize,
    /// Items that have the mean of the others; all are in the folder's [list](missing_file).
    pub missing: usize,
}

/// Makes a ready folder; `watch` sees every step when it is done.
///
/// # Errors
/// When rows are wrong, nothing is left, there are no times to split by, or the folder cannot be written or trained on. Then there is no new
/// folder, and an old one is as it was.
pub fn prepare(foreign: Foreign, plan: &Plan, watch: &mut dyn FnMut(&Step)) -> Result<Prepared, OwnError> {
    let Foreign { source, features, titles } = foreign;
    let path = &source.path;
    if source.wrong > 0 {
        let found = format!("{} wrong rows; check-data lists them", source.wrong);
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
    if plan.split.needs_times() && !source.timed {
        return Err(file_error(path, "a column of times, to split by time (--time-column names one, --rows-in-time-order takes the order of rows)", "none").into());
    }
    let folder = ReadyFolder::start(&plan.out, &plan.name, ItemId::ItemId)?;
    let mut notes = source.notes();
    if plan.split != Rule::Given && !source.events.parts.is_empty() {
        let text = "rows say themselves whether they are training, validation or test, which was not taken";
        notes.push(Note::new(Kind::Ignored, "split-not-taken", source.events.parts.len(), text));
    }
    let mut log = Log::new(watch);
    log.add("rows", core::size(&source.events), 0, "users and items as they are called in the file".to_owned());
    if source.left_out.all() > 0 {
        let why = source.left_out.to_string() + ": no positives";
        log.add("positives", core::size(&source.events), source.left_out.all(), why);
    }
    let mut events = reduce(source.events, plan.k, &mut log);
    let size = core::size(&events);
    if size.interactions == 0 {
        let expected = format!("users and items with at least {} pairs", plan.k);
        return Err(file_error(path, expected, "none: choose a smaller --k-core").into());
    }
    if plan.keep_new_items {
        let before = events.items.len();
        for id in features.iter().flat_map(|features| &features.ids) {
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
    }
    let splits = write_split(&folder, &events, plan.split, &mut log)?;
    if splits.tied_users > 0 {
        let text = either(
            splits.tied_users,
            "user has rows of one time on both sides of a border: the order of rows decides",
            "users have rows of one time on both sides of a border: the order of rows decides",
        );
        notes.push(Note::new(Kind::Guessed, "ties-at-borders", splits.tied_users, text));
    }
    let splits = splits.sizes();
    let items: Vec<&str> = (0..events.items.len() as u32).map(|item| events.items.name(item)).collect();
    if !titles.is_empty() {
        let text =
            |item: &&str| titles.get(*item).map(|title| ItemText { title: Some(title.clone()), ..ItemText::default() });
        folder.items(&events, &items.iter().map(text).collect::<Vec<_>>())?;
    }
    let mut made = Vec::new();
    let mut matrices: [Option<Array2<f32>>; 3] = [None, None, None];
    for (modality, matrix) in Modality::ALL.into_iter().zip(&mut matrices) {
        let Some(of_items) = features.iter().find(|features| features.modality == modality) else { continue };
        let matched = of_items.matched(items.iter().copied());
        let missing: Vec<u32> = matched.missing.iter().map(|&item| item as u32).collect();
        folder.features(modality, matched.matrix.view())?;
        folder.missing(modality, &events.items, &missing)?;
        notes.extend(missing_note(modality, &events.items, &missing));
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
    drop(matrices);

    let dataset = folder.load()?;
    dataset.sampler(0)?;
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

fn missing_note(modality: Modality, items: &Names, missing: &[u32]) -> Option<Note> {
    let file = missing_file(modality);
    let text = format!("items without {modality} features have the mean of the others, {file} has all");
    let names = missing.iter().map(|&item| items.name(item));
    (!missing.is_empty()).then(|| Note::new(Kind::Filled, "features-filled", missing.len(), text).with(names))
}
