//! A twin as a folder that [`Dataset::load`](crate::Dataset::load) reads like any other.

use super::made::Twin;
use super::names;
use crate::{DataError, Modality, Split, dataset::SYNTHETIC, write_npy_f16};
use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::Path,
};

impl Twin {
    /// Writes the twin into a folder that does not exist, is empty, or holds an earlier twin (which is replaced).
    ///
    /// # Errors
    /// When the folder holds anything else, or the system refuses.
    pub fn write(&self, dir: &Path) -> Result<(), DataError> {
        write(self, dir)
    }
}

/// Writes all files. The mark comes first and the interactions last: a folder that was left half way is marked, and
/// is not a data set.
fn write(twin: &Twin, dir: &Path) -> Result<(), DataError> {
    let io = |source| DataError::Io { path: dir.to_owned(), action: "write", source };
    fs::create_dir_all(dir).map_err(io)?;
    clear(dir)?;
    let spec = &twin.spec;
    file(&dir.join(SYNTHETIC), |out| {
        writeln!(out, "Made up: no person ever bought any of this, and no item here exists.")?;
        writeln!(out, "A synthetic twin in the size and shape of {}, planted by AnchorRec in Rust.", spec.name)?;
        writeln!(
            out,
            "seed {}, {} users, {} items, {} interactions, {} topics",
            twin.seed, spec.users, spec.items, spec.interactions, spec.topics
        )?;
        writeln!(out, "It is for speed, memory and tests. Accuracy on it says nothing about real data.")
    })?;
    file(&dir.join("i_id_mapping.csv"), |out| {
        writeln!(out, "twin_id\titemID")?;
        (0..spec.items).try_for_each(|item| writeln!(out, "{}\t{item}", names::external_id(item)))
    })?;
    file(&dir.join("items.jsonl"), |out| {
        (0..spec.items).try_for_each(|item| {
            let title = serde_json::to_string(&names::title(item, twin.topics[item]))?;
            writeln!(out, "{{\"itemID\":{item},\"title\":{title}}}")
        })
    })?;
    for modality in Modality::ALL {
        if let Some(features) = twin.features(modality) {
            write_npy_f16(&dir.join(modality.file_name()), features.view())?;
        }
    }
    file(&dir.join(format!("{}.inter", spec.name)), |out| {
        writeln!(out, "userID\titemID\tx_label")?;
        for split in [Split::Train, Split::Valid, Split::Test] {
            for pair in twin.interactions.pairs(split) {
                writeln!(out, "{}\t{}\t{}", pair.user, pair.item, split as u8)?;
            }
        }
        Ok(())
    })
}

/// Makes room in a folder that is empty or holds an earlier twin; real data are never overwritten.
fn clear(dir: &Path) -> Result<(), DataError> {
    let list = |source| DataError::Io { path: dir.to_owned(), action: "list", source };
    let entries = fs::read_dir(dir).and_then(Iterator::collect::<io::Result<Vec<_>>>).map_err(list)?;
    if entries.is_empty() {
        return Ok(());
    }
    if !dir.join(SYNTHETIC).is_file() {
        return Err(DataError::NotSynthetic { dir: dir.to_owned() });
    }
    for path in entries.iter().map(fs::DirEntry::path) {
        let ours = path.extension().is_some_and(|ending| ending == "inter")
            || Modality::ALL.iter().any(|modality| path.ends_with(modality.file_name()));
        if ours {
            fs::remove_file(&path).map_err(|source| DataError::Io { path: path.clone(), action: "remove", source })?;
        }
    }
    Ok(())
}

fn file(path: &Path, content: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<(), DataError> {
    let written = || {
        let mut out = BufWriter::new(File::create(path)?);
        content(&mut out)?;
        out.flush()
    };
    written().map_err(|source| DataError::Io { path: path.to_owned(), action: "write", source })
}
