//! What a trainer, a search and a page must know of LightGCN.

use super::{LightGcn, Settings};
use crate::interactions::user_item_graph;
use anchorrec_graph::UserItemGraph;
use anchorrec_kernels::Real;
use anchorrec_recommender::work::ADAM_BYTES;
use anchorrec_recommender::{
    Card, ModelSpec, Range, Recommender, SettingError, Size, Timed, Timing, TrainingSet, Work,
};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// The declaration of LightGCN.
pub struct Spec;

impl ModelSpec for Spec {
    type Settings = Settings;
    type Shared<F: Real> = Arc<UserItemGraph<F>>;

    const CARD: Card = Card {
        ranges: &[
            Range::new("lightgcn.layers", &["2", "1", "3", "4"]),
            Range::new("lightgcn.reg", &["0.001", "0.01", "0.0001", "0.00001", "0.000001"]),
        ],
        timings: &[Timing {
            figure: "lightgcn_epoch",
            of: Timed::Epoch,
            settings: &[],
            goal: Some(2.0),
            what: "one epoch of LightGCN on Sports with validation",
            limit: "the layer mean twice, embeddings and moments once, for each step, and a ranking",
        }],
        ..Card::new(
            "lightgcn",
            "LightGCN",
            "collaborative signal alone",
            "He et al.: \"LightGCN: Simplifying and Powering Graph Convolution Network for Recommendation\", SIGIR 2020, arXiv 2002.02126",
        )
    };

    fn check(settings: &Settings) -> Result<(), SettingError> {
        settings.check()
    }

    /// The layer mean forward and backward, all embeddings with their moments through memory once.
    fn least_step(settings: &Settings, size: &Size) -> Vec<Work> {
        let mean = size.layer_mean(settings.embedding_dim, settings.layers);
        vec![mean, mean, Work::moved(ADAM_BYTES * size.embedding_numbers(settings.embedding_dim))]
    }

    fn share<F: Real>(_: &Settings, set: &TrainingSet<F>) -> Arc<UserItemGraph<F>> {
        user_item_graph(set)
    }

    fn build<F: Real>(
        settings: &Settings,
        graph: &Arc<UserItemGraph<F>>,
        _: &TrainingSet<F>,
        _: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Box<dyn Recommender<F>>, SettingError> {
        Ok(Box::new(LightGcn::new(settings, graph.clone(), rng)?))
    }
}
