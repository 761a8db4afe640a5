//! A trained model, read back from its best weights.

use crate::checkpoint;
use crate::config::CheckedConfig;
use crate::error::TrainError;
use crate::evaluation::check_finite;
use crate::models::PreparedModels;
use anchorrec_files::with_causes;
use anchorrec_recommender::{Embeddings, Recommender};
use std::path::Path;

/// A model with its best weights, and the embeddings that they give.
pub struct TrainedModel {
    /// The model.
    pub model: Box<dyn Recommender<f32>>,
    /// The model's embeddings, all of them finite.
    pub embeddings: Embeddings<f32>,
    /// The SHA-256 of the weights as they were read.
    pub sha256: String,
}

impl TrainedModel {
    /// Reads the weights in the file at `path` into a model of the configuration.
    ///
    /// # Errors
    /// When a setting cannot work, the weights are damaged or of another model, or an embedding is not finite.
    pub fn read(config: &CheckedConfig, prepared: &PreparedModels, seed: u64, path: &Path) -> Result<Self, TrainError> {
        let unusable = |problem: String| TrainError::Weights { path: path.to_owned(), problem };
        let mut model = prepared.model(config, seed)?;
        let read = checkpoint::read_weights(path, model.params_mut());
        let sha256 = read.map_err(|problem| unusable(with_causes(&problem)))?;
        let embeddings = model.embeddings();
        check_finite(&embeddings).map_err(|problem| unusable(format!("cannot be ranked by: {problem}")))?;
        Ok(TrainedModel { model, embeddings, sha256 })
    }
}
