//! The configurations that are measured: defaults with the data set's tuned settings over them, as the command has them.

use anchorrec_data::Manifest;
use anchorrec_models::MODELS;
use anchorrec_recommender::Model;
use anchorrec_trainer::{ConfigLayers, RunConfig};
use anyhow::Result;
use toml::{Table, Value};

/// Triples of the smallest batch.
const LEAST_BATCH: usize = 128;

/// Makes the configuration of a model on a data set, for `epochs` epochs, each with validation; batches shrink with the data.
pub fn of(manifest: Option<&Manifest>, model: &'static dyn Model, epochs: usize, scale: f64) -> Result<RunConfig> {
    of_variant(manifest, model, &[], epochs, scale)
}

/// Makes the configuration of a model with some settings changed, each `path=value`.
pub fn of_variant(
    manifest: Option<&Manifest>,
    model: &'static dyn Model,
    settings: &[&str],
    epochs: usize,
    scale: f64,
) -> Result<RunConfig> {
    let mut layers = ConfigLayers::new(MODELS);
    layers.put("the model", &Table::from_iter([("model".to_owned(), Value::String(model.name().to_owned()))]))?;
    if let Some(Value::Table(tuned)) = manifest.and_then(|manifest| manifest.settings.get(model.name())) {
        layers.put("the manifest's settings", tuned)?;
    }
    settings.iter().try_for_each(|setting| layers.set(setting))?;
    let mut config = layers.finish()?;
    config.train.epochs = epochs;
    config.train.patience = 0;
    config.train.batch_size = ((config.train.batch_size as f64 * scale).round() as usize).max(LEAST_BATCH);
    Ok(config)
}
