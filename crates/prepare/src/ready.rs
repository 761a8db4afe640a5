//! The ready folder, written whole or not at all.
//!
//! Files go into a new folder beside the final one, which is renamed when all are written. A folder that is already there is replaced only if this module wrote it: it
//! holds [`REPORT`], and no file of another name than those that are written here.
//!
//! ```text
//! <name>.inter         userID, itemID, rating and timestamp (each where every row has one), x_label; tab separated, in the order of the rows
//! u_id_mapping.csv     user_id, userID        i_id_mapping.csv     item_id (or asin), itemID        tab separated
//! items.jsonl          itemID, item_id (or asin), title, brand, categories: what is known
//! items_text.jsonl     itemID, text: what a text encoder reads, one line for each item
//! items_images.jsonl   itemID, image: addresses on the web, where there are any
//! image_feat.npy  text_feat.npy  mm_feat.npy        f32, one row for each item
//! missing_image.csv  missing_text.csv  missing_mm.csv        itemID, item_id (or asin), filled_with
//! notes.json           what was ignored, guessed, merged, dropped or filled in
//! prepared.json        how it was made
//! ```

use crate::raw::metadata::ItemText;
use crate::split::Rule;
use crate::{Event, Events, Names};
use anchorrec_data::item_images::ITEM_IMAGES;
use anchorrec_data::{DataError, Dataset, Modality, Split, write_npy_f32};
use anchorrec_files::disk::FileSystem;
use anchorrec_files::folder_of;
use anchorrec_files::replace::{recover, replace_folder};
use anchorrec_formats::Note;
use ndarray::ArrayView2;
use rayon::prelude::*;
use serde::Serialize;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// What was ignored, guessed, merged, dropped or filled in, a list of objects.
pub const NOTES: &str = "notes.json";
/// How the folder was made; marks it as one that may be replaced.
pub const REPORT: &str = "prepared.json";
const OTHERS: &[&str] = &[
    "u_id_mapping.csv",
    "i_id_mapping.csv",
    "items.jsonl",
    "items_text.jsonl",
    ITEM_IMAGES,
    "image_feat.npy",
    "text_feat.npy",
    "mm_feat.npy",
    "missing_image.csv",
    "missing_text.csv",
    "missing_mm.csv",
    NOTES,
];

/// Rows whose text is made by one task.
const PIECE: usize = 1 << 14;
/// Pieces that are made before they are written.
const PIECES: usize = 16;

/// What the external ids of items are called in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemId {
    /// Amazon's.
    Asin,
    /// The folder of any program.
    ItemId,
}

impl ItemId {
    fn column(self) -> &'static str {
        match self {
            ItemId::Asin => "asin",
            ItemId::ItemId => "item_id",
        }
    }
}

/// A folder that cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadyError {
    /// The system refused.
    #[error("{path}: cannot {action}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// The answer.
        source: io::Error,
    },
    /// A feature file cannot be written, or the finished folder cannot be trained on.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A split that leaves nothing to train on.
    #[error("{path}: expected rows to train on, found none before the first border of the split {split} (rows of one time stay on one side): choose another by --split or --share", path = path.display())]
    NoTraining {
        /// The folder.
        path: PathBuf,
        /// The rule of the split.
        split: String,
    },
    /// A folder that `prepare` did not write.
    #[error("{path}: expected a new folder or one that was prepared before, found {found}: move it away or choose another folder by --out", path = path.display())]
    NotOurs {
        /// The folder.
        path: PathBuf,
        /// What the folder holds that this program did not write.
        found: String,
    },
}

/// A ready folder in the making; dropped before [`finish`](Self::finish), it leaves nothing behind.
#[derive(Debug)]
pub struct ReadyFolder {
    out: PathBuf,
    partial: PathBuf,
    name: String,
    item_id: ItemId,
}

impl ReadyFolder {
    /// Starts a folder beside `out`, whose parents are made.
    ///
    /// # Errors
    /// When `out` is there and not ours, or the system refuses.
    pub fn start(out: &Path, name: &str, item_id: ItemId) -> Result<Self, ReadyError> {
        // A crash may have taken the name of what stood there.
        recover(&FileSystem, out).map_err(|source| io_error(out, "recover", source))?;
        replaceable(out, name)?;
        let parent = folder_of(out);
        fs::create_dir_all(parent).map_err(|source| io_error(parent, "make the folder", source))?;
        let partial = parent.join(beside(out));
        if partial.exists() {
            // Left by a process of the same number that was killed.
            fs::remove_dir_all(&partial).map_err(|source| io_error(&partial, "remove", source))?;
        }
        fs::create_dir(&partial).map_err(|source| io_error(&partial, "make the folder", source))?;
        Ok(ReadyFolder { out: out.to_owned(), partial, name: name.to_owned(), item_id })
    }

