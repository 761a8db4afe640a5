//! A case as a model, by the contract alone.

use super::translation::Translation;
use crate::setting_paths::{leaf, leaves};
use anchorrec_recommender::{FeatureTables, Model, Recommender, TrainingSet};
use anchorrec_testkit::golden::{self, Case};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use toml::Table;

/// Builds a model of the list with the settings and the first parameters of a case; `changes` has settings that are others.
///
/// # Panics
/// When the model refuses them.
pub fn build(
    translation: &Translation,
    case: &Case,
    model: &dyn Model<f64>,
    changes: &Table,
) -> Box<dyn Recommender<f64>> {
    let mut settings = translation.settings(case, model.defaults());
    for (path, value) in leaves(changes) {
        *leaf(&mut settings, &path.iter().map(String::as_str).collect::<Vec<_>>()) = value;
    }
    model.check(&settings).unwrap_or_else(|refused| panic!("{}: {refused}", case.name));
    let [mm, text, vision] = translation.features(case);
    let set = TrainingSet {
        users: case.data.users,
        items: case.data.items,
        pairs: &case.data.pairs,
        features: FeatureTables { mm: mm.as_ref(), text: text.as_ref(), vision: vision.as_ref() },
    };
    let batch_size = golden::count(&case.file["meta"]["train_batch_size"]);
    let built = model.prepare(&settings, &set).fresh(&set, batch_size, &mut ChaCha8Rng::seed_from_u64(0));
    let mut built = built.unwrap_or_else(|refused| panic!("{}: {refused}", case.name));
    translation.fill(case, built.params_mut());
    built
}
