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
use anchorrec_data::{Modality, few, grouped};
use anchorrec_formats::{Layout, file_error};
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
    pub notes: Vec<String>,
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
    if !matches!(plan.split, Rule::Random { .. }) && !source.timed {
        return Err(file_error(path, "a column of times, to split by time", "none").into());
    }
    let folder = ReadyFolder::start(&plan.out, &plan.name, ItemId::ItemId)?;
    let mut notes = source.notes();
    let mut log = Log::new(watch);
    log.add("rows", core::size(&source.events), 0, "users and items as they are called in the file".to_owned());
    let events = reduce(source.events, plan.k, &mut log);
    let size = core::size(&events);
    if size.interactions == 0 {
        let expected = format!("users and items with at least {} pairs", plan.k);
        return Err(file_error(path, expected, "none: choose a smaller --k-core").into());
    }
    let splits = write_split(&folder, &events, plan.split, &mut log)?;

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
        notes.push(note);
        made.insert(0, Made { modality: Modality::Mm, width: mm.ncols(), missing: 0 });
    }
    drop(matrices);

    let dataset = folder.load()?;
    dataset.sampler(0)?;
    notes.extend(dataset.notes());
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

fn missing_note(modality: Modality, items: &Names, missing: &[u32]) -> Option<String> {
    let names = few(missing.iter().map(|&item| items.name(item)), missing.len());
    let file = missing_file(modality);
    (!missing.is_empty()).then(|| {
        format!(
            "{} items without {modality} features have the mean of the others: {names} ({file} has all)",
            grouped(missing.len())
        )
    })
}
