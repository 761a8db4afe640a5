//! From the raw public files of an Amazon category of 2014 to a ready data set.
//!
//! ```text
//! ratings -> repeats -> k-core -> index -> counts against the manifest -> split
//!                                   └ metadata -> items.jsonl, items_text.jsonl
//!                                   └ images   -> image_feat.npy ┐
//!                                     text (given, or encoded)   ┴ mm (given, or the anchor of both)
//! ```
//!
//! **Memory.** The raw files are streams. At most the larger of
//!
//! ```text
//! ratings    56 bytes a row of the ratings  +  (100 + its length) bytes a user or item of the ratings
//! features   4 bytes · I · (4096 + text + 2 · mm)  +  the texts of the I kept items  +  24 bytes · (4096 + text)²
//! ```
//!
//! and what an encoder takes, and 64 MiB for buffers, the longest line and the program. (A row is 24 bytes; a growing list has up to twice that, and repeats are looked for with 5 more.)
//! Nothing depends on the size of the metadata and image files. `tests/amazon_memory.rs` measures it.

mod category;
mod sources;

pub use category::category_of;
pub use sources::sources_of;

use crate::anchor::fallback;
use crate::pipeline::{reduce, write_split};
use crate::raw::metadata::ItemText;
use crate::raw::{RawError, images, metadata, ratings};
use crate::ready::{ItemId, ReadyError, ReadyFolder};
use crate::split::Rule;
use crate::steps::{Log, Size, Step};
use crate::{Events, core};
use anchorrec_data::manifest::Counts;
use anchorrec_data::{DataError, Modality, few, grouped, read_npy_f32};
use ndarray::Array2;
use serde::Serialize;
use std::path::PathBuf;

/// What to prepare, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The name of the data set, hence of its `.inter` file.
    pub name: String,
    /// The category as it is in the names of the raw files.
    pub category: String,
    /// The folder of the raw files.
    pub raw: PathBuf,
    /// The ready folder.
    pub out: PathBuf,
    /// How to split.
    pub split: Rule,
    /// Every user and item has at least so many rows.
    pub k: usize,
    /// What must come out of the k-core, where it is known.
    pub counts: Option<Counts>,
    /// Text features, a row for each item in the order of our ids.
    pub text: Option<PathBuf>,
    /// Fused features, a row for each item in the order of our ids.
    pub mm: Option<PathBuf>,
    /// Whether there is metadata.
    pub metadata: bool,
    /// Whether there are images.
    pub images: bool,
}

/// A preparation that did not come to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AmazonError {
    /// A raw file is missing or broken.
    #[error(transparent)]
    Raw(#[from] RawError),
    /// The ready folder cannot be written.
    #[error(transparent)]
    Ready(#[from] ReadyError),
    /// A given feature file cannot be read.
    #[error(transparent)]
    Features(#[from] DataError),
    /// Nothing is left.
    #[error("{path}: expected users and items with at least {k} interactions each, found none: choose a smaller --k", path = path.display())]
    EmptyCore {
        /// The ratings.
        path: PathBuf,
        /// The k of the core.
        k: usize,
    },
    /// Not the published data set.
    #[error("{path}: expected {} users, {} items, {} interactions after the core, found {}, {}, {}: is the file there as a whole and of 2014? To keep it as it is, prepare it under another NAME with --category {category}",
        want.users, want.items, want.interactions, found.users, found.items, found.interactions, path = path.display())]
    Counts {
        /// The ratings.
        path: PathBuf,
        /// What the manifest says.
        want: Counts,
        /// What came out.
        found: Size,
        /// The category as it is in the names of the raw files.
        category: String,
    },
    /// The encoder gave up.
    #[error("the texts of the items cannot be encoded")]
    Encode {
        /// What the encoder says.
        source: EncodeError,
    },
    /// A given feature file of another data set.
    #[error("{path}: expected {items} rows, one for each item in the order of i_id_mapping.csv, found {found}: make it for this data set", path = path.display())]
    Rows {
        /// The file.
        path: PathBuf,
        /// Items.
        items: usize,
        /// The number of rows that there are.
        found: usize,
    },
}

/// Text features of the items' texts: a row for each, `[items, width]`.
pub type EncodeTexts<'a> = dyn FnMut(&[&str]) -> Result<Array2<f32>, EncodeError> + 'a;

