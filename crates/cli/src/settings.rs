//! The configuration that options ask for.

use crate::args::SettingOptions;
use anchorrec_models::MODELS;
use anchorrec_recommender::Model;
use anchorrec_trainer::ConfigError;
use anchorrec_trainer::config_layers::LONGEST;
use anchorrec_trainer::layered::{self, Said};
use anyhow::{Context, Result};
use std::fs::File;
use std::io::Read;

pub use anchorrec_trainer::layered::{Configuration, Tuned};

/// Returns the settings file, if one is named: its name and its text.
pub fn file(options: &SettingOptions) -> Result<Option<(String, String)>> {
    let Some(path) = &options.config else { return Ok(None) };
    let mut text = String::new();
    // One byte more than may be: the parser says so, and nothing longer is ever read.
    let read = File::open(path).and_then(|file| file.take(LONGEST as u64 + 1).read_to_string(&mut text));
    read.with_context(|| format!("{}: cannot read", path.display()))?;
    Ok(Some((path.display().to_string(), text)))
}

/// Returns what options say of a job.
pub fn said(options: &SettingOptions) -> Result<Said> {
    let SettingOptions { seeds, epochs, patience, set, .. } = options;
    Ok(Said { file: file(options)?, set: set.clone(), epochs: *epochs, patience: *patience, seeds: seeds.clone() })
}

/// Checks what the user says, before any data is read: unknown settings, values that cannot work. What only goes wrong together with tuned
/// settings is found by [`configuration`].
pub fn check_said(model: Option<&'static dyn Model>, options: &SettingOptions) -> Result<()> {
    let said = said(options)?.assignments()?;
    let keys: Vec<&str> = said.iter().filter_map(|said| said.split_once('=')).map(|(key, _)| key.trim()).collect();
    let by_option = ["train.epochs", "train.patience", "train.seeds"];
    match configuration(model, options, Tuned::None("not looked for yet"), &[]) {
        Err(error) => match error.downcast_ref::<ConfigError>() {
            Some(ConfigError::Value(wrong))
                if !keys.contains(&wrong.key.as_str()) && !by_option.contains(&wrong.key.as_str()) =>
            {
                Ok(())
            }
            _ => Err(error),
        },
        Ok(_) => Ok(()),
    }
}

/// Layers what options say over the data set's tuned settings for the model, and these over the defaults.
pub fn configuration(
    model: Option<&'static dyn Model>,
    options: &SettingOptions,
    tuned: Tuned<'_>,
    variant: &[String],
) -> Result<Configuration> {
    Ok(layered::configuration(MODELS, model, &said(options)?, tuned, variant)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anchorrec_trainer::layered::lines;
    use anchorrec_trainer::{ConfigLayers, RunConfig};
    use toml::Table;

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