    /// Finds what killed preparations of the same folder left beside it, or others that are still at work.
    ///
    /// # Errors
    /// When the system refuses to list the folder's parent.
    pub fn left_over(&self) -> Result<Vec<PathBuf>, ReadyError> {
        let parent = folder_of(&self.partial);
        let begin = begin(&self.out);
        let is = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default();
            *path != self.partial && name.as_encoded_bytes().starts_with(begin.as_encoded_bytes())
        };
        let entries = fs::read_dir(parent).map_err(|source| io_error(parent, "list", source))?;
        let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is).collect();
        found.sort();
        Ok(found)
    }

    /// Writes `<name>.inter`; rows without a split are left out.
    ///
    /// # Errors
    /// When the system refuses, as for all that follow.
    pub fn inter(&self, events: &Events, splits: &[Option<Split>]) -> Result<(), ReadyError> {
        let rated = events.rows.iter().all(|row| row.rating.is_some());
        let timed = events.rows.iter().all(|row| row.time.is_some());
        let column = |present: bool, name| if present { name } else { "" };
        // A row's text depends on nothing but the row: pieces are made side by side and written in order.
        let piece = |(rows, splits): (&[Event], &[Option<Split>])| {
            let mut text = Vec::with_capacity(rows.len() * 32);
            let mut digits = itoa::Buffer::new();
            for (row, split) in rows.iter().zip(splits) {
                let label = match split {
                    Some(Split::Train) => b'0',
                    Some(Split::Valid) => b'1',
                    Some(Split::Test) => b'2',
                    None => continue,
                };
                for number in [row.user, row.item] {
                    text.extend_from_slice(digits.format(number).as_bytes());
                    text.push(b'\t');
                }
                if let (true, Some(rating)) = (rated, row.rating) {
                    // `5.0`, as in the published files, and the shortest number that reads back the same.
                    write!(text, "{rating:?}\t")?;
                }
                if let (true, Some(time)) = (timed, row.time) {
                    text.extend_from_slice(digits.format(time.seconds()).as_bytes());
                    text.push(b'\t');
                }
                text.extend([label, b'\n']);
            }
            Ok(text)
        };
        self.text_file(&format!("{}.inter", self.name), |out| {
            let optional = [column(rated, "rating\t"), column(timed, "timestamp\t")].concat();
            writeln!(out, "userID\titemID\t{optional}x_label")?;
            // A few pieces at a time, so that the file is never in memory as a whole; the last ones are written while the next are made.
            let pieces: Vec<_> = events.rows.chunks(PIECE).zip(splits.chunks(PIECE)).collect();
            let mut texts: Vec<io::Result<Vec<u8>>> = Vec::new();
            let mut several = pieces.chunks(PIECES);
            loop {
                let next = several.next();
                let make = || next.unwrap_or_default().par_iter().copied().map(piece).collect();
                let mut write = || texts.drain(..).try_for_each(|text| out.write_all(&text?));
                let (made, written) = rayon::join(make, &mut write);
                written?;
                if next.is_none() {
                    return Ok(());
                }
                texts = made;
            }
        })
    }

    /// Writes the two mappings. Names hold neither tabs nor line ends.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn mappings(&self, events: &Events) -> Result<(), ReadyError> {
        let tables = [
            ("u_id_mapping.csv", "user_id", "userID", &events.users),
            ("i_id_mapping.csv", self.item_id.column(), "itemID", &events.items),
        ];
        tables.into_iter().try_for_each(|(file, external, ours, names)| {
            self.text_file(file, |out| {
                writeln!(out, "{external}\t{ours}")?;
                let mut digits = itoa::Buffer::new();
                (0..names.len() as u32).try_for_each(|number| {
                    let parts = [names.name(number), "\t", digits.format(number), "\n"];
                    parts.into_iter().try_for_each(|part| out.write_all(part.as_bytes()))
                })
            })
        })
    }

    /// Writes `items.jsonl` and `items_text.jsonl`; an item without metadata has an empty text of spaces.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn items(&self, events: &Events, texts: &[Option<ItemText>]) -> Result<(), ReadyError> {
        #[derive(Serialize)]
        struct Line<'a> {
            #[serde(rename = "itemID")]
            item: u32,
            #[serde(skip_serializing_if = "Option::is_none")]
            asin: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            item_id: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            title: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            brand: Option<&'a str>,
            #[serde(skip_serializing_if = "<[String]>::is_empty")]
            categories: &'a [String],
        }
        #[derive(Serialize)]
        struct Sentence {
            #[serde(rename = "itemID")]
            item: u32,
            text: String,
        }
        let nothing = ItemText::default();
        let all = || texts.iter().enumerate().map(|(item, text)| (item as u32, text.as_ref().unwrap_or(&nothing)));
        self.text_file("items.jsonl", |out| {
            all().try_for_each(|(item, text)| {
                let name = |kind| (self.item_id == kind).then(|| events.items.name(item));
                let line = Line {
                    item,
                    asin: name(ItemId::Asin),
                    item_id: name(ItemId::ItemId),
                    title: text.title.as_deref(),
                    brand: text.brand.as_deref(),
                    categories: &text.categories,
                };
                json_line(out, &line)
            })
        })?;
        self.text_file("items_text.jsonl", |out| {
            all().try_for_each(|(item, text)| json_line(out, &Sentence { item, text: text.sentence() }))
        })
    }

    /// Writes where the images of items are; nothing where none has any.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn images(&self, images: &[Option<&str>]) -> Result<(), ReadyError> {
        #[derive(Serialize)]
        struct Line<'a> {
            #[serde(rename = "itemID")]
            item: usize,
            image: &'a str,
        }
        if images.iter().all(Option::is_none) {
            return Ok(());
        }
        let lines = images.iter().enumerate().filter_map(|(item, image)| Some(Line { item, image: (*image)? }));
        self.text_file(ITEM_IMAGES, |out| { lines }.try_for_each(|line| json_line(out, &line)))
    }

    /// Writes features, `[items, width]`.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn features(&self, modality: Modality, matrix: ArrayView2<f32>) -> Result<(), ReadyError> {
        Ok(write_npy_f32(&self.partial.join(modality.file_name()), matrix)?)
    }

    /// Writes which items have the mean of the others for features of one kind; nothing where none has.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn missing(&self, modality: Modality, items: &Names, missing: &[u32]) -> Result<(), ReadyError> {
        if missing.is_empty() {
            return Ok(());
        }
        self.text_file(modality.missing_file(), |out| {
            writeln!(out, "itemID\t{}\tfilled_with", self.item_id.column())?;
            missing.iter().try_for_each(|&item| writeln!(out, "{item}\t{}\tmean", items.name(item)))
        })
    }

    /// Writes what was not taken as it stood.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn notes(&self, notes: &[Note]) -> Result<(), ReadyError> {
        self.text_file(NOTES, |out| {
            serde_json::to_writer_pretty(&mut *out, notes)?;
            writeln!(out)
        })
    }

    /// Returns the error of a split that leaves nothing to train on.
    pub(crate) fn no_training(&self, split: Rule) -> ReadyError {
        ReadyError::NoTraining { path: self.out.clone(), split: split.to_string() }
    }

    /// Loads what was written, as training will.
    ///
    /// # Errors
    /// When it cannot be loaded.
    pub fn load(&self) -> Result<Dataset, ReadyError> {
        Ok(Dataset::load(&self.partial)?)
    }

    /// Writes how it was made, and puts the folder in its place.
    ///
    /// # Errors
    /// When the system refuses; then what stood there before is there still.
    pub fn finish(self, report: &impl Serialize) -> Result<(), ReadyError> {
        self.text_file(REPORT, |out| {
            serde_json::to_writer_pretty(&mut *out, report)?;
            writeln!(out)
        })?;
        let list = fs::read_dir(&self.partial).map_err(|source| io_error(&self.partial, "list", source))?;
        for entry in list {
            let path = entry.map_err(|source| io_error(&self.partial, "list", source))?.path();
            // A name must not reach the disk before what it names.
            File::open(&path).and_then(|file| file.sync_all()).map_err(|source| io_error(&path, "write", source))?;
        }
        // Somebody may have put files there since the start.
        replaceable(&self.out, &self.name)?;
        let replaced = replace_folder(&FileSystem, &self.partial, &self.out)
            .map_err(|source| io_error(&self.out, "rename a folder to", source))?;
        if let Some(old) = replaced {
            fs::remove_dir_all(&old).map_err(|source| io_error(&old, "remove", source))?;
        }
        Ok(())
    }

    fn text_file(
        &self,
        name: &str,
        write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> Result<(), ReadyError> {
        let path = self.partial.join(name);
        let written = File::create(&path).and_then(|file| {
            let mut out = BufWriter::with_capacity(1 << 16, file);
            write(&mut out)?;
            out.flush()
        });
        written.map_err(|source| io_error(&path, "write", source))
    }
}