/// Why texts were not encoded.
pub type EncodeError = Box<dyn std::error::Error + Send + Sync>;

/// What was done.
#[derive(Clone, Debug, Serialize)]
pub struct Preparation {
    /// The name of the data set.
    pub name: String,
    /// The category as it is in the names of the raw files.
    pub category: String,
    /// The rule of the split, in words.
    pub split: String,
    /// The k of the core.
    pub k: usize,
    /// Users, items, interactions of all splits before users without a training row left.
    pub size: Size,
    /// Rows in training, validation, test.
    pub splits: [usize; 3],
    /// Whether the counts are those of the manifest; `None` without one.
    pub as_published: Option<bool>,
    /// Width of the features that were written, by file.
    pub widths: Vec<(String, usize)>,
    /// Step by step.
    pub steps: Vec<Step>,
    /// What else to know.
    pub notes: Vec<String>,
}

/// Prepares a data set of Amazon's raw files; `encode` makes the text features where none are given; `watch` sees every step when it is done.
///
/// # Panics
/// If there is an encoder and also [`Options::text`], or nothing to encode since [`Options::metadata`] is not set; if it makes another number of rows.
///
/// # Errors
/// With the first problem; then there is no new folder, and an old one is as it was.
pub fn prepare(
    options: &Options,
    encode: Option<&mut EncodeTexts<'_>>,
    watch: &mut dyn FnMut(&Step),
) -> Result<Preparation, AmazonError> {
    assert!(
        encode.is_none() || (options.text.is_none() && options.metadata),
        "an encoder is for texts without features"
    );
    let mut log = Log::new(watch);
    // Before minutes of reading: what will not work at the end.
    let ratings_file = ratings::open(&options.raw, &options.category)?;
    let ratings_path = ratings_file.path().to_owned();
    let metadata_file = options.metadata.then(|| metadata::open(&options.raw, &options.category)).transpose()?;
    let images_file = options.images.then(|| images::open(&options.raw, &options.category)).transpose()?;
    let folder = ReadyFolder::start(&options.out, &options.name, ItemId::Asin)?;

    let (events, repeats) = reduce(rows(ratings_file, &mut log)?, options.k, &mut log);
    let size = Size { users: events.users.len(), items: events.items.len(), interactions: events.rows.len() };
    if size.interactions == 0 {
        return Err(AmazonError::EmptyCore { path: ratings_path, k: options.k });
    }
    let found = Counts { users: size.users, items: size.items, interactions: size.interactions };
    if let Some(want) = options.counts.filter(|want| *want != found) {
        return Err(AmazonError::Counts { path: ratings_path, want, found: size, category: options.category.clone() });
    }
    let splits = write_split(&folder, &events, options.split, &mut log)?.sizes();

    folder.notes(&repeats)?;
    let mut notes: Vec<String> = repeats.iter().map(ToString::to_string).collect();
    let mut report = Preparation {
        name: options.name.clone(),
        category: options.category.clone(),
        split: options.split.to_string(),
        k: options.k,
        size,
        splits,
        as_published: options.counts.map(|want| want == found),
        widths: Vec::new(),
        steps: Vec::new(),
        notes: Vec::new(),
    };
    let mut encoded = None;
    if let Some(file) = metadata_file {
        let texts = texts(file, &events, size, &mut log)?;
        folder.items(&events, &texts)?;
        let images = texts.iter().map(|text| text.as_ref().and_then(|text| text.image.as_deref()));
        folder.images(&images.collect::<Vec<_>>())?;
        encoded = encode.map(|encode| features_of(&texts, encode)).transpose()?;
    } else {
        notes.push("no metadata: there are no titles and no items_text.jsonl".to_owned());
    }
    let vision = match images_file {
        None => {
            notes.push("no images: there is no image_feat.npy".to_owned());
            None
        }
        Some(file) => {
            let images = vision(file, &events, size, &mut log)?;
            folder.features(Modality::Vision, images.matrix.view())?;
            folder.missing(Modality::Vision, &events.items, &images.missing)?;
            report.widths.push(("image_feat.npy".to_owned(), images.matrix.ncols()));
            Some(images.matrix)
        }
    };
    let text = match &options.text {
        Some(path) => Some(given(path, size.items)?),
        None => encoded,
    };
    match &text {
        Some(text) => {
            folder.features(Modality::Text, text.view())?;
            report.widths.push(("text_feat.npy".to_owned(), text.ncols()));
        }
        None => notes.push(if options.metadata {
            "no text features: encode items_text.jsonl, then prepare again with --text FILE.npy; or both at once by --text-model DIR".to_owned()
        } else {
            "no text features: there is no text_feat.npy".to_owned()
        }),
    }
    let mm = match &options.mm {
        Some(path) => Some(given(path, size.items)?),
        None => match fallback(text.as_ref(), vision.as_ref()) {
            Some((mm, note)) => {
                notes.push(note);
                Some(mm)
            }
            None => {
                notes.push("no mm features: there is nothing to make them of".to_owned());
                None
            }
        },
    };
    if let Some(mm) = mm {
        folder.features(Modality::Mm, mm.view())?;
        report.widths.push(("mm_feat.npy".to_owned(), mm.ncols()));
    }
    report.steps = log.into_steps();
    report.notes = notes;
    folder.finish(&report)?;
    Ok(report)
}

