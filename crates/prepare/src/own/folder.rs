//! A folder of somebody's data, read.

use super::error::OwnError;
use super::features::{self, ItemFeatures};
use anchorrec_data::{Dataset, Modality};
use anchorrec_formats::detect::detect;
use anchorrec_formats::{self as formats, Layout, Reading, Source};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// What a caller may say about a folder.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The file of interactions, or a folder of files that are one table, where the folder has several tables.
    pub interactions: Option<PathBuf>,
    /// How interactions are read.
    pub reading: Reading,
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
    let found = detect(dir, options.interactions.as_deref(), &options.reading)?;
    if found.layout == Layout::Ready {
        return Ok(Own::Ready(Box::new(Dataset::load(dir)?)));
    }
    let interactions: Vec<&Path> = found.files.iter().map(|(path, _)| path.as_path()).collect();
    let (source, titles) = formats::read::read(&found, &options.reading)?;
    let features = features::read(dir, &interactions, &options.features)?;
    Ok(Own::Foreign(Box::new(Foreign { source, features, titles })))
}
