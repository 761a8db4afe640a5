//! What a trainer, a search and a page must know of BM3.

use super::{Bm3, Settings};
use crate::absent::without_text_or_vision;
use crate::interactions::user_item_graph;
use anchorrec_graph::UserItemGraph;
use anchorrec_kernels::Real;
use anchorrec_recommender::{Card, ModelSpec, Present, Range, Recommender, SettingError, TrainingSet};
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
