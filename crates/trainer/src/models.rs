//! From a configuration and a data set to models: what they share is prepared once, each seed gets a fresh one.

use crate::config::CheckedConfig;
use crate::error::TrainError;
use anchorrec_data::keyed_rng::{Purpose, keyed_rng};
use anchorrec_data::{Dataset, Features};
use anchorrec_recommender::{self as recommender, FeatureTables, Recommender, TrainingSet};
use std::sync::Arc;

/// What the models of one job share: made once, used by the run of every seed.
pub struct PreparedModels {
    shared: Box<dyn recommender::Prepared<f32>>,
    users: usize,
    items: usize,
    pairs: Vec<(u32, u32)>,
    features: Arc<Features>,
}

impl PreparedModels {
    /// Prepares what the configured model needs of a data set: its graphs, its features.
    pub fn new(config: &CheckedConfig, dataset: &Dataset) -> Self {
        let interactions = &dataset.interactions;
        let pairs = interactions.train.iter().map(|pair| (pair.user, pair.item)).collect();
        let features = config.features.apply(&dataset.features);
        Self::of(config, (interactions.users, interactions.items), pairs, features.clone(), &features)
    }

    /// Prepares what the configured model needs of `(users, items)`, training pairs and features. Graphs are made from `graph_features`: the
    /// features, or others that are cheaper to compare where only costs count.
    pub fn of(
        config: &CheckedConfig,
        (users, items): (usize, usize),
        pairs: Vec<(u32, u32)>,
        features: Arc<Features>,
        graph_features: &Features,
    ) -> Self {
        let set = TrainingSet { users, items, pairs: &pairs, features: tables(graph_features) };
        let shared = config.model.prepare(config.of(config.model), &set);
        PreparedModels { shared, users, items, pairs, features }
    }

    /// Builds a fresh model, its weights drawn with the generator of `seed`.
    ///
    /// # Errors
    /// When a setting cannot work.
    pub fn model(&self, config: &CheckedConfig, seed: u64) -> Result<Box<dyn Recommender<f32>>, TrainError> {
        let PreparedModels { users, items, ref pairs, .. } = *self;
        let set = TrainingSet { users, items, pairs, features: tables(&self.features) };
        Ok(self.shared.fresh(&set, config.train.batch_size, &mut keyed_rng(seed, Purpose::Init, 0, 0))?)
    }
}

/// Returns the features of a data set as models take them.
pub fn tables(features: &Features) -> FeatureTables<'_, f32> {
    let Features { mm, text, vision } = features;
    FeatureTables { mm: mm.as_ref(), text: text.as_ref(), vision: vision.as_ref() }
}
