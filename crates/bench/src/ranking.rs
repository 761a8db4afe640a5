//! Full ranking alone: all users, all items, training items masked.
//!
//! The embeddings are those of a model without features after one epoch: how often a list of the best changes depends on how scores are
//! spread, and with random ones it would change at random.

use crate::sample::{repeated, seconds};
use crate::shape::Shape;
use crate::{config, steps};
use anchorrec_data::{Dataset, Sampler, Split};
use anchorrec_models::MODELS;
use anchorrec_recommender::{Embeddings, Model, Present};
use anchorrec_trainer::Stepper;
use anchorrec_trainer::models::PreparedModels;
use anchorrec_trainer::ranking::rank;
use anyhow::Result;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::Duration;

const RUNS: usize = 5;
/// Items of a list.
pub const TOP: usize = 50;

/// The times of ranking all users.
#[derive(Debug, Serialize, Deserialize)]
pub struct RankingTimes {
    /// The sizes of the data.
    pub shape: Shape,
    /// Seconds of each run over all users.
    pub runs: Vec<f64>,
}

/// Returns the model whose embeddings are ranked: the first that needs no features.
pub fn model() -> &'static dyn Model {
    let nothing = Present { mm: false, text: false, vision: false };
    MODELS.iter().find(|model| model.lacking(nothing).is_none()).expect("a model that needs no features")
}

/// Trains for an epoch, then ranks; runs in the child process.
pub fn run(folder: &Path, scale: f64) -> Result<RankingTimes> {
    let (dataset, shape, embeddings) = trained(folder, scale)?;
    let users: Vec<u32> = (0..shape.users as u32).collect();
    let train = dataset.interactions.by_user(Split::Train);
    let runs = repeated(RUNS, Duration::ZERO, || seconds(|| rank(&embeddings, &users, TOP, |u| train.of(u))));
    Ok(RankingTimes { shape, runs })
}

/// Returns the data without features, and embeddings after an epoch.
pub fn trained(folder: &Path, scale: f64) -> Result<(Dataset, Shape, Embeddings<f32>)> {
    let dataset = Dataset { features: Default::default(), ..Dataset::load(folder)? };
    let config = config::of(None, model(), 1, scale)?.check()?;
    let shape = Shape::of(&dataset, &config);
    let seed = config.train.seeds[0];
    let mut stepper = Stepper::new(PreparedModels::new(&config, &dataset).model(&config, seed)?);
    steps::take(shape.steps(), &mut stepper, &Sampler::new(&dataset.interactions, seed)?, &config)?;

    let embeddings = stepper.model.embeddings();
    Ok((dataset, shape, embeddings))
}
