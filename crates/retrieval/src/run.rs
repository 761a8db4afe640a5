//! A finished run on disk, and the trained model that it becomes again.
//!
//! Everything is checked before a vector leaves: the weights by the SHA-256 that the report names, when the run is opened and again as they are read; the
//! data set by those of its files.

use crate::error::{RetrievalError, file_error};
use anchorrec_data::error::one_line;
use anchorrec_data::note::{Kind, Note};
use anchorrec_data::{Dataset, Modality};
use anchorrec_files::fingerprint::sha256;
use anchorrec_recommender::ModelList;
use anchorrec_records::Report;
use anchorrec_records::report::RunRecord;
use anchorrec_trainer::models::PreparedModels;
use anchorrec_trainer::{CheckedConfig, ConfigLayers, Identity, TrainedModel};
use serde::de::DeserializeOwned;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use toml::Table;

/// The longest record that is read: many times what a run of a thousand epochs and a hundred seeds writes.
const LONGEST: u64 = 1 << 30;

/// What to do about a run that is damaged.
const AGAIN: &str = "train the run again with --restart";

/// A finished run on disk.
pub struct FinishedRun {
    /// The run's folder.
    pub folder: PathBuf,
    /// The run's report.
    pub report: Report,
    /// The identity of the run.
    pub identity: Identity,
    /// The run of the seed that was chosen.
    pub run: RunRecord,
    /// Whether somebody has named the seed.
    pub is_seed_asked: bool,
    /// The file of the seed's best weights.
    pub weights: PathBuf,
}

/// A trained model with the data set that it was trained on.
pub struct Trained {
    /// The data set.
    pub dataset: Dataset,
    /// The settings of the run.
    pub config: CheckedConfig,
    /// The data that all models of this data set share.
    pub prepared: PreparedModels,
    /// The model and its embeddings.
    pub trained: TrainedModel,
    /// Notes for the user.
    pub notes: Vec<Note>,
}

impl FinishedRun {
    /// Opens the run in a folder, or the one of a `report.json`, and chooses a seed: the one that was asked for, else the one that is best on
    /// validation, of a refit the one that was best on the validation of the run that it repeats, else the first.
    ///
    /// # Errors
    /// When there is no finished run, it has no such seed, or its weights are not those of its report.
    pub fn open(path: &Path, seed: Option<u64>) -> Result<Self, RetrievalError> {
        let is_report = path.file_name().is_some_and(|name| name == "report.json");
        let folder = if is_report { path.parent().unwrap_or(Path::new("")) } else { path };
        let [report, identity] = ["report.json", "identity.json"].map(|name| folder.join(name));
        if !report.is_file() && identity.is_file() {
            return Err(RetrievalError::Unfinished { path: path.to_owned() });
        }
        if !report.is_file() || !identity.is_file() {
            return Err(RetrievalError::NoRun { path: path.to_owned() });
        }
        let (report, identity): (Report, Identity) = (record(&report, AGAIN)?, record(&identity, AGAIN)?);
        let differences = identity.differences_from_report(&report);
        if !differences.is_empty() {
            return Err(RetrievalError::Record {
                path: folder.join("identity.json"),
                problem: format!("this run is damaged: {}", some(&differences)),
                remedy: AGAIN,
            });
        }
        let best =
            report.runs.iter().find(|run| run.is_chosen() && run.seed == report.summary.selected_by_validation.seed);
        let refitted = report.refit.as_ref().and_then(|refit| refit.best_seed);
        let repeated = report.runs.iter().find(|run| Some(run.seed) == refitted);
        let run = match seed {
            Some(seed) => report.runs.iter().find(|run| run.seed == seed).ok_or_else(|| RetrievalError::NoSeed {
                folder: folder.to_owned(),
                seed,
                seeds: report.runs.iter().map(|run| run.seed).collect(),
            })?,
            None => best.or(repeated).or(report.runs.first()).ok_or_else(|| RetrievalError::Record {
                path: folder.join("report.json"),
                problem: "holds no run".to_owned(),
                remedy: AGAIN,
            })?,
        };
        if !run.is_of_its_curve() {
            return Err(RetrievalError::Record {
                path: folder.join("report.json"),
                problem: format!(
                    "this run is damaged: epoch {} of seed {} has other validation metrics in its curve",
                    run.best_epoch, run.seed
                ),
                remedy: AGAIN,
            });
        }
        let weights = folder.join(format!("seed-{}.best.safetensors", run.seed));
        let found = sha256(&weights).map_err(file_error(&weights, "read the weights"))?;
        let (folder, is_seed_asked, run) = (folder.to_owned(), seed.is_some(), run.clone());
        let run = FinishedRun { folder, is_seed_asked, run, report, identity, weights };
        run.check_weights(&found)?;
        Ok(run)
    }

