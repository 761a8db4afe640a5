//! One's own data: from files of a common layout to a description and to a ready data set.
//!
//! | layout | what a folder holds |
//! |---|---|
//! | ready | `<name>.inter` with `userID`, `itemID`, `x_label`: what [`anchorrec_data::Dataset`] loads |
//! | RecBole | `<name>.inter` with typed headers (`user_id:token`, `item_id:token`, `timestamp:float`), perhaps `<name>.item` |
//! | table | one `.csv`, `.tsv`, `.parquet` (or `.inter` without labels) with a column of users, one of items, perhaps of times and ratings |
//!
//! | module | what |
//! |---|---|
//! | [`detect`] | which layout a folder has |
//! | [`columns`] | which column is which |
//! | [`source`] | rows collected, with their places and what is wrong with them |
//! | [`features`] | item features by item id |
//! | [`describe`] | counts, quantiles, what training would take |
//! | [`times`] | points in time as people write them |
//! | [`mod@write`] | the ready folder, by the [pipeline](crate::pipeline) that Amazon's files go through too |
//!
//! # What happens to bad input
//!
//! | input | what happens |
//! |---|---|
//! | no file of a known layout, or several | error that says what was looked for and what is there |
//! | an id that is empty, has white space around it, a control character or more than 1000 bytes | the row is left out, counted, named with its line; a set cannot be prepared |
//! | a row with more or fewer fields than the header | the same |
//! | a time that is none, or is written in another way than the column's first one (seconds, milliseconds, a date, a time with a zone, ...) | the same |
//! | a rating that is missing or no number | accepted, noted with the first line; ratings are kept if every row has one |
//! | ids like `nan`, `null`, `12.0` | accepted, noted with the first line |
//! | the same (user, item) twice | accepted, counted; preparing keeps the earliest |
//! | invalid UTF-8; a line or a quoted record above 1 MiB; a quote that never closes | error with line |
//! | `\r\n`, a byte order mark, blank lines, no line end at the end | accepted |
//! | features with NaN or infinity, rows of unequal width, an item twice | error with row |
//! | an item without a feature row | gets the mean of the others, counted, listed by its id |
//! | no fused features | made of text and images, or of the one that is there, by PCA ([`fallback`](crate::anchor::fallback)), which is said |
//! | a feature row of an unknown item | left out, counted |

pub mod columns;
pub mod describe;
pub mod detect;
mod error;
pub mod features;
mod parquet;
mod recbole;
mod records;
pub mod source;
mod table;
pub mod times;
pub mod write;

pub use columns::ColumnNames;
pub use describe::Description;
pub use detect::Layout;
pub use error::{OwnError, Place};
pub use features::ItemFeatures;
pub use source::Source;
pub use write::{Plan, Prepared};

use anchorrec_data::{Dataset, Modality};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// What a caller may say about a folder.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The file of interactions, where the folder has several tables.
    pub interactions: Option<PathBuf>,
    /// Names of columns that are not guessed.
    pub columns: ColumnNames,
    /// Feature files that are not guessed.
    pub features: Vec<(Modality, PathBuf)>,
}

/// A folder that was read.
#[derive(Debug)]
pub enum Own {
    /// It can be trained on as it is.
    Ready(Box<Dataset>),
    /// It can be made ready.
    Foreign(Box<Foreign>),
}

/// Somebody's rows, features and titles, by external id.
#[derive(Debug)]
pub struct Foreign {
    /// The rows.
    pub source: Source,
    /// Features, at most one of each kind.
    pub features: Vec<ItemFeatures>,
    /// Titles by item id.
    pub titles: HashMap<String, String>,
}

/// Reads a folder of any layout.
///
/// # Errors
/// When no layout fits, or a file as a whole cannot be read. Rows that are wrong are in [`Source::problems`].
pub fn read(dir: &Path, options: &Options) -> Result<Own, OwnError> {
    let found = detect::detect(dir, options)?;
    if found.layout == Layout::Ready {
        return Ok(Own::Ready(Box::new(Dataset::load(dir)?)));
    }
    let source = match found.layout {
        Layout::RecBole => recbole::read(&found.path)?,
        Layout::Parquet => parquet::read(&found.path, &options.columns)?,
        _ => table::read(&found.path, &options.columns)?,
    };
    let titles = match found.layout {
        Layout::RecBole => recbole::titles(&found.path.with_extension("item"))?,
        _ => HashMap::new(),
    };
    let features = features::read(dir, &found.path, &options.features)?;
    Ok(Own::Foreign(Box::new(Foreign { source, features, titles })))
}