impl Drop for ReadyFolder {
    fn drop(&mut self) {
        // Renamed: then there is nothing to remove. Else the error that led here says more than this one would.
        let _ = fs::remove_dir_all(&self.partial);
    }
}

/// An error if there is something else than a folder to replace.
fn replaceable(out: &Path, name: &str) -> Result<(), ReadyError> {
    let entries = match fs::read_dir(out) {
        Ok(entries) => entries,
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(io_error(out, "list", source)),
    };
    let mut marked = false;
    let mut empty = true;
    for entry in entries {
        let entry = entry.map_err(|source| io_error(out, "list", source))?.file_name();
        let known = |known: &str| entry == *known;
        empty = false;
        marked |= known(REPORT);
        if !known(REPORT) && !OTHERS.iter().any(|file| known(file)) && !known(&format!("{name}.inter")) {
            return Err(ReadyError::NotOurs { path: out.to_owned(), found: format!("the file {entry:?}") });
        }
    }
    if !empty && !marked {
        return Err(ReadyError::NotOurs { path: out.to_owned(), found: format!("files but no {REPORT}") });
    }
    Ok(())
}

fn beside(out: &Path) -> OsString {
    let mut name = begin(out);
    name.push(std::process::id().to_string());
    name
}

/// How the names of folders in the making begin.
fn begin(out: &Path) -> OsString {
    let mut name = OsString::from(".");
    name.push(out.file_name().unwrap_or_default());
    name.push(".partial-");
    name
}