    /// Compares the SHA-256 of weights with the one in the report.
    fn check_weights(&self, found: &str) -> Result<(), RetrievalError> {
        let expected = &self.run.checkpoint_sha256;
        match found == expected {
            true => Ok(()),
            false => Err(RetrievalError::Damaged {
                path: self.weights.clone(),
                expected: expected.clone(),
                found: found.to_owned(),
            }),
        }
    }

    /// Says which of several seeds is used and why, where no validation of this run has chosen it and nobody has asked for it.
    pub fn seed_note(&self) -> Option<Note> {
        let (seed, seeds) = (self.run.seed, self.report.runs.len());
        if self.is_seed_asked || self.run.is_chosen() || seeds < 2 {
            return None;
        }
        let why = match &self.report.refit {
            Some(refit) if refit.best_seed == Some(seed) => {
                format!(
                    "of the {seeds} seeds, {seed} has the best validation Recall@20 in the run that this refit repeats, {}",
                    refit.run
                )
            }
            Some(_) => format!(
                "seed {seed} is the first of {seeds}: this refit, by an earlier version, does not say which seed was best on validation in the run that it repeats"
            ),
            None => format!("seed {seed} is the first of {seeds}: the run had no validation rows to choose by"),
        };
        Some(Note::new(Kind::Missing, "seed", 0u64, format!("{why}; another seed can be named")))
    }

    /// Loads the data set and the model, from the list of models. The data set is where the run found it, or in the folder `data`.
    ///
    /// # Errors
    /// When the data set is gone or is another one, or the model cannot be built.
    pub fn load(&self, models: ModelList, data: Option<&Path>) -> Result<Trained, RetrievalError> {
        let config = self.config(models)?;
        let dataset = self.dataset(&config, data)?;
        self.load_on(config, dataset)
    }

    /// Loads the model with the [settings](Self::config) and the [data set](Self::dataset) of the run: a caller who takes these three steps knows that the
    /// first two are right before anything is computed.
    ///
    /// # Errors
    /// When the model cannot be built.
    pub fn load_on(&self, config: CheckedConfig, dataset: Dataset) -> Result<Trained, RetrievalError> {
        let now = Identity::new(&config, &dataset.inputs).after(self.identity.origin.clone());
        let differences = now.differences_from(&self.identity);
        let program = (!differences.is_empty()).then(|| {
            let text =
                format!("the last digits of scores may differ from those of the training: {}", differences.join("; "));
            Note::new(Kind::Odd, "other-program", 0u64, text)
        });
        let prepared = PreparedModels::new(&config, &dataset);
        let trained = TrainedModel::read(&config, &prepared, self.run.seed, &self.weights)?;
        // Whoever writes a run anew may have done so since it was opened.
        self.check_weights(&trained.sha256)?;
        Ok(Trained { dataset, config, prepared, trained, notes: self.seed_note().into_iter().chain(program).collect() })
    }

    /// Returns the settings of the run.
    ///
    /// # Errors
    /// When this version does not understand them.
    pub fn config(&self, models: ModelList) -> Result<CheckedConfig, RetrievalError> {
        let path = self.folder.join("identity.json");
        let wrong = |problem: String| RetrievalError::Record { path: path.clone(), problem, remedy: AGAIN };
        let settings = self.settings()?;
        let mut layers = ConfigLayers::new(models);
        let settings = layers.put("identity.json", &settings).and_then(|()| layers.finish());
        let mut config = settings.map_err(|source| RetrievalError::Settings { path: path.clone(), source })?;
        config.train.seeds = vec![self.run.seed];
        config.check().map_err(|error| wrong(error.to_string()))
    }