/// From the file to rows.
fn rows(file: crate::raw::RawLines, log: &mut Log) -> Result<Events, AmazonError> {
    let ratings = ratings::read(file)?;
    let lines = grouped(ratings.lines);
    log.add(
        "ratings",
        core::size(&ratings.events),
        ratings.incomplete as usize,
        format!("of {lines} lines: those with an empty field"),
    );
    Ok(ratings.events)
}

fn texts(
    file: crate::raw::RawLines,
    events: &Events,
    size: Size,
    log: &mut Log,
) -> Result<Vec<Option<ItemText>>, AmazonError> {
    let metadata = metadata::read(file, &events.items)?;
    let without =
        |has: fn(&ItemText) -> bool| metadata.items.iter().filter(|item| !item.as_ref().is_some_and(has)).count();
    let mut why = format!(
        "lines: {} of other items, {} further ones of the same; without a line {} items, without title {}, brand {}, category {}, description {}",
        grouped(metadata.others),
        grouped(metadata.repeated),
        grouped(without(|_| true)),
        grouped(without(|item| item.title.is_some())),
        grouped(without(|item| item.brand.is_some())),
        grouped(without(|item| !item.categories.is_empty())),
        grouped(without(|item| item.description.is_some())),
    );
    if metadata.images_left_out > 0 {
        why += &format!("; {} addresses of images left out, neither http nor https", grouped(metadata.images_left_out));
    }
    log.add("metadata", size, (metadata.others + metadata.repeated) as usize, why);
    Ok(metadata.items)
}

/// Encodes what items_text.jsonl holds.
fn features_of(texts: &[Option<ItemText>], encode: &mut EncodeTexts<'_>) -> Result<Array2<f32>, AmazonError> {
    let nothing = ItemText::default();
    let sentences: Vec<String> = texts.iter().map(|text| text.as_ref().unwrap_or(&nothing).sentence()).collect();
    let sentences: Vec<&str> = sentences.iter().map(String::as_str).collect();
    let features = encode(&sentences).map_err(|source| AmazonError::Encode { source })?;
    assert_eq!(features.nrows(), sentences.len(), "rows of the encoder and texts");
    Ok(features)
}

fn vision(
    file: crate::raw::RawLines,
    events: &Events,
    size: Size,
    log: &mut Log,
) -> Result<images::Images, AmazonError> {
    let images = images::read(file, &events.items)?;
    let mut why = format!(
        "records: {} of other items, {} further ones of the same; {} items without a record have the mean",
        grouped(images.others),
        grouped(images.repeated),
        grouped(images.missing.len())
    );
    if !images.missing.is_empty() {
        let names = few(images.missing.iter().map(|&item| events.items.name(item)), images.missing.len());
        why += &format!(": {names} ({} has all)", Modality::Vision.missing_file());
    }
    log.add("images", size, (images.others + images.repeated) as usize, why);
    Ok(images)
}

fn given(path: &std::path::Path, items: usize) -> Result<Array2<f32>, AmazonError> {
    let matrix = read_npy_f32(path)?;
    if matrix.nrows() == items {
        Ok(matrix)
    } else {
        Err(AmazonError::Rows { path: path.to_owned(), items, found: matrix.nrows() })
    }
}
