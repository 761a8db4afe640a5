//! A folder with a user's data, read.

use super::error::OwnError;
use super::features::{self, ItemFeatures, Read};
use super::images::images;
use anchorrec_data::note::{Kind, either};
use anchorrec_data::{Dataset, Modality};
use anchorrec_formats::detect::detect;
use anchorrec_formats::features::{Asked, TextTable};
use anchorrec_formats::recbole::items_of;
use anchorrec_formats::{self as formats, Layout, Note, Reading, Source, file_error};
use ndarray::Array2;
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
    pub features: Vec<(Modality, Asked)>,
    /// Whether features may be missing for more than half of the items.
    pub allow_missing: bool,
}

/// A folder that was read.
#[derive(Debug)]
pub enum Own {
    /// The folder can be trained on as it is.
    Ready(Box<Dataset>),
    /// The folder can be made ready.
    Foreign(Box<Foreign>),
}

/// A user's rows, features and titles, by external id.
#[derive(Debug)]
pub struct Foreign {
    /// The rows.
    pub source: Source,
    /// Features, at most one of each kind.
    pub features: Vec<ItemFeatures>,
    /// Texts of items, which become text features where an encoder is at hand.
    pub texts: Option<TextTable>,
    /// What reading features ignored, guessed, merged or dropped.
    pub notes: Vec<Note>,
    /// Whether features may be missing for more than half of the items.
    pub allow_missing: bool,
    /// Titles by item id.
    pub titles: HashMap<String, String>,
    /// Where images of items are on the web, by item id.
    pub images: HashMap<String, String>,
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
    let interactions: Vec<&Path> = found.files.iter().map(|file| file.path.as_path()).collect();
    let (source, titles) = formats::read::read(&found, &options.reading)?;
    let Read { features, texts, mut notes, headers } =
        features::read(dir, &interactions, &options.features, options.reading.columns.item.as_ref())?;
    if let Some((path, field)) = headers.iter().find(|(_, field)| source.events.items.find(field).is_some()) {
        let found = format!("the item {field:?} of the data: write a header (item_id, 0, 1, ...) above it");
        return Err(file_error(path, "a header in the first line, whose numbers count from 0", found).into());
    }
    let said: Vec<&Note> = found.notes.iter().chain(&notes).collect();
    let beside = found.files.iter().map(|file| items_of(&file.path)).filter(|path| path.is_file());
    let mut tables: Vec<PathBuf> = found.others.iter().cloned().chain(beside).collect();
    tables.extend(texts.as_ref().map(|texts| texts.path.clone()));
    tables.sort();
    tables.dedup();
    let paths: Vec<&Path> = tables.iter().map(PathBuf::as_path).collect();
    let told = features.iter().map(|features| features.path.as_path()).chain(texts.as_ref().map(|t| t.path.as_path()));
    let told: Vec<&Path> = told.collect();
    let images = images(&paths, &told, options.reading.columns.item.as_ref());
    let others: Vec<PathBuf> = found.others.iter().filter(|path| !images.tables.contains(path)).cloned().collect();
    let unread = tables_not_read(&others, &features, texts.as_ref(), &said);
    notes.extend(unread);
    notes.extend(images.notes);
    let (allow_missing, images) = (options.allow_missing, images.addresses);
    Ok(Own::Foreign(Box::new(Foreign { source, features, texts, notes, allow_missing, titles, images })))
}

/// Names the tables beside the interactions that were not read.
fn tables_not_read(
    others: &[PathBuf],
    features: &[ItemFeatures],
    texts: Option<&TextTable>,
    notes: &[&Note],
) -> Option<Note> {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let read: Vec<String> =
        features.iter().map(|features| name(&features.path)).chain(texts.map(|texts| name(&texts.path))).collect();
    let is_said = |name: &String| notes.iter().any(|note| note.examples.contains(name) || note.text.contains(name));
    let names: Vec<String> =
        others.iter().map(|path| name(path)).filter(|name| !read.contains(name) && !is_said(name)).collect();
    let text =
        either(names.len(), "table beside the interactions is not read", "tables beside the interactions are not read");
    (!names.is_empty()).then(|| Note::new(Kind::Ignored, "tables-not-read", names.len(), text).with(names))
}

impl Foreign {
    /// Makes text features of the texts of items that have an interaction, by an encoder of texts to vectors.
    ///
    /// # Errors
    /// When there are no texts of such items, or the encoder fails.
    pub fn encode_texts<E: From<OwnError>>(
        &mut self,
        encode: impl FnOnce(&[&str]) -> Result<Array2<f32>, E>,
    ) -> Result<(), E> {
        let Some(table) = &self.texts else {
            let path =
                self.features.iter().find(|of_items| of_items.modality == Modality::Text).map(|f| f.path.as_path());
            let found = "no column of texts: name one by --text FILE:COLUMN";
            let error = file_error(path.unwrap_or(&self.source.path), "texts to encode", found);
            return Err(OwnError::from(error).into());
        };
        let known = |id: &String| self.source.events.items.find(id).is_some();
        let (ids, texts): (Vec<String>, Vec<&str>) = table
            .ids
            .iter()
            .zip(&table.texts)
            .filter(|(id, _)| known(id))
            .map(|(id, text)| (id.clone(), text.as_str()))
            .unzip();
        if ids.is_empty() {
            let expected = format!("texts of the items of the data in the column {:?}", table.column);
            return Err(OwnError::from(file_error(&table.path, expected, "none of them")).into());
        }
        let rows = encode(&texts)?;
        self.features.push(ItemFeatures { modality: Modality::Text, path: table.path.clone(), ids, rows });
        Ok(())
    }
}
