//! Where a job's data comes from: a folder that was named, `$ANCHORREC_DATA`, `datasets/<name>/ready`, or a synthetic twin.

use crate::args::DataOptions;
use anchorrec_data::{Input, Manifest, TwinSpec, generate};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// The environment variable of a folder with one folder per data set.
const VARIABLE: &str = "ANCHORREC_DATA";
/// Seed of the synthetic twins: a twin of a size is always the same.
const TWIN_SEED: u64 = 0;

/// A folder to load, with what is known about it.
pub struct Source {
    /// The folder.
    pub dir: PathBuf,
    /// The data set's manifest, if it has a name that has one.
    pub manifest: Option<Manifest>,
    /// How it was found, for the reader of the report.
    pub notices: Vec<String>,
}

/// Finds the data, or makes a twin.
pub fn find(options: &DataOptions) -> Result<Source> {
    let manifest = match &options.dataset {
        Some(name) => Some(manifest(&options.datasets, name)?),
        None => None,
    };
    let found = |dir: PathBuf| {
        if options.scale.is_some() {
            bail!("--scale is the size of a synthetic twin, but there is data in {}", dir.display());
        }
        Ok(Source { dir, manifest: manifest.clone(), notices: Vec::new() })
    };
    if let Some(dir) = &options.data {
        return found(dir.clone());
    }
    let (Some(name), Some(manifest)) = (&options.dataset, &manifest) else {
        bail!("name a data set with --dataset or its folder with --data");
    };
    let mut looked = Vec::new();
    if let Some(base) = std::env::var_os(VARIABLE) {
        looked.push(Path::new(&base).join(name));
    }
    looked.push(options.datasets.join(name).join("ready"));
    for dir in &looked {
        if dir.is_dir() {
            return found(dir.clone());
        }
    }
    let looked: Vec<String> = looked.iter().map(|dir| dir.display().to_string()).collect();
    twin(options, manifest, &format!("no data in {} (--data-dir or {VARIABLE} can name a place)", looked.join(" or ")))
}

/// The manifest that knows one of these files by its bytes, if any does: a data set is recognised wherever it lies.
pub fn recognise(datasets: &Path, inputs: &[Input]) -> Option<Manifest> {
    let mut names: Vec<PathBuf> = std::fs::read_dir(datasets).ok()?.filter_map(|e| Some(e.ok()?.path())).collect();
    names.sort();
    let manifests = names.iter().filter_map(|dir| Manifest::load(&dir.join("manifest.toml")).ok());
    let mut known =
        manifests.filter(|m| m.files.iter().any(|file| inputs.iter().any(|input| input.sha256 == file.sha256)));
    known.next()
}

fn manifest(datasets: &Path, name: &str) -> Result<Manifest> {
    let path = datasets.join(name).join("manifest.toml");
    if !path.is_file() {
        let mut known: Vec<String> = std::fs::read_dir(datasets)
            .with_context(|| format!("{}: cannot list the data sets", datasets.display()))?
            .filter_map(|entry| entry.ok().filter(|e| e.path().join("manifest.toml").is_file()))
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        known.sort();
        bail!("there is no data set `{name}` in {}: expected one of {}", datasets.display(), known.join(", "));
    }
    Ok(Manifest::load(&path)?)
}

/// Makes the synthetic twin of a data set. It is made anew each time: that takes seconds, and a stale one cannot mislead.
fn twin(options: &DataOptions, manifest: &Manifest, why: &str) -> Result<Source> {
    let scale = options.scale.unwrap_or(manifest.twin.scale);
    let spec = TwinSpec::of(manifest).scaled(scale);
    let dir = options.datasets.join(&manifest.name).join("synthetic").join(format!("scale-{scale}"));
    eprintln!("{why}: making a synthetic twin of {} at scale {scale} in {}", manifest.name, dir.display());
    if dir.exists() {
        std::fs::remove_dir_all(&dir).with_context(|| format!("{}: cannot clear", dir.display()))?;
    }
    generate(&spec, TWIN_SEED).write(&dir)?;
    let notice = format!(
        "SYNTHETIC DATA: a generated twin of {} at scale {scale} ({why}). Its numbers say nothing about the real data \
         set and are not comparable with any paper.",
        manifest.name
    );
    Ok(Source { dir, manifest: Some(manifest.clone()), notices: vec![notice] })
}
