//! The configuration that options ask for.

use crate::args::SettingOptions;
use anchorrec_models::MODELS;
use anchorrec_recommender::{Model, SettingError};
use anchorrec_trainer::config_layers::{LONGEST, leaves};
use anchorrec_trainer::{CheckedConfig, ConfigLayers};
use anyhow::{Context, Result};
use std::fs::File;
use std::io::Read;
use toml::{Table, Value};

/// Returns the settings file, if one is named: its name and its text.
pub fn file(options: &SettingOptions) -> Result<Option<(String, String)>> {
    let Some(path) = &options.config else { return Ok(None) };
    let mut text = String::new();
    // One byte more than may be: the parser says so, and nothing longer is ever read.
    let read = File::open(path).and_then(|file| file.take(LONGEST as u64 + 1).read_to_string(&mut text));
    read.with_context(|| format!("{}: cannot read", path.display()))?;
    Ok(Some((path.display().to_string(), text)))
}

/// Returns what the file and the single settings say, one `path=value` each; later ones win.
pub fn assignments(options: &SettingOptions) -> Result<Vec<String>> {
    let mut said = Vec::new();
    if let Some((name, text)) = file(options)? {
        let table: Table = text.parse().with_context(|| format!("{name}: expected TOML"))?;
        said.extend(lines(&table));
    }
    said.extend(options.set.iter().cloned());
    Ok(said)
}

fn lines(table: &Table) -> Vec<String> {
    leaves(table).into_iter().map(|(path, value)| format!("{path}={value}")).collect()
}

/// The tuned settings that lie under what the user says.
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
    #[cfg_attr(not(feature = "retrieval"), allow(dead_code, reason = "made by what reads finished runs"))]
    Run {
        /// Folder of the run.
        name: &'a str,
        /// Settings of the run.
        settings: &'a Table,
    },
    /// None, and why.
    None(&'a str),
}

/// A configuration, and where its settings come from.
#[derive(Clone)]
pub struct Configuration {
    /// The configuration.
    pub config: CheckedConfig,
    /// One line: `defaults, then ...`.
    pub sources: String,
}

/// Checks what the user says, before any data is read: unknown settings, values that cannot work. What only goes wrong together with tuned
/// settings is found by [`configuration`].
pub fn check_said(model: Option<&'static dyn Model>, options: &SettingOptions) -> Result<()> {
    let said = assignments(options)?;
    let keys: Vec<&str> = said.iter().filter_map(|said| said.split_once('=')).map(|(key, _)| key.trim()).collect();
    let by_option = ["train.epochs", "train.patience", "train.seeds"];
    match configuration(model, options, Tuned::None("not looked for yet"), &[]) {
        Err(error) => match error.downcast_ref::<SettingError>() {
            Some(wrong) if !keys.contains(&wrong.key.as_str()) && !by_option.contains(&wrong.key.as_str()) => Ok(()),
            _ => Err(error),
        },
        Ok(_) => Ok(()),
    }
}

/// Layers the defaults, the data set's tuned settings for the model, a file, single settings, options, the settings of a variant: later ones win.
pub fn configuration(
    model: Option<&'static dyn Model>,
    options: &SettingOptions,
    tuned: Tuned<'_>,
    variant: &[String],
) -> Result<Configuration> {
    let file = file(options)?;
    let said = |layers: &mut ConfigLayers| {
        if let Some((name, text)) = &file {
            layers.put_toml(name, text)?;
        }
        options.set.iter().chain(variant).try_for_each(|assignment| layers.set(assignment))
    };
    let mut over = ConfigLayers::new(MODELS);
    said(&mut over)?;
    // The model decides which tuned settings lie underneath, so it is asked for first.
    let model = match (model, tuned) {
        (Some(model), _) => model,
        (None, Tuned::Run { name, settings }) => {
            let mut run = ConfigLayers::new(MODELS);
            run.put(name, settings)?;
            said(&mut run)?;
            run.finish()?.model
        }
        (None, _) => over.finish()?.model,
    };

    let mut layers = ConfigLayers::new(MODELS);
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
    sources.extend(file.as_ref().map(|(name, _)| name.clone()));
    sources.extend(options.set.iter().map(|assignment| format!("--set {assignment}")));
    sources.extend(variant.iter().map(|assignment| format!("the variant's {assignment}")));
    let mut config = layers.finish()?;
    config.model = model;
    if let Some(epochs) = options.epochs {
        config.train.epochs = epochs;
        sources.push(format!("--epochs {epochs}"));
    }
    if let Some(patience) = options.patience {
        config.train.patience = patience;
        sources.push(format!("--patience {patience}"));
    }
    if let Some(seeds) = &options.seeds {
        config.train.seeds = seeds.clone();
        sources.push(format!("--seeds {}", seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(",")));
    }
    Ok(Configuration { config: config.check()?, sources: sources.join(", then ") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_trainer::RunConfig;

    #[test]
    fn a_synthetic_twin_gets_the_settings_that_its_manifest_has_for_it_under_what_the_user_says() {
        let model = MODELS.default_model();
        let settings: Table = format!("{model}.train.patience = 7\n{model}.train.epochs = 70").parse().unwrap();
        let twin: Table = "train.patience = 5\ntrain.batch_size = 256".parse().unwrap();
        let of = |twin, set: &[&str]| {
            let options = SettingOptions {
                seeds: None,
                epochs: None,
                patience: None,
                config: None,
                set: set.iter().map(|said| (*said).to_owned()).collect(),
            };
            configuration(Some(model), &options, Tuned::Of { dataset: "d", settings: &settings, twin }, &[]).unwrap()
        };
        let train = |made: &Configuration| {
            let train = &made.config.train;
            (train.epochs, train.patience, train.batch_size)
        };
        let real = of(None, &[]);
        assert_eq!(train(&real), (70, 7, RunConfig::defaults(MODELS).train.batch_size));
        assert!(!real.sources.contains("twin"), "{}", real.sources);
        let made = of(Some(&twin), &[]);
        assert_eq!(train(&made), (70, 5, 256));
        assert!(made.sources.contains("for the synthetic twin in the manifest of d (train."), "{}", made.sources);
        assert_eq!(train(&of(Some(&twin), &["train.patience=9"])), (70, 9, 256));
    }

    #[test]
    fn a_file_said_line_by_line_is_the_same_configuration() {
        let model = MODELS.default_model();
        let text =
            format!("train.seeds = [1, 2]\n\n[{model}]\nembedding_dim = 8\n\n[features]\nmodalities = \"text\"\n");
        let said = lines(&text.parse().unwrap());
        assert_eq!(said.len(), 3, "{said:?}");
        let mut of_file = ConfigLayers::new(MODELS);
        of_file.put_toml("file", &text).unwrap();
        let mut of_lines = ConfigLayers::new(MODELS);
        said.iter().try_for_each(|line| of_lines.set(line)).unwrap();
        let of_file = of_file.finish().unwrap();
        assert_ne!(of_file, RunConfig::defaults(MODELS));
        assert_eq!(of_lines.finish().unwrap(), of_file);
    }
}
