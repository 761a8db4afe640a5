//! Golden values: what the official implementation of a model computed (PyTorch, float64), against ours.
//!
//! A model's folder holds `golden.toml`, which says official names and settings in ours ([`Translation`]). The files with the values are in
//! `testkit/golden`; a model has all whose names begin with its own. [`compare`] holds every value that all models have in common:
//!
//! | in a file | what is compared |
//! |---|---|
//! | `eval_scores`, `forward.final_user`, `forward.final_item` | scores of all users and items, their embeddings |
//! | `losses` | every term of batch 0 and their sum; the sums of later batches, and the terms of the last |
//! | `grads` | the gradient of every parameter; exactly zero where the file has none |
//! | `adam` | losses before each step and after the last, gradients, parameters, updates of each parameter, terms and scores after Adam's steps |
//!
//! Tables between (graphs, encodings) have other names in every model. They are compared beside the model, in `tests/all/golden_<model>.rs` of its crate.
//!
//! A case whose official run drew random numbers (a dropout mask, noise, edges) was recorded with them. Only the model itself can take them instead of
//! its own, so its crate's tests build it and call [`compare`]; `drawn` in `golden.toml` says where.

mod adam;
mod build;
mod first;
mod rounded;
mod translation;
mod values;

pub use build::build;
pub use translation::{Drawn, Translation};
pub use values::RELATIVE;

use anchorrec_recommender::Recommender;
use anchorrec_testkit::golden::Case;
use toml::Table;

/// Compares a model with a case, under each choice of settings that the case has values for. `fresh` builds it with those settings that are not
/// the translation's, by their paths, and with the case's first parameters.
///
/// # Panics
/// At the first value that differs.
pub fn compare(translation: &Translation, case: &Case, fresh: &dyn Fn(&Table) -> Box<dyn Recommender<f64>>) {
    translation.assert_knows_every_parameter(case);
    for (key, changes) in translation.choices(case) {
        first::compare(translation, case, &*fresh(&changes));
        adam::compare(translation, case, key, fresh(&changes));
    }
}
