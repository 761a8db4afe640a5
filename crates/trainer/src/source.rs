//! Where a job's data comes from: a folder that was named, `$ANCHORREC_DATA`, `datasets/<name>/ready`, or a synthetic twin.

use crate::loaded::{self, DataFolder, Loaded, Rows, manifests};
use crate::observer::{Observer, RunEvent};
use anchorrec_data::note::{Kind, Note};
use anchorrec_data::shelf::{Provided, provide};
use anchorrec_data::{DataError, Manifest, Modality, TwinSpec, few};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The environment variable of a folder with one folder per data set.
const VARIABLE: &str = "ANCHORREC_DATA";
/// Seed of the synthetic twins: a twin of a size is always the same.
const TWIN_SEED: u64 = 0;

/// The data that is asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The folder of a data set.
    pub data: Option<PathBuf>,
    /// The name of a data set. Beside a folder, the name of the manifest to use.
    pub dataset: Option<String>,
    /// A file of fused features in place of the folder's own.
    pub mm: Option<PathBuf>,
    /// The folder of the data sets' manifests.
    pub datasets: PathBuf,
    /// The size of the synthetic twin as a share of the real data set; the manifest's where nothing is said.
    pub scale: Option<f64>,
}

/// Why there is no data.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SourceError {
    /// Nothing says which data.
    #[error("name a data set with --dataset or its folder with --data")]
    NotNamed,
    /// A path where a name belongs.
    #[error("--dataset {name}: expected the name of a data set, found a path: --data takes the folder of one")]
    Path {
        /// What was given.
        name: String,
    },
    /// No data set has this name.
    #[error("there is no data set `{name}` {here}; {there}")]
    Unknown {
        /// The name.
        name: String,
        /// Which names the manifests have.
        here: String,
        /// What is in the folder of data sets, or how to name one.
        there: String,
    },
    /// The folder that data is said to be in does not have it.
    #[error(
        "{VARIABLE} is {base}, but there is no folder {names} in it{contents}, and none is {ready}: correct it, name the folder with --data, or ask \
         for a synthetic twin with --scale {scale} or without {VARIABLE}"
    )]
    NotThere {
        /// The folder of data sets.
        base: PathBuf,
        /// What the data set is called.
        names: String,
        /// What the folder has.
        contents: String,
        /// Where else it was looked for.
        ready: PathBuf,
        /// The size of the synthetic twin.
        scale: f64,
    },
    /// A size of a twin, and there is real data.
    #[error("--scale is the size of a synthetic twin, but there is data in {dir}")]
    NoTwin {
        /// The folder.
        dir: PathBuf,
    },
    /// Something was not taken as it stood.
    #[error("--strict: {refused}")]
    Strict {
        /// What.
        refused: String,
    },
    /// A manifest cannot be read, or a twin cannot be made.
    #[error(transparent)]
    Data(#[from] DataError),
}

/// Finds the data, or makes a twin; `say` is told of a twin while it is made.
///
/// # Errors
/// When nothing is named, nothing has the name, or a twin cannot be made.
pub fn find(options: &Asked, say: &mut dyn FnMut(&str)) -> Result<DataFolder, SourceError> {
    let base = std::env::var_os(VARIABLE).filter(|base| !base.is_empty()).map(PathBuf::from);
    let Some(name) = &options.dataset else {
        let Some(dir) = &options.data else { return Err(SourceError::NotNamed) };
        return found(options, dir.clone(), None, Fused::Hint);
    };
    if name.contains(['/', '\\']) {
        return Err(SourceError::Path { name: name.clone() });
    }
    let manifest = manifest(&options.datasets, name)?;
    if let Some(dir) = &options.data {
        let Some(manifest) = manifest else { return Err(unknown(options, name, base.as_deref())) };
        return found(options, dir.clone(), Some(manifest), Fused::Hint);
    }
    let mut names = vec![name.clone()];
    names.extend(manifest.iter().flat_map(|manifest| [&manifest.name].into_iter().chain(&manifest.aliases)).cloned());
    let in_base = base.iter().flat_map(|base| names.iter().map(|name| base.join(name)));
    if let Some(dir) = in_base.clone().find(|dir| dir.is_dir()) {
        return found(options, dir, manifest, Fused::Take);
    }
    let Some(manifest) = manifest else { return Err(unknown(options, name, base.as_deref())) };
    let ready = options.datasets.join(&manifest.name).join("ready");
    if ready.is_dir() {
        return found(options, ready, Some(manifest), Fused::Take);
    }
    // Somebody who says where data is expects it to be found there.
    if let (Some(base), None) = (&base, options.scale) {
        names.dedup();
        return Err(SourceError::NotThere {
            names: names.join(" or "),
            contents: contents(base),
            base: base.clone(),
            ready,
            scale: manifest.twin.scale,
        });
    }
    let looked: Vec<String> = in_base.chain([ready]).map(|dir| dir.display().to_string()).collect();
    let why = format!("no data in {} (--data-dir or {VARIABLE} can name a place)", looked.join(" or "));
    twin(options, &manifest, &why, say)
}

