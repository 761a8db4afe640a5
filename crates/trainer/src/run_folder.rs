//! The folder of a job: which files it holds, and that one process at a time writes them.
//!
//! | file | what |
//! |---|---|
//! | `seed-<s>.best.safetensors` | the weights of the best epoch so far |
//! | `seed-<s>.step-<n>.safetensors` | [checkpoints](crate::checkpoint) after step `n`; the last two are kept, of a finished run the last |
//! | `seed-<s>.epochs.jsonl` | the curve as the run goes: [`EpochRecord`]s, one JSON object a line, a line after each epoch |
//! | `seed-<s>.times.json` | how long the steps up to the last checkpoint took |
//! | `seed-<s>.json` | the record of a finished run |
//! | `seed-<s>.analysis.json`, `seed-<s>.users.json` | what [`analyse`](crate::analysis) saw in its best weights, and what every user got |
//! | `seed-<s>.fused.json` | what its weights recommend together with a closed form, where they were [fused](crate::fusion) |
//! | `report.json` | the report of the finished job |
//! | `trial` | marks the run of a [search](crate::search), which may clear it away |
//! | `identity.json` | what all of the above is [made of](crate::identity) |
//! | `.lock` | locked while a process works here; the system unlocks it when the process ends, however it ends |

mod names;
mod traces;

pub(crate) use traces::saved;
pub use traces::{Interrupted, Saved, analysis, fused, users};

use crate::adam::Adam;
use crate::checkpoint::{self, About, State, Times};
use crate::error::TrainError;
use crate::identity::Identity;
use anchorrec_encoders::Params;
use anchorrec_files::atomic::{write_atomic, write_json};
use anchorrec_files::disk::Disk;
use anchorrec_files::fingerprint;
use anchorrec_records::report::{EpochRecord, Report, RunRecord};
use anchorrec_records::{Analysis, ListsRecord, UserResults};
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use traces::{files, has_traces, interrupted, kept_identity, open_seeds, read_json, siblings};

/// Checkpoints of a seed that stay.
const KEPT: usize = 2;

/// A job's folder, locked.
pub struct RunFolder {
    path: PathBuf,
    disk: Box<dyn Disk>,
    _lock: File,
}

impl RunFolder {
    /// Makes the folder if it is not there, locks it and takes away what a crash left half written.
    ///
    /// # Errors
    /// When another process works there, or the file system refuses.
    pub fn open(path: &Path, disk: Box<dyn Disk>) -> Result<Self, TrainError> {
        fs::create_dir_all(path).map_err(file_error(path, "make the folder"))?;
        let lock_path = path.join(names::LOCK);
        let lock = File::options().create(true).truncate(false).write(true).open(&lock_path);
        let lock = lock.map_err(file_error(&lock_path, "make the lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(TrainError::Busy { folder: path.to_owned() }),
            // A file system without locks: nothing to hold on to.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(file_error(&lock_path, "lock")(error)),
        }
        let folder = RunFolder { path: path.to_owned(), disk, _lock: lock };
        for path in files(&folder.path).filter(|path| path.extension().is_some_and(|e| e == "partial")) {
            folder.disk.remove(&path).map_err(file_error(&path, "remove"))?;
        }
        Ok(folder)
    }

    /// Checks that whatever is in the folder was made of the same as this run.
    ///
    /// # Errors
    /// When it was not, naming each difference: other arithmetic, mostly, since other settings and data have another folder.
    pub fn check(&self, identity: &Identity) -> Result<(), TrainError> {
        if !has_traces(&self.path) {
            return Ok(());
        }
        let differences = match kept_identity(&self.path) {
            Some(kept) if kept == *identity => return Ok(()),
            Some(kept) => identity.differences_from(&kept),
            None => vec!["it is of an earlier version, which did not write down what it was made of".to_owned()],
        };
        Err(TrainError::OtherRun { folder: self.path.clone(), differences })
    }

    /// Writes down what this run is made of, before anything else is written.
    ///
    /// # Errors
    /// When the folder holds a run that is made of something else, or the disk fails.
    pub fn claim(&self, identity: &Identity) -> Result<(), TrainError> {
        self.check(identity)?;
        let path = self.at(names::IDENTITY);
        if kept_identity(&self.path).as_ref() == Some(identity) { Ok(()) } else { self.save_json(&path, identity) }
    }

    /// Returns where the folder is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the path of the weights of a seed's best epoch.
    pub fn best(&self, seed: u64) -> PathBuf {
        self.at(names::best(seed))
    }

    /// Writes the weights of a seed's best epoch.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn save_best(&self, seed: u64, params: &Params<f32>, about: &str) -> Result<(), TrainError> {
        let path = self.best(seed);
        checkpoint::write_weights(&*self.disk, &path, params, about).map_err(file_error(&path, "write the weights"))
    }

