//! A data set in memory, with what is known about it: whose it is, where its numbers come from, what a reader must know.

use crate::job::phase;
use crate::layered::Tuned;
use crate::observer::{Observer, RunEvent};
use anchorrec_data::note::{Kind, Note};
use anchorrec_data::{DataError, Dataset, Input, Manifest, Modality, Provenance, provenance_of};
use anchorrec_records::report::{DataRecord, InputRecord, PhaseRecord};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A folder to load, with what is known about it.
#[derive(Clone, Debug, Default)]
pub struct DataFolder {
    /// The folder.
    pub dir: PathBuf,
    /// The data set's manifest, if it has a name that has one.
    pub manifest: Option<Manifest>,
    /// Features that are not in the folder.
    pub elsewhere: Vec<(Modality, PathBuf)>,
    /// How it was found, for the reader of the report.
    pub notes: Vec<Note>,
}

/// A data set in memory.
pub struct Loaded {
    /// The data.
    pub dataset: Dataset,
    /// The manifest that knows the data set.
    pub manifest: Option<Manifest>,
    /// Why the manifest's tuned settings are not used, where they are not.
    untuned: Option<String>,
    /// The provenance of the data.
    pub source: Provenance,
    /// What a reader must know before trusting the numbers.
    pub notes: Vec<Note>,
    /// What was said beside the notes, for the report.
    pub said: Vec<String>,
    /// The time that loading took.
    pub phases: Vec<PhaseRecord>,
}

/// What the rows of a data set count as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// The split of the data set: training, validation, test.
    Split,
    /// All rows, for training.
    Whole,
}

/// Loads a data set; `datasets` is the folder of the manifests that may know it. Its notes are not said yet: [`say`] says them.
///
/// # Errors
/// When a file cannot be read or is damaged.
pub fn load(folder: DataFolder, datasets: &Path, rows: Rows, observer: &mut dyn Observer) -> Result<Loaded, DataError> {
    let DataFolder { dir, mut manifest, elsewhere, mut notes } = folder;
    let mut phases = Vec::new();
    let mut dataset = phase("load", &mut phases, observer, || match rows {
        Rows::Split => Dataset::load_with(&dir, &elsewhere),
        Rows::Whole => Dataset::load_whole(&dir, &elsewhere),
    })?;
    let mut untuned = None;
    if manifest.is_none() {
        match recognise(datasets, &dataset.inputs) {
            Some((known, Recognised::Interactions)) => {
                let text = format!("recognised as {} by the bytes of its interactions", known.name);
                notes.push(Note::new(Kind::Guessed, "recognised", 0u64, text));
                manifest = Some(known);
            }
            Some((known, Recognised::Other(name))) => {
                let text = format!("recognised as {} by the bytes of {name}, but with other interactions", known.name);
                notes.push(Note::new(Kind::Guessed, "recognised", 0u64, text));
                untuned = Some(format!("the interactions are not those of {}", known.name));
                manifest = Some(known);
            }
            None => untuned = Some("no manifest knows this data".to_owned()),
        }
    }
    // Other tools name the file otherwise (`baby.inter`): runs of the same interactions stand in one folder.
    if let Some(known) = manifest.as_ref().filter(|_| untuned.is_none()) {
        dataset.name.clone_from(&known.name);
    }
    let own = dataset.notes();
    // What its preparation noted, unless it is known by now.
    let before = prepared(&dataset.dir);
    // Of all rows as training rows other users and items have none than of the split that was prepared.
    let is_of_rows = |note: &Note| rows == Rows::Split || !OF_SPLIT.contains(&note.code.as_str());
    let before = before.into_iter().filter(|note| is_of_rows(note) && !own.contains(note)).collect::<Vec<_>>();
    notes.extend(own.into_iter().chain(before));
    notes.extend(same_bytes(&dataset.inputs));
    if rows == Rows::Whole {
        // That nothing is left to judge by is what was asked for.
        notes.retain(|note| !["no-validation", "no-test"].contains(&note.code.as_str()));
    }
    let (source, provenance) = provenance(&dataset, manifest.as_ref());
    notes.extend(provenance.into_iter().map(|text| Note::new(Kind::Missing, "origin", 0u64, text)));
    if let Some(counts) = manifest.as_ref().map(|m| m.counts).filter(|_| source != Provenance::Synthetic) {
        let record = &dataset.interactions;
        let dropped = dataset.findings.dropped_valid + dataset.findings.dropped_test;
        let interactions = record.train.len() + record.valid.len() + record.test.len() + dropped;
        if (record.users, record.items, interactions) != (counts.users, counts.items, counts.interactions) {
            let text = format!(
                "{} users, {} items, {interactions} interactions: the manifest expects {}, {}, {}",
                record.users, record.items, counts.users, counts.items, counts.interactions
            );
            notes.push(Note::new(Kind::Odd, "other-counts", 0u64, text));
        }
    }
    Ok(Loaded { dataset, manifest, untuned, source, said: Vec::new(), notes, phases })
}

/// Notes that depend on which rows are training rows.
const OF_SPLIT: [&str; 3] = ["users-without-training", "items-without-training", "users-with-every-item"];