    /// Returns the settings of the run as a table, the seeds at their default.
    ///
    /// # Errors
    /// When they are no table of settings.
    pub fn settings(&self) -> Result<Table, RetrievalError> {
        Table::try_from(&self.identity.config).map_err(|error| RetrievalError::Record {
            path: self.folder.join("identity.json"),
            problem: one_line(&error.to_string()),
            remedy: AGAIN,
        })
    }

    /// Returns the folder of the data set: `data`, else where the run found it.
    ///
    /// # Errors
    /// When it is no longer there.
    pub fn data_dir(&self, data: Option<&Path>) -> Result<PathBuf, RetrievalError> {
        data_dir(Path::new(&self.report.data.dir), data)
    }

    /// Returns the files of features that the run read from outside of the folder of its data set.
    pub fn elsewhere(&self) -> Vec<(Modality, PathBuf)> {
        let recorded = Path::new(&self.report.data.dir);
        Modality::ALL
            .into_iter()
            .filter_map(|modality| {
                let sha256 = self.identity.inputs.get(modality.file_name())?;
                let input = self.report.inputs.iter().find(|input| input.sha256 == *sha256)?;
                let path = PathBuf::from(&input.path);
                (path.parent() != Some(recorded)).then_some((modality, path))
            })
            .collect()
    }

    /// Loads the data set, which must be the one of the run. Of a refit all rows are training rows, as they were when it was trained.
    ///
    /// # Errors
    /// When it is gone, cannot be read, or is another one.
    pub fn dataset(&self, config: &CheckedConfig, data: Option<&Path>) -> Result<Dataset, RetrievalError> {
        let (dir, elsewhere) = (self.data_dir(data)?, self.elsewhere());
        let dataset = match self.identity.origin.refit {
            Some(_) => Dataset::load_whole(&dir, &elsewhere)?,
            None => Dataset::load_with(&dir, &elsewhere)?,
        };
        self.check_data(config, &dataset)?;
        Ok(dataset)
    }

    /// Checks that a data set is the one of the run, by the SHA-256 of its files.
    ///
    /// # Errors
    /// When it is another one, naming each file that differs.
    pub fn check_data(&self, config: &CheckedConfig, dataset: &Dataset) -> Result<(), RetrievalError> {
        let differences = Identity::new(config, &dataset.inputs).differences_from(&self.identity);
        let differences: Vec<String> =
            differences.into_iter().filter(|difference| difference.starts_with("the file ")).collect();
        if differences.is_empty() {
            Ok(())
        } else {
            Err(RetrievalError::OtherData { dir: dataset.dir.clone(), differences })
        }
    }
}

/// Returns the folder `data`, else the `recorded` one.
///
/// # Errors
/// When only the recorded one is known, and it is no longer there.
pub(crate) fn data_dir(recorded: &Path, data: Option<&Path>) -> Result<PathBuf, RetrievalError> {
    if data.is_none() && !recorded.is_dir() {
        return Err(RetrievalError::DataGone { dir: recorded.to_owned() });
    }
    Ok(data.unwrap_or(recorded).to_owned())
}

/// Reads a record of a run; `remedy` says how to get one that is whole.
pub(crate) fn record<T: DeserializeOwned>(path: &Path, remedy: &'static str) -> Result<T, RetrievalError> {
    let mut text = String::new();
    let file = File::open(path).map_err(file_error(path, "read"))?;
    file.take(LONGEST).read_to_string(&mut text).map_err(file_error(path, "read"))?;
    serde_json::from_str(&text).map_err(|error| RetrievalError::Record {
        path: path.to_owned(),
        problem: format!("is not the record of a run: {}", one_line(&error.to_string())),
        remedy,
    })
}
/// The first differences, each whole, and how many more there are.
fn some(differences: &[String]) -> String {
    const SHOWN: usize = 3;
    let more = differences.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    differences[..differences.len().min(SHOWN)].join("; ") + &more
}