    /// Returns the checkpoints of a seed, the newest first.
    pub fn checkpoints(&self, seed: u64) -> Vec<Saved> {
        saved(&self.path).into_iter().filter(|saved| saved.seed == seed).rev().collect()
    }

    /// Writes a checkpoint, then takes away all but the last two.
    ///
    /// # Errors
    /// When the disk fails: whatever was there before still is.
    pub fn save(&self, about: &About, params: &Params<f32>, adam: &Adam<f32>) -> Result<PathBuf, TrainError> {
        let State { seed, updates, .. } = about.state;
        let path = self.at(names::checkpoint(seed, updates));
        checkpoint::write(&*self.disk, &path, about, params, adam)
            .map_err(file_error(&path, "write the checkpoint"))?;
        // One that is further along than this comes from a longer history of the same run, and is as good; but it is not the last.
        let older = self.checkpoints(seed).into_iter().filter(|saved| saved.step != updates);
        for old in older.skip(KEPT - 1) {
            self.disk.remove(&old.path).map_err(file_error(&old.path, "remove the old checkpoint"))?;
        }
        Ok(path)
    }

    /// Takes away all checkpoints of a seed but the last, from which a longer run continues.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn keep_last(&self, seed: u64) -> Result<(), TrainError> {
        for old in self.checkpoints(seed).into_iter().skip(1) {
            self.disk.remove(&old.path).map_err(file_error(&old.path, "remove the old checkpoint"))?;
        }
        Ok(())
    }

    /// Begins the curve that can be read while the run goes, with the epochs that were trained before: those after the checkpoint that
    /// the run continues from are trained again.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn begin_curve(&self, seed: u64, curve: &[EpochRecord]) -> Result<(), TrainError> {
        let path = self.at(names::curve(seed));
        let lines: String = curve.iter().map(line).collect();
        write_atomic(&*self.disk, &path, |file| file.write_all(lines.as_bytes())).map_err(file_error(&path, "write"))
    }

    /// Writes one more line of the curve.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn add_to_curve(&self, seed: u64, epoch: &EpochRecord) -> Result<(), TrainError> {
        let path = self.at(names::curve(seed));
        // In one write, so that a reader sees whole lines.
        let written = self.disk.append(&path).and_then(|mut file| file.write_all(line(epoch).as_bytes()));
        written.map_err(file_error(&path, "write"))
    }

    /// Reads the record of a seed that was trained to its end, if its weights are still those.
    pub fn finished(&self, seed: u64) -> Option<RunRecord> {
        let record: RunRecord = read_json(&self.at(names::record(seed)))?;
        let same = fingerprint::sha256(&self.best(seed)).is_ok_and(|sha256| sha256 == record.checkpoint_sha256);
        same.then_some(record)
    }

    /// Reads the epochs of a seed: to its end, or to its newest checkpoint that can be read.
    pub fn curve(&self, seed: u64) -> Option<Vec<EpochRecord>> {
        if let Some(record) = self.finished(seed) {
            return Some(record.curve);
        }
        let saved = self.checkpoints(seed);
        saved.iter().find_map(|saved| checkpoint::about(&saved.path).ok()).map(|about| about.state.progress.curve)
    }

    /// Writes the record of a finished seed.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn save_record(&self, record: &RunRecord) -> Result<(), TrainError> {
        self.save_json(&self.at(names::record(record.seed)), record)
    }

    /// Reads the [analysis] of a finished run.
    pub fn analysis(&self, run: &RunRecord) -> Option<Analysis> {
        analysis(&self.path, run)
    }

    /// Reads [what every user got](users) from a finished run.
    pub fn users(&self, run: &RunRecord) -> Option<UserResults> {
        users(&self.path, run)
    }

    /// Writes the analysis of a finished run and the results of its users.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn save_analysis(&self, analysis: &Analysis, users: &UserResults) -> Result<(), TrainError> {
        self.save_json(&self.at(names::users(analysis.seed)), users)?;
        self.save_json(&self.at(names::analysis(analysis.seed)), analysis)
    }

    /// Writes what a finished run recommends together with a closed form.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn save_fused(&self, seed: u64, lists: &ListsRecord) -> Result<(), TrainError> {
        self.save_json(&self.at(names::fused(seed)), lists)
    }

    /// Reads how long the steps up to the last checkpoint took; nothing, where that cannot be read.
    pub fn times(&self, seed: u64) -> Times {
        read_json(&self.at(names::times(seed))).unwrap_or_default()
    }

    /// Writes how long the steps up to the last checkpoint took.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn save_times(&self, seed: u64, times: &Times) -> Result<(), TrainError> {
        self.save_json(&self.at(names::times(seed)), times)
    }

    /// Reads the report of a job that was trained to its end here, with exactly these seeds and with weights that are still its own.
    ///
    /// # Errors
    /// When the folder holds a run that is made of something else.
    pub fn finished_report(&self, identity: &Identity, seeds: &[u64]) -> Result<Option<(Report, PathBuf)>, TrainError> {
        self.check(identity)?;
        let report = read_json::<Report>(&self.at(names::REPORT)).filter(|report| {
            let same = |run: &RunRecord| {
                self.finished(run.seed).is_some_and(|record| record.checkpoint_sha256 == run.checkpoint_sha256)
            };
            report.runs.iter().map(|run| run.seed).eq(seeds.iter().copied()) && report.runs.iter().all(same)
        });
        Ok(report.map(|report| (report, self.at(names::REPORT))))
    }

    /// Writes the report of the job and returns its path.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn save_report(&self, report: &impl serde::Serialize) -> Result<PathBuf, TrainError> {
        let path = self.at(names::REPORT);
        self.save_json(&path, report)?;
        Ok(path)
    }

    fn save_json(&self, path: &Path, value: &impl serde::Serialize) -> Result<(), TrainError> {
        write_json(&*self.disk, path, value).map_err(file_error(path, "write"))
    }

    fn at(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }

    /// Takes away everything that earlier runs of these seeds left to continue from.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn clear(&self, seeds: &[u64]) -> Result<(), TrainError> {
        let checkpoints = saved(&self.path).into_iter().filter(|saved| seeds.contains(&saved.seed));
        let others = seeds.iter().flat_map(|&seed| [self.at(names::record(seed)), self.at(names::curve(seed))]);
        for path in checkpoints.map(|saved| saved.path).chain(others.filter(|path| path.exists())) {
            self.disk.remove(&path).map_err(file_error(&path, "remove"))?;
        }
        self.remove_report_of(seeds)
    }

    /// Marks a folder in which nothing was trained yet as one of a search's trials, or, where this is no trial, takes the mark away.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn mark_trial(&self, trial: bool) -> Result<(), TrainError> {
        let path = self.at(names::TRIAL);
        match (trial, path.exists()) {
            (true, false) if !has_traces(&self.path) => {
                self.disk.create(&path).map(drop).map_err(file_error(&path, "make"))
            }
            (false, true) => self.disk.remove(&path).map_err(file_error(&path, "remove")),
            _ => Ok(()),
        }
    }

    /// Takes away the weights and checkpoints of a search's trial, and its records: at published widths gigabytes. What anybody else trained
    /// here stays.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn clear_trial(&self, seed: u64) -> Result<(), TrainError> {
        if !self.at(names::TRIAL).exists() || self.is_finished() {
            return Ok(());
        }
        self.clear(&[seed])?;
        for path in [self.best(seed), self.at(names::times(seed))].into_iter().filter(|path| path.exists()) {
            self.disk.remove(&path).map_err(file_error(&path, "remove"))?;
        }
        Ok(())
    }

    /// Removes the report if it shows a run of one of these seeds, which are about to be trained again. A report of other seeds stays until
    /// the next one replaces it.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn remove_report_of(&self, seeds: &[u64]) -> Result<(), TrainError> {
        let path = self.at(names::REPORT);
        let shows = |report: Report| report.runs.iter().any(|run| seeds.contains(&run.seed));
        if !path.exists() || !read_json::<Report>(&path).is_none_or(shows) {
            return Ok(());
        }
        self.disk.remove(&path).map_err(file_error(&path, "remove"))
    }

    /// Returns whether a job was trained to its end here, with whatever seeds.
    pub fn is_finished(&self) -> bool {
        self.at(names::REPORT).exists()
    }

    /// Returns whether some run left something here that can be shown or resumed.
    pub fn is_begun(&self) -> bool {
        has_traces(&self.path)
    }

    /// Returns those of `seeds` whose runs were interrupted here: they have a checkpoint and no record of their end.
    pub fn interrupted(&self, seeds: &[u64]) -> Vec<u64> {
        let open = open_seeds(&self.path);
        seeds.iter().copied().filter(|seed| open.contains(seed)).collect()
    }

    /// Folders beside this one with runs of the same but for fewer epochs, interrupted or finished.
    pub fn shorter(&self, identity: &Identity) -> Vec<PathBuf> {
        let of_shorter = |folder: &PathBuf| kept_identity(folder).is_some_and(|other| identity.is_longer_than(&other));
        siblings(&self.path).into_iter().filter(of_shorter).collect()
    }

    /// Finds interrupted runs beside this one, of another configuration, other data or another version.
    pub fn interrupted_siblings(&self) -> Vec<Interrupted> {
        siblings(&self.path).iter().filter_map(|folder| interrupted(folder)).collect()
    }
}

/// An epoch as a line of JSON.
pub(crate) fn line(epoch: &EpochRecord) -> String {
    serde_json::to_string(epoch).expect("records are JSON") + "\n"
}

fn file_error(path: &Path, action: &'static str) -> impl Fn(io::Error) -> TrainError + use<> {
    let path = path.to_owned();
    move |source| TrainError::File { path: path.clone(), action, source }
}
