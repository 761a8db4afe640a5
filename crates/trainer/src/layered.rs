//! The configuration of a job: defaults, a data set's tuned settings, a file, single settings, later ones over earlier ones, and where they come from.

use crate::config::CheckedConfig;
use crate::config_layers::{ConfigError, ConfigLayers, leaves};
use anchorrec_recommender::{Model, ModelList};
use toml::{Table, Value};

/// The settings that a user gives for a job.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// A TOML file of settings: its name and its text.
    pub file: Option<(String, String)>,
    /// Single settings, one `path=value` each.
    pub set: Vec<String>,
    /// The maximum number of epochs.
    pub epochs: Option<usize>,
    /// The evaluations without a better one after which a run stops.
    pub patience: Option<usize>,
    /// The random seeds; each gives one run.
    pub seeds: Option<Vec<u64>>,
}

impl Said {
    /// Returns what the file and the single settings say, one `path=value` each; later ones win.
    ///
    /// # Errors
    /// When the file is not TOML.
    pub fn assignments(&self) -> Result<Vec<String>, ConfigError> {
        let mut said = Vec::new();
        if let Some((name, text)) = &self.file {
            said.extend(lines(&crate::config_layers::parse(name, text)?));
        }
        said.extend(self.set.iter().cloned());
        Ok(said)
    }
}

/// The tuned settings that are under what the user says.
#[derive(Clone, Copy)]
pub enum Tuned<'a> {
    /// The tuned settings of a manifest, by model.
    Of {
        /// The data set's name.
        dataset: &'a str,
        /// `[settings]` of its manifest.
        settings: &'a Table,
        /// `[twin.settings]` of its manifest, where the data is its synthetic twin: for every model.
        twin: Option<&'a Table>,
    },
    /// Settings of a finished run, whatever the data set.
    Run {
        /// Folder of the run.
        name: &'a str,
        /// Settings of the run.
        settings: &'a Table,
    },
    /// There are no tuned settings; says why.
    None(&'a str),
}

/// A configuration, and where its settings come from.
#[derive(Clone)]
pub struct Configuration {
    /// The configuration.
    pub config: CheckedConfig,
    /// The sources of the settings in one line: `defaults, then ...`.
    pub sources: String,
}

/// Layers the defaults, the data set's tuned settings for the model, a file, single settings, the settings of a variant, and what has an option of its
/// own: later ones win.
///
/// # Errors
/// When there is no such setting, or a value cannot work.
pub fn configuration(
    models: ModelList,
    model: Option<&'static dyn Model>,
    what: &Said,
    tuned: Tuned<'_>,
    variant: &[String],
) -> Result<Configuration, ConfigError> {
    let Said { file, set, epochs, patience, seeds } = what;
    let said = |layers: &mut ConfigLayers| {
        if let Some((name, text)) = file {
            layers.put_toml(name, text)?;
        }
        set.iter().chain(variant).try_for_each(|assignment| layers.set(assignment))
    };
    let mut over = ConfigLayers::new(models);
    said(&mut over)?;
    // The model decides which tuned settings lie underneath, so it is asked for first.
    let model = match (model, tuned) {
        (Some(model), _) => model,
        (None, Tuned::Run { name, settings }) => {
            let mut run = ConfigLayers::new(models);
            run.put(name, settings)?;
            said(&mut run)?;
            run.finish()?.model
        }
        (None, _) => over.finish()?.model,
    };

    let mut layers = ConfigLayers::new(models);
    layers.put("--model", &Table::from_iter([("model".to_owned(), Value::String(model.name().to_owned()))]))?;
    let mut sources = match tuned {
        Tuned::Of { dataset, settings, .. } => match settings.get(model.name()) {
            Some(Value::Table(tuned)) => {
                layers.put("the manifest's settings", tuned)?;
                let tuned: Vec<String> = lines(tuned);
                vec![
                    "defaults".to_owned(),
                    format!("tuned for {model} in the manifest of {dataset} ({})", tuned.join(" ")),
                ]
            }
            _ => vec![format!("defaults (the manifest of {dataset} has no tuned settings for {model})")],
        },
        Tuned::Run { name, settings } => {
            layers.put(name, settings)?;
            vec![format!("those of {name}")]
        }
        Tuned::None(why) => vec![format!("defaults ({why})")],
    };
    if let Tuned::Of { dataset, twin: Some(twin), .. } = tuned
        && !twin.is_empty()
    {
        layers.put("the manifest's settings of the synthetic twin", twin)?;
        sources.push(format!("for the synthetic twin in the manifest of {dataset} ({})", lines(twin).join(" ")));
    }
    said(&mut layers)?;
    sources.extend(file.iter().map(|(name, _)| name.clone()));
    sources.extend(set.iter().map(|assignment| format!("--set {assignment}")));
    sources.extend(variant.iter().map(|assignment| format!("the variant's {assignment}")));
    let mut config = layers.finish()?;
    config.model = model;
    if let Some(epochs) = *epochs {
        config.train.epochs = epochs;
        sources.push(format!("--epochs {epochs}"));
    }
    if let Some(patience) = *patience {
        config.train.patience = patience;
        sources.push(format!("--patience {patience}"));
    }
    if let Some(seeds) = seeds {
        config.train.seeds = seeds.clone();
        sources.push(format!("--seeds {}", seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(",")));
    }
    Ok(Configuration { config: config.check()?, sources: sources.join(", then ") })
}

/// Writes what a table of settings says, one `path=value` each.
pub fn lines(table: &Table) -> Vec<String> {
    leaves(table).into_iter().map(|(path, value)| format!("{path}={value}")).collect()
}
