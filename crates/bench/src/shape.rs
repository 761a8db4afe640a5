//! How large a training problem is: what limits are computed from.

use anchorrec_data::{Dataset, Interactions, Modality};
use anchorrec_recommender::Size;
use anchorrec_trainer::RunConfig;
use serde::{Deserialize, Serialize};
use toml::Value;

/// Sizes of one data set and one configuration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// Users.
    pub users: usize,
    /// Items.
    pub items: usize,
    /// Training pairs.
    pub pairs: usize,
    /// `F_m` of the modalities that are there.
    pub widths: Vec<usize>,
    /// Triples of a batch, `B`.
    pub batch: usize,
    /// Width of the embeddings, `D`.
    pub dim: usize,
    /// Neighbours of an item in its graphs, itself included.
    pub neighbours: usize,
}

impl Shape {
    /// Reads the shape off a data set as it was loaded.
    pub fn of(dataset: &Dataset, config: &RunConfig) -> Self {
        let widths = Modality::ALL.into_iter().filter_map(|modality| Some(dataset.features.of(modality)?.ncols()));
        Shape::new(&dataset.interactions, widths.collect(), config)
    }

    /// Makes a shape of interactions and widths of features.
    pub fn new(interactions: &Interactions, widths: Vec<usize>, config: &RunConfig) -> Self {
        Shape {
            users: interactions.users,
            items: interactions.items,
            pairs: interactions.train.len(),
            widths,
            batch: config.train.batch_size,
            dim: setting(config, "embedding_dim"),
            neighbours: setting(config, "neighbours"),
        }
    }

    /// Returns the sizes that do not belong to a model.
    pub fn size(&self) -> Size<'_> {
        Size { users: self.users, items: self.items, pairs: self.pairs, widths: &self.widths, batch: self.batch }
    }

    /// Steps of an epoch.
    pub fn steps(&self) -> usize {
        self.pairs.div_ceil(self.batch)
    }

    /// Returns the widest table's width.
    pub fn widest(&self) -> usize {
        self.widths.iter().copied().max().unwrap_or(0)
    }
}

/// A count among the settings of the configuration's model; 0 where it has none of that name.
fn setting(config: &RunConfig, name: &str) -> usize {
    let value = config.of(config.model).get(name).and_then(Value::as_integer);
    value.and_then(|value| usize::try_from(value).ok()).unwrap_or_default()
}
