//! Somebody's rows to a ready folder: repeats out, k-core, numbers, split, files.
//!
//! Everything is written to a sibling of the folder, loaded back by what trains on it, and only then renamed: a folder that is there can
//! be trained on.

use super::error::{OwnError, file_error, io_error};
use super::pairs::{Indexed, distinct, index, k_core, split};
use super::{Foreign, Layout};
use crate::events::Names;
use anchorrec_data::{Dataset, Modality, Sampler, Split, write_npy_f32};
use serde::Serialize;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// How pairs are split into training, validation and test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SplitRule {
    /// [`anchorrec_data::split::random_per_user`].
    Random,
    /// The last pairs of every user are held out, as many as at random.
    UserTime,
    /// The last tenth of all pairs is for test, the tenth before it for validation.
    GlobalTime,
}

/// What to make.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The folder, which must not be there.
    pub out: PathBuf,
    /// The data set's name.
    pub name: String,
    /// Users and items with fewer pairs are left out, until none has; 0 and 1 keep all.
    pub k_core: usize,
    /// The split.
    pub split: SplitRule,
    /// Of the random split.
    pub seed: u64,
}

/// What was made.
#[derive(Clone, Debug, Serialize)]
pub struct Prepared {
    /// The name.
    pub name: String,
    /// The layout it was made of.
    pub from: Layout,
    /// Rows of the source.
    pub rows: usize,
    /// Rows left out because their pair came before.
    pub repeats: usize,
    /// Pairs left out by the k-core.
    pub outside_core: usize,
    /// The least pairs of a user and of an item.
    pub k_core: usize,
    /// The split.
    pub split: SplitRule,
    /// Of the random split.
    pub seed: u64,
    /// Users.
    pub users: usize,
    /// Items.
    pub items: usize,
    /// Training, validation and test pairs.
    pub pairs: [usize; 3],
    /// Features: kind, width, and how many items have the mean of the others.
    pub features: Vec<(Modality, usize, usize)>,
    /// What is unusual about the result.
    pub notes: Vec<String>,
}

/// Makes a ready folder.
///
/// # Errors
/// When rows are wrong, nothing is left, there are no times to split by, or the folder is there or cannot be written.
pub fn prepare(foreign: &Foreign, plan: &Plan) -> Result<Prepared, OwnError> {
    let source = &foreign.source;
    if source.wrong > 0 {
        let found = format!("{} wrong rows; check-data lists them", source.wrong);
        return Err(file_error(&source.path, "no wrong row", found));
    }
    if plan.split != SplitRule::Random && !source.timed {
        return Err(file_error(&source.path, "a column of times, to split by time", "none"));
    }
    if fs::symlink_metadata(&plan.out).is_ok() {
        return Err(file_error(
            &plan.out,
            "a folder that is not there yet",
            "one that is: remove it, or choose another --out",
        ));
    }
    let events = &source.events;
    let (users, items) = (events.users.len(), events.items.len());
    let unique = distinct(&events.rows);
    let before = unique.kept.len();
    let kept = k_core(&events.rows, unique.kept, users, items, plan.k_core);
    if kept.is_empty() {
        let expected = format!("users and items with at least {} pairs", plan.k_core);
        return Err(file_error(&source.path, expected, "none: choose a smaller --k-core"));
    }
    let indexed = index(&events.rows, &kept, users, items);
    let times: Vec<Option<i64>> = kept.iter().map(|&row| events.rows[row].time.map(|time| time.seconds())).collect();
    let splits = split(plan.split, indexed.users.len(), &indexed.pairs, &times, plan.seed);

    let parent = plan.out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(io_error(parent, "make the folder"))?;
    let mut name = std::ffi::OsString::from(".");
    name.push(plan.out.file_name().ok_or_else(|| file_error(&plan.out, "the name of a folder", "none"))?);
    name.push(format!(".partial-{}", std::process::id()));
    let temporary = parent.join(name);
    let made = files(foreign, plan, &indexed, &splits, &temporary).and_then(|features| {
        let dataset = Dataset::load(&temporary)?;
        Sampler::new(&dataset.interactions, plan.seed)?;
        let record = &dataset.interactions;
        let prepared = Prepared {
            name: plan.name.clone(),
            from: source.layout,
            rows: events.rows.len(),
            repeats: unique.repeats.len(),
            outside_core: before - kept.len(),
            k_core: plan.k_core,
            split: plan.split,
            seed: plan.seed,
            users: record.users,
            items: record.items,
            pairs: [record.train.len(), record.valid.len(), record.test.len()],
            features,
            notes: dataset.findings.notes(),
        };
        text_file(&temporary.join("prepared.json"), |file| {
            serde_json::to_writer_pretty(file, &prepared).map_err(io::Error::from)
        })?;
        fs::rename(&temporary, &plan.out).map_err(io_error(&plan.out, "rename the finished folder"))?;
        Ok(prepared)
    });
    if made.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_dir_all(&temporary);
    }
    made
}

/// Writes everything that a ready folder has.
fn files(
    foreign: &Foreign,
    plan: &Plan,
    indexed: &Indexed,
    splits: &[Split],
    dir: &Path,
) -> Result<Vec<(Modality, usize, usize)>, OwnError> {
    if dir.exists() {
        // Left by a process of the same number that was killed.
        fs::remove_dir_all(dir).map_err(io_error(dir, "clear"))?;
    }
    fs::create_dir(dir).map_err(io_error(dir, "make the folder"))?;
    text_file(&dir.join(format!("{}.inter", plan.name)), |file| {
        writeln!(file, "userID\titemID\tx_label")?;
        let mut rows = indexed.pairs.iter().zip(splits);
        rows.try_for_each(|(pair, split)| writeln!(file, "{}\t{}\t{}", pair.user, pair.item, *split as u8))
    })?;
    let Foreign { source, features, titles } = foreign;
    let mapping = |name: &str, header: &str, names: &Names, numbers: &[u32]| {
        text_file(&dir.join(name), |file| {
            writeln!(file, "{header}")?;
            let mut rows = numbers.iter().enumerate();
            rows.try_for_each(|(number, &old)| writeln!(file, "{number}\t{}", names.name(old)))
        })
    };
    mapping("u_id_mapping.csv", "userID\texternal_id", &source.events.users, &indexed.users)?;
    mapping("i_id_mapping.csv", "itemID\texternal_id", &source.events.items, &indexed.items)?;
    let name = |&old: &u32| source.events.items.name(old);
    if !titles.is_empty() {
        text_file(&dir.join("items.jsonl"), |file| {
            for (number, old) in indexed.items.iter().enumerate() {
                if let Some(title) = titles.get(name(old)) {
                    writeln!(file, "{}", serde_json::json!({ "itemID": number, "title": title }))?;
                }
            }
            Ok(())
        })?;
    }
    let mut made = Vec::new();
    for of_items in features {
        let matched = of_items.matched(indexed.items.iter().map(name));
        write_npy_f32(&dir.join(of_items.modality.file_name()), matched.matrix.view())?;
        made.push((of_items.modality, matched.matrix.ncols(), matched.missing.len()));
    }
    Ok(made)
}

fn text_file(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<(), OwnError> {
    let written = || {
        let mut file = BufWriter::new(File::create(path)?);
        write(&mut file)?;
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    };
    written().map_err(io_error(path, "write"))
}
