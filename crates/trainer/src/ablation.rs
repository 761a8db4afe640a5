//! Variants of the default model on one data set, each trained and compared with the whole method.

use crate::comparison::{VariantRuns, compare};
use crate::config_layers::ConfigError;
use crate::error::TrainError;
use crate::identity::Identity;
use crate::job::RunOptions;
use crate::layered::{Configuration, Said, configuration};
use crate::loaded::Loaded;
use crate::models::tables;
use crate::observer::{Observer, RunEvent};
use crate::reported::{self, Earlier, Ended, Trained, folder};
use crate::variants::{Variant, ablations, contrasts, reference};
use anchorrec_files::atomic::write_json;
use anchorrec_files::disk::FileSystem;
use anchorrec_recommender::ModelList;
use anchorrec_records::Comparison;
use anchorrec_records::comparison::DivergedVariant;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use thiserror::Error;

/// An ablation study that is wanted.
#[derive(Clone)]
pub struct Ablation {
    /// All models; the first is the one that is looked at.
    pub models: ModelList,
    /// Settings over the defaults and the data set's tuned ones.
    pub said: Said,
    /// Names of the variants beside the whole method; all ablations where nothing is said.
    pub only: Option<Vec<String>>,
    /// Whether the other models are trained as well.
    pub with_models: bool,
    /// The folder for runs; the comparison goes below it.
    pub out: PathBuf,
    /// The time between two checkpoints.
    pub checkpoint_every: Duration,
    /// What reports say they were asked for by.
    pub command: Vec<String>,
}

/// Why a study does not come to its end.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AblationError {
    /// Nothing to compare by.
    #[error("{dir}: there are no test rows, so variants cannot be compared: split the data first")]
    NoTest {
        /// The folder of the data set.
        dir: PathBuf,
    },
    /// No variant has this name.
    #[error("--only: there is no variant `{name}`: expected some of {}", known.join(", "))]
    Unknown {
        /// The name.
        name: String,
        /// All names.
        known: Vec<&'static str>,
    },
    /// The settings of a variant are not right.
    #[error("variant {name}")]
    Config {
        /// The variant.
        name: &'static str,
        /// What is wrong.
        source: ConfigError,
    },
    /// The whole method diverged.
    #[error(
        "{name} diverged ({what}), so there is nothing to compare with: lower train.learning_rate or look at the features"
    )]
    Diverged {
        /// The method.
        name: &'static str,
        /// Where.
        what: String,
    },
    /// Somebody changes the folder meanwhile.
    #[error("{folder}: the results of users were just written and cannot be read back: run the same command again")]
    UsersGone {
        /// The folder of the run.
        folder: PathBuf,
    },
    /// A training failed.
    #[error(transparent)]
    Train(#[from] TrainError),
}

impl Ablation {
    /// Returns the variants that are asked for, the whole method first.
    ///
    /// # Errors
    /// When there is no variant of a name.
    pub fn wanted(&self) -> Result<Vec<Variant>, AblationError> {
        let model = self.models.default_model();
        let (reference, ablations, contrasts) = (reference(model), ablations(model), contrasts(self.models, model));
        let all: Vec<Variant> = ablations.iter().chain(&contrasts).copied().collect();
        let chosen = match &self.only {
            Some(names) => {
                let find = |name: &String| {
                    let known = || all.iter().map(|variant| variant.name).collect();
                    let found = all.iter().find(|variant| variant.name == name).copied();
                    found.ok_or_else(|| AblationError::Unknown { name: name.clone(), known: known() })
                };
                names.iter().filter(|name| *name != reference.name).map(find).collect::<Result<Vec<_>, _>>()?
            }
            None => ablations,
        };
        let models = contrasts.into_iter().filter(|_| self.with_models);
        Ok(std::iter::once(reference).chain(chosen).chain(models).collect())
    }

    /// Trains every variant and compares them; returns the comparison and its file, or nothing where `stop` ended it. What was trained before is not
    /// trained again.
    ///
    /// # Errors
    /// When there is nothing to compare by, settings are not right, the whole method diverges, or a file cannot be written.
    pub fn run(
        &self,
        loaded: &Loaded,
        stop: &AtomicBool,
        observer: &mut dyn Observer,
    ) -> Result<Option<(Comparison, PathBuf)>, AblationError> {
        if loaded.dataset.interactions.test.is_empty() {
            return Err(AblationError::NoTest { dir: loaded.dataset.dir.clone() });
        }
        let jobs = self.jobs(loaded, observer)?;
        let (mut compared, mut diverged) = (Vec::new(), Vec::new());
        let count = jobs.len();
        let base = self.out.join(&loaded.dataset.name);
        for (place, (variant, configured)) in jobs.into_iter().enumerate() {
            let text = format!("variant {} of {count}: {} ({})", place + 1, variant.name, variant.about);
            observer.event(RunEvent::Notice(&text));
            observer.event(RunEvent::Line(&format!("settings: {}", configured.sources)));
            match self.trained(loaded, configured, stop, observer)? {
                VariantEnd::Done(done) => compared.push(variant_runs(&variant, &done, &base)?),
                VariantEnd::Diverged(what) if place == 0 => {
                    return Err(AblationError::Diverged { name: variant.name, what });
                }
                VariantEnd::Diverged(what) => {
                    observer.event(RunEvent::Notice(&format!("{}: diverged, {what}", variant.name)));
                    diverged.push(diverged_variant(&variant, what));
                }
                VariantEnd::Stopped => return Ok(None),
            }
        }
        let comparison = Comparison { diverged, ..compare(&loaded.dataset.name, &compared) };
        let path = base.join("comparison.json");
        write_json(&FileSystem, &path, &comparison).map_err(|source| TrainError::File {
            path: path.clone(),
            action: "write",
            source,
        })?;
        Ok(Some((comparison, path)))
    }

