//! New items by the model's own encoders: the trained weights in a model that has more items.

use anchorrec_data::{Features, Interactions};
use anchorrec_recommender::Recommender;
use anchorrec_trainer::models::PreparedModels;
use anchorrec_trainer::{CheckedConfig, TrainError};
use ndarray::{Array2, s};
use std::sync::Arc;

/// Returns the rows that a trained model gives to items it was not trained with, `[n, D]`. `features` are those of the `I` known items and then of the `n`
/// new ones.
///
/// A model is built for `I + n` items: its graphs of similar items hold the new ones too, and nobody has them. It gets every trained weight; where a
/// table has a row for each item, the rows of new items stay as the model makes them before training: features in tables of features, small random
/// numbers in tables of ids.
///
/// # Errors
/// When a setting cannot work.
///
/// # Panics
/// When the model keeps a table whose shape follows from the number of items in another way.
pub fn encoded(
    config: &CheckedConfig,
    interactions: &Interactions,
    features: Features,
    new: usize,
    trained: &dyn Recommender<f32>,
    seed: u64,
) -> Result<Array2<f32>, TrainError> {
    let known = interactions.items;
    let pairs = interactions.train.iter().map(|pair| (pair.user, pair.item)).collect();
    let features = config.features.apply(&Arc::new(features));
    let prepared = PreparedModels::of(config, (interactions.users, known + new), pairs, features.clone(), &features);
    let mut model = prepared.model(config, seed)?;
    // Items stand last in every table that has them.
    let graft = |larger: &mut Array2<f32>, trained: &Array2<f32>, name: &str| {
        let (rows, columns) = trained.dim();
        let fits = larger.ncols() == columns && [rows, rows + new].contains(&larger.nrows());
        assert!(fits, "{name}: {:?} with {new} more items, {:?} without", larger.dim(), trained.dim());
        larger.slice_mut(s![..rows, ..]).assign(trained);
    };
    let params = model.params_mut();
    params
        .iter_mut()
        .zip(trained.params().iter())
        .for_each(|(larger, trained)| graft(&mut larger.value, &trained.value, &trained.name));
    params
        .kept_mut()
        .zip(trained.params().kept())
        .for_each(|(larger, trained)| graft(&mut larger.value, &trained.value, &trained.name));
    Ok(model.embeddings().items.slice_move(s![known.., ..]))
}