/// What is done about fused features that are beside a folder without any.
#[derive(Clone, Copy, PartialEq)]
enum Fused {
    /// The features are the data set's anchor.
    Take,
    /// The folder was named exactly: they are mentioned.
    Hint,
}

fn found(options: &Asked, dir: PathBuf, manifest: Option<Manifest>, fused: Fused) -> Result<DataFolder, SourceError> {
    if options.scale.is_some() {
        return Err(SourceError::NoTwin { dir });
    }
    let (mut elsewhere, mut notes) = (elsewhere(options), Vec::new());
    notes.extend(options.mm.as_deref().and_then(of_another_name));
    if elsewhere.is_empty()
        && !dir.join(Modality::Mm.file_name()).exists()
        && let Some(beside) = beit3(&dir)
    {
        if fused == Fused::Take {
            let text = format!("{}: taken as the fused features, the anchor", beside.display());
            notes.push(Note::new(Kind::Guessed, "fused-features-beside", 0u64, text));
            elsewhere.push((Modality::Mm, beside));
        } else {
            let text = format!("{}: fused features? --mm takes them as the anchor", beside.display());
            notes.push(Note::new(Kind::Ignored, "fused-features-beside", 0u64, text));
        }
    }
    Ok(DataFolder { dir, manifest, elsewhere, notes })
}

/// Says that the file of --mm has a name of text or image features. BEiT-3's fused features have one, in a folder that says what they are.
fn of_another_name(path: &Path) -> Option<Note> {
    let name = path.file_stem()?.to_string_lossy().to_lowercase();
    let word = name
        .split(|c: char| !c.is_alphanumeric())
        .find(|word| ["text", "title", "image", "img", "vision", "visual"].contains(word))?;
    let folder = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let text = format!(
        "{} is taken as the fused features, the anchor, as --mm says, and its name says {word}",
        path.display()
    );
    (!folder.ends_with("_beit3")).then(|| Note::new(Kind::Odd, "features-of-another-name", 0u64, text))
}

/// The features that were named.
fn elsewhere(options: &Asked) -> Vec<(Modality, PathBuf)> {
    options.mm.iter().map(|path| (Modality::Mm, path.clone())).collect()
}

/// BEiT-3's fused features of the data set in `<name>` are the image features of `<name>_beit3`.
fn beit3(dir: &Path) -> Option<PathBuf> {
    let name = dir.file_name()?.to_str()?;
    Some(dir.with_file_name(format!("{name}_beit3")).join(Modality::Vision.file_name())).filter(|path| path.is_file())
}

/// The manifest of a data set by its name or by one of its other names.
fn manifest(datasets: &Path, name: &str) -> Result<Option<Manifest>, DataError> {
    let path = datasets.join(name).join("manifest.toml");
    if path.is_file() {
        return Ok(Some(Manifest::load(&path)?));
    }
    let all = manifests(datasets).into_iter().filter_map(|path| Manifest::load(&path).ok());
    Ok({ all }.find(|manifest| manifest.aliases.iter().any(|alias| alias == name)))
}

