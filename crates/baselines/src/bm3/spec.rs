//! What a trainer, a search and a page must know of BM3.

use super::{Bm3, Settings};
use crate::absent::without_text_or_vision;
use crate::interactions::user_item_graph;
use anchorrec_graph::UserItemGraph;
use anchorrec_kernels::Real;
use anchorrec_recommender::work::ADAM_BYTES;
use anchorrec_recommender::{
    Card, ModelSpec, Present, Range, Recommender, SettingError, Size, Timed, Timing, TrainingSet, Work,
};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// The declaration of BM3.
pub struct Spec;

impl ModelSpec for Spec {
    type Settings = Settings;
    type Shared<F: Real> = Arc<UserItemGraph<F>>;

    const CARD: Card = Card {
        ranges: &[
            Range::new("bm3.layers", &["1", "2"]),
            Range::new("bm3.dropout", &["0.3", "0.5"]),
            Range::new("bm3.reg", &["0.1", "0.01"]),
        ],
        without_stops: None,
        timings: &[Timing {
            figure: "bm3_epoch",
            of: Timed::Epoch,
            settings: &[],
            goal: None,
            what: "one epoch of BM3 on Sports with validation",
            limit: "the layer mean twice, feature tables, embeddings and moments once, for each step, and a ranking",
        }],
        ..Card::new(
            "bm3",
            "BM3",
            "embeddings and features aligned by self-supervision, no negatives",
            "Zhou et al.: \"Bootstrap Latent Representations for Multi-modal Recommendation\", WWW 2023, arXiv 2207.05969",
        )
    };

    fn check(settings: &Settings) -> Result<(), SettingError> {
        settings.check()
    }

    fn lacking(present: Present) -> Option<&'static str> {
        without_text_or_vision(present)
    }

    /// The layer mean forward and backward, the feature tables and all embeddings with their moments through memory once. The products of a batch's
    /// items depend on how many differ, and are not counted.
    fn least_step(settings: &Settings, size: &Size) -> Vec<Work> {
        let mean = size.layer_mean(settings.embedding_dim, settings.layers);
        let numbers = size.text_and_vision_numbers() + size.embedding_numbers(settings.embedding_dim);
        vec![mean, mean, Work::moved(ADAM_BYTES * numbers)]
    }

    fn share<F: Real>(_: &Settings, set: &TrainingSet<F>) -> Arc<UserItemGraph<F>> {
        user_item_graph(set)
    }

    fn build<F: Real>(
        settings: &Settings,
        graph: &Arc<UserItemGraph<F>>,
        set: &TrainingSet<F>,
        _: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Box<dyn Recommender<F>>, SettingError> {
        Ok(Box::new(Bm3::new(settings, graph.clone(), set.features.text, set.features.vision, rng)?))
    }
}