/// Says notes. Returns those that are not taken as they are, in one line; nothing where there are none.
pub fn say(notes: &[Note], observer: &mut dyn Observer) -> Option<String> {
    notes.iter().for_each(|note| observer.event(RunEvent::Notice(&note.to_string())));
    let refused: Vec<String> = notes.iter().filter(|note| note.is_strict()).map(ToString::to_string).collect();
    (!refused.is_empty()).then(|| refused.join("; "))
}

/// How a data set was recognised.
pub enum Recognised {
    /// The interactions are the manifest's: this is the data set.
    Interactions,
    /// The file of this name only.
    Other(String),
}

/// Finds the manifest that knows these files by their bytes, wherever they lie: the one that knows the interactions, else one that knows any file.
pub fn recognise(datasets: &Path, inputs: &[Input]) -> Option<(Manifest, Recognised)> {
    let mut manifests: Vec<Manifest> =
        manifests(datasets).iter().filter_map(|path| Manifest::load(path).ok()).collect();
    let of = |input: &Input| {
        manifests.iter().position(|manifest| manifest.files.iter().any(|file| file.sha256 == input.sha256))
    };
    let is_inter = |input: &&Input| input.path.extension().is_some_and(|ending| ending == "inter");
    let (place, by) = match inputs.iter().find(is_inter).and_then(of) {
        Some(place) => (place, Recognised::Interactions),
        None => inputs.iter().find_map(|input| Some((of(input)?, Recognised::Other(input.name.clone()))))?,
    };
    Some((manifests.swap_remove(place), by))
}

/// Returns the manifests in a folder of data sets, sorted.
pub fn manifests(datasets: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(datasets).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.path().join("manifest.toml")).filter(|p| p.is_file()).collect();
    paths.sort();
    paths
}

/// The longest list of notes that is read: many times what a preparation writes.
const LONGEST: u64 = 1 << 20;

/// What the preparation of a folder noted, which is in its `notes.json`.
fn prepared(dir: &Path) -> Vec<Note> {
    let path = dir.join("notes.json");
    let mut text = String::new();
    let Ok(file) = File::open(&path) else { return Vec::new() };
    let read = file.take(LONGEST).read_to_string(&mut text).map_err(|error| error.to_string());
    read.and_then(|_| serde_json::from_str(&text).map_err(|error| error.to_string())).unwrap_or_else(|problem| {
        let text = format!("{}: expected the notes of a preparation, {problem}", path.display());
        vec![Note::new(Kind::Ignored, "notes-not-read", 0u64, text)]
    })
}

impl Loaded {
    /// Returns the tuned settings of the data set: of the one that was named, else of the one whose interactions these are.
    pub fn tuned(&self) -> Tuned<'_> {
        match (&self.untuned, &self.manifest) {
            (Some(why), _) => Tuned::None(why),
            (None, Some(Manifest { name, settings, twin, .. })) => {
                let twin = self.dataset.synthetic.then_some(&twin.settings);
                Tuned::Of { dataset: name, settings, twin }
            }
            (None, None) => Tuned::None("no manifest knows this data"),
        }
    }

    /// Returns the data as a report tells it.
    pub fn record(&self) -> DataRecord {
        data_record(&self.dataset, self.source)
    }

    /// Returns the data set's files as a report tells them.
    pub fn inputs(&self) -> Vec<InputRecord> {
        let record = |input: &Input| InputRecord {
            path: input.path.display().to_string(),
            bytes: input.bytes,
            sha256: input.sha256.clone(),
        };
        self.dataset.inputs.iter().map(record).collect()
    }
}

/// Says which input files have the same bytes: one of them may have been named by mistake.
fn same_bytes(inputs: &[Input]) -> Vec<Note> {
    let mut notes = Vec::new();
    for (place, input) in inputs.iter().enumerate() {
        if let Some(first) = inputs[..place].iter().find(|first| first.sha256 == input.sha256) {
            let (one, other) = (first.path.display(), input.path.display());
            let text = format!("{one} and {other} have the same bytes: is one of them meant to be another file?");
            notes.push(Note::new(Kind::Odd, "same-bytes", 0u64, text));
        }
    }
    notes
}

/// What the data is, and what a reader should know about it.
fn provenance(dataset: &Dataset, manifest: Option<&Manifest>) -> (Provenance, Vec<String>) {
    match manifest {
        _ if dataset.synthetic => (Provenance::Synthetic, vec!["the folder is marked as synthetic".to_owned()]),
        Some(manifest) => provenance_of(manifest, &dataset.inputs),
        None => (Provenance::Unknown, vec!["no manifest knows this data: its origin is unknown".to_owned()]),
    }
}

fn data_record(dataset: &Dataset, source: Provenance) -> DataRecord {
    let interactions = &dataset.interactions;
    let widths = Modality::ALL
        .into_iter()
        .filter_map(|modality| Some((modality.to_string(), dataset.features.of(modality)?.ncols())))
        .collect::<BTreeMap<_, _>>();
    DataRecord {
        name: dataset.name.clone(),
        dir: dataset.dir.display().to_string(),
        source,
        users: interactions.users,
        items: interactions.items,
        train: interactions.train.len(),
        valid: interactions.valid.len(),
        test: interactions.test.len(),
        widths,
        absent: dataset.findings.absent.iter().map(ToString::to_string).collect(),
        findings: dataset.findings.clone(),
        notes: Vec::new(),
    }
}
