//! Items similar to given items. Items without features of their own are neither compared nor shown.

use crate::candidates::never;
use crate::error::RetrievalError;
use crate::filled::filled;
use crate::retriever::List;
use crate::similar::{modality_of, similar};
use anchorrec_data::note::{Kind, Note, either};
use anchorrec_data::{Dataset, Modality};
use anchorrec_files::few;
use ndarray::Array2;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Where the items were named, for messages: an option, an argument.
    pub place: &'a str,
    /// The items.
    pub items: &'a [u32],
    /// The name of the space.
    pub space: &'a str,
    /// The length of each list.
    pub top: usize,
}

/// Finds the items most similar to each of some by their positions in a space, `[I, D]`; with what is left out of every list.
///
/// # Errors
/// When the features behind the space are not an item's own, or an item has no direction there.
///
/// # Panics
/// When an item is not in `positions`.
pub fn compared(
    dataset: &Dataset,
    positions: &Array2<f32>,
    asked: &Asked,
) -> Result<(Vec<List>, Option<Note>), RetrievalError> {
    let Asked { place, items, space, top } = *asked;
    let kind = modality_of(space);
    let filled = kind.map_or(Ok(Vec::new()), |kind| filled(dataset, kind))?;
    let shown = |items: Vec<u32>| {
        let names: Vec<String> = items.iter().map(|&item| dataset.item_name(item)).collect();
        few(&names, names.len())
    };
    let mut note = None;
    if let Some(kind) = kind.filter(|_| !filled.is_empty()) {
        let file = dataset.dir.join(kind.missing_file());
        let without: Vec<u32> = items.iter().copied().filter(|item| filled.binary_search(item).is_ok()).collect();
        if !without.is_empty() {
            let (place, space, shown) = (place.to_owned(), space.to_owned(), shown(without));
            return Err(RetrievalError::NoFeatures { place, kind, shown, space, file });
        }
        note = Some(without_features(dataset, kind, filled.len(), "in no list"));
    }
    let mut never = never(dataset, None, &[])?;
    never.extend(filled);
    never.sort_unstable();
    never.dedup();
    let lists = similar(positions, items, top, &never);
    let nowhere: Vec<u32> =
        items.iter().zip(&lists).filter(|(_, list)| list.is_empty()).map(|(&item, _)| item).collect();
    if nowhere.is_empty() {
        return Ok((lists, note));
    }
    let (place, space, shown) = (place.to_owned(), space.to_owned(), shown(nowhere));
    Err(RetrievalError::NoDirection { place, shown, space })
}

/// Returns the note that `count` items have no features of a kind, and `are` therefore: `in no list`, `not exported`.
pub fn without_features(dataset: &Dataset, kind: Modality, count: usize, are: &str) -> Note {
    let text = format!(
        "{} no {kind} features of {} own ({}) and {} {are}",
        either(count, "item has", "items have"),
        either(count, "its", "their"),
        dataset.dir.join(kind.missing_file()).display(),
        either(count, "is", "are")
    );
    Note::new(Kind::Filled, "items-without-features", count, text)
}
