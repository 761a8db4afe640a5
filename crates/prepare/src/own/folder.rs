//! A folder of somebody's data, read.

use super::error::OwnError;
use super::features::{self, ItemFeatures};
use anchorrec_data::{Dataset, Modality};
use anchorrec_formats::detect::detect;
use anchorrec_formats::{self as formats, ColumnNames, Layout, Source};
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
    let found = detect(dir, options.interactions.as_deref(), &options.columns)?;
    if found.layout == Layout::Ready {
        return Ok(Own::Ready(Box::new(Dataset::load(dir)?)));
    }
    let (source, titles) = formats::read::read(&found, &options.columns)?;
    let features = features::read(dir, &found.path, &options.features)?;
    Ok(Own::Foreign(Box::new(Foreign { source, features, titles })))
}