fn json_line(out: &mut impl Write, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    writeln!(out)
}

fn io_error(path: &Path, action: &'static str, source: io::Error) -> ReadyError {
    ReadyError::Io { path: path.to_owned(), action, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(out: &Path) -> ReadyFolder {
        ReadyFolder::start(out, "x", ItemId::Asin).unwrap()
    }

    fn one_missing(folder: &ReadyFolder) {
        let mut items = Names::default();
        items.number("A1");
        folder.missing(Modality::Vision, &items, &[0]).unwrap();
    }

    fn entries(dir: &Path) -> Vec<String> {
        let mut all: Vec<String> =
            fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        all.sort();
        all
    }

    #[test]
    fn a_folder_appears_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("deep/ready");
        let folder = start(&out);
        one_missing(&folder);
        assert!(!out.exists());
        drop(folder);
        assert_eq!(entries(&dir.path().join("deep")), [""; 0]);
        let folder = start(&out);
        one_missing(&folder);
        folder.finish(&1).unwrap();
        assert_eq!(entries(&dir.path().join("deep")), ["ready"]);
        assert_eq!(entries(&out), ["missing_image.csv", "prepared.json"]);
        // Ours: replaced, the old files go.
        start(&out).finish(&2).unwrap();
        assert_eq!(entries(&out), ["prepared.json"]);
        assert_eq!(entries(&dir.path().join("deep")), ["ready"]);
    }

    #[test]
    fn what_a_crash_left_without_its_name_is_there_again() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("ready");
        start(&out).finish(&1).unwrap();
        // As a crash between two renames leaves it, where names cannot be exchanged.
        fs::rename(&out, dir.path().join(".ready.old-4711")).unwrap();
        drop(start(&out));
        assert_eq!(entries(dir.path()), ["ready"]);
        assert_eq!(fs::read_to_string(out.join(REPORT)).unwrap(), "1\n");
    }

    #[test]
    fn the_files_of_others_stay() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("ready");
        fs::create_dir(&out).unwrap();
        fs::write(out.join("mm_feat.npy"), "mine").unwrap();
        let message = ReadyFolder::start(&out, "x", ItemId::Asin).unwrap_err().to_string();
        assert!(message.contains("found files but no prepared.json: move it away"), "{message}");
        fs::write(out.join("prepared.json"), "1").unwrap();
        let folder = start(&out);
        // It comes while we write.
        fs::write(out.join("thesis.tex"), "mine").unwrap();
        let message = folder.finish(&1).unwrap_err().to_string();
        assert!(message.contains("found the file \"thesis.tex\""), "{message}");
        assert_eq!(entries(&out), ["mm_feat.npy", "prepared.json", "thesis.tex"]);
        assert_eq!(entries(dir.path()), ["ready"]);
    }
}