    /// Every configuration is made before anything is trained: a wrong one is told now.
    fn jobs(
        &self,
        loaded: &Loaded,
        observer: &mut dyn Observer,
    ) -> Result<Vec<(Variant, Configuration)>, AblationError> {
        let mut jobs: Vec<(Variant, Configuration)> = Vec::new();
        let mut known = BTreeSet::new();
        let present = tables(&loaded.dataset.features).present();
        for variant in self.wanted()? {
            let configured = self.configured(loaded, &variant)?;
            let config = &configured.config;
            let left_out = if let Some(missing) = config.features.missing(&loaded.dataset.features) {
                format!("left out, the data set has no {missing} features")
            } else if config.model.refuses(present) {
                let why = config.model.lacking(present).unwrap_or("the data set has not the features that it needs");
                format!("left out, {why}")
            } else if known.insert(Identity::new(config, &loaded.dataset.inputs).short_name()) {
                jobs.push((variant, configured));
                continue;
            } else {
                "left out, the same as one before".to_owned()
            };
            observer.event(RunEvent::Notice(&format!("{}: {left_out}", variant.name)));
        }
        Ok(jobs)
    }

    fn configured(&self, loaded: &Loaded, variant: &Variant) -> Result<Configuration, AblationError> {
        let settings: Vec<String> = variant.settings.iter().map(|&setting| setting.to_owned()).collect();
        configuration(self.models, Some(variant.model), &self.said, loaded.tuned(), &settings)
            .map_err(|source| AblationError::Config { name: variant.name, source })
    }

    fn trained(
        &self,
        loaded: &Loaded,
        configured: Configuration,
        stop: &AtomicBool,
        observer: &mut dyn Observer,
    ) -> Result<VariantEnd, AblationError> {
        let (folder, _) = folder(loaded, &configured.config, &self.out)?;
        let options = RunOptions { checkpoint_every: self.checkpoint_every, ..RunOptions::default() };
        let (command, earlier) = (self.command.clone(), Earlier::default());
        match reported::train(loaded, command, configured, earlier, folder, options, stop, observer) {
            Ok(Ended::Done(done)) => {
                if done.before {
                    observer.event(RunEvent::Notice("trained before"));
                }
                Ok(VariantEnd::Done(done))
            }
            Ok(Ended::Stopped) => Ok(VariantEnd::Stopped),
            Err(error) => match error.divergence() {
                Some(what) => Ok(VariantEnd::Diverged(what)),
                None => Err(error.into()),
            },
        }
    }
}

/// How a variant ended.
enum VariantEnd {
    /// The variant was trained to its end.
    Done(Box<Trained>),
    /// The numbers of one of its seeds went wrong, and where.
    Diverged(String),
    /// The variant was told to stop.
    Stopped,
}

fn diverged_variant(variant: &Variant, what: String) -> DivergedVariant {
    DivergedVariant {
        name: variant.name.to_owned(),
        about: variant.about.to_owned(),
        settings: variant.settings.iter().map(|&setting| setting.to_owned()).collect(),
        what,
    }
}

fn variant_runs(variant: &Variant, done: &Trained, base: &Path) -> Result<VariantRuns, AblationError> {
    let runs = &done.report.runs;
    let analyses = runs.iter().map(|run| done.job.analyse(&done.folder, run)).collect::<Result<Vec<_>, _>>()?;
    let folder = done.folder.path();
    let gone = || AblationError::UsersGone { folder: folder.to_owned() };
    let users = runs.iter().map(|run| done.folder.users(run).ok_or_else(gone)).collect::<Result<_, _>>()?;
    Ok(VariantRuns {
        name: variant.name.to_owned(),
        about: variant.about.to_owned(),
        settings: variant.settings.iter().map(|&setting| setting.to_owned()).collect(),
        folder: folder.strip_prefix(base).unwrap_or(folder).display().to_string(),
        runs: runs.clone(),
        analyses,
        users,
    })
}