/// The message for an unknown name: it lists the names that exist.
fn unknown(options: &Asked, name: &str, base: Option<&Path>) -> SourceError {
    let known: Vec<String> = manifests(&options.datasets)
        .iter()
        .filter_map(|path| Some(path.parent()?.file_name()?.to_string_lossy().into_owned()))
        .collect();
    let datasets = options.datasets.display();
    let here = match &known[..] {
        [] => format!(
            "no manifests are in {datasets}: they are in the repository, --datasets can point at its folder `datasets`"
        ),
        known => format!("in {datasets}: expected one of {}", known.join(", ")),
    };
    let there = match base {
        Some(base) => format!("{VARIABLE} is {}{}", base.display(), contents(base)),
        None => format!("{VARIABLE} can name a folder of data sets, --data the folder of one"),
    };
    SourceError::Unknown { name: name.to_owned(), here, there }
}

/// What can be had in a folder of data sets: `, which has baby, sports`.
fn contents(base: &Path) -> String {
    let entries = match std::fs::read_dir(base) {
        Ok(entries) => entries.flatten(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return ", as that is not there itself".to_owned();
        }
        Err(error) => return format!(", which is no folder that can be read ({error})"),
    };
    let has_inter = |dir: &Path| {
        let mut entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
        entries.any(|entry| entry.path().extension().is_some_and(|ending| ending == "inter"))
    };
    if has_inter(base) {
        return ", which is a data set itself (--data takes the folder of one)".to_owned();
    }
    let mut names: Vec<String> = entries
        .filter(|entry| has_inter(&entry.path()))
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    match names.len() {
        0 => ", which has no data sets".to_owned(),
        count => format!(", which has {}", few(&names, count)),
    }
}

/// The synthetic twin of a data set, made if it is not there yet.
fn twin(options: &Asked, manifest: &Manifest, why: &str, say: &mut dyn FnMut(&str)) -> Result<DataFolder, SourceError> {
    let scale = options.scale.unwrap_or(manifest.twin.scale);
    let spec = TwinSpec::of(manifest).scaled(scale);
    let dir = options.datasets.join(&manifest.name).join("synthetic").join(format!("scale-{scale}"));
    say(&format!("{why}: a synthetic twin of {} at scale {scale} is used, in {}", manifest.name, dir.display()));
    match provide(&spec, TWIN_SEED, &dir)? {
        Provided::Found => {}
        Provided::Made => say("the twin was made"),
        Provided::Again(files) => say(&format!(
            "the twin was made again, since it was not as it was written: {} (a copy of the folder elsewhere can be changed and named with \
             --data)",
            few(&files, files.len())
        )),
    }
    let notice = format!(
        "SYNTHETIC DATA: a generated twin of {} at scale {scale} ({why}). Its numbers say nothing about the real data \
         set and are not comparable with any paper.",
        manifest.name
    );
    // Asked for by its size, it is what was asked for.
    let kind = if options.scale.is_some() { Kind::Missing } else { Kind::Filled };
    let notes = vec![Note::new(kind, "synthetic-twin", 0u64, notice)];
    Ok(DataFolder { dir, manifest: Some(manifest.clone()), elsewhere: elsewhere(options), notes })
}

/// Finds and loads a data set, and says what is unusual about it.
///
/// # Errors
/// When there is none, a file cannot be read or is damaged, or anything was not taken as it stood and `strict` is set.
pub fn load(asked: &Asked, rows: Rows, strict: bool, observer: &mut dyn Observer) -> Result<Loaded, SourceError> {
    let folder = find(asked, &mut |line| observer.event(RunEvent::Line(line)))?;
    let loaded = loaded::load(folder, &asked.datasets, rows, observer)?;
    say(&loaded.notes, strict, observer)?;
    Ok(loaded)
}

/// Says notes, and refuses those that `strict` does not allow.
///
/// # Errors
/// When there is one.
pub fn say(notes: &[Note], strict: bool, observer: &mut dyn Observer) -> Result<(), SourceError> {
    match loaded::say(notes, observer).filter(|_| strict) {
        Some(refused) => Err(SourceError::Strict { refused }),
        None => Ok(()),
    }
}
