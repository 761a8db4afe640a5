//! What a trainer, a search and a page must know of FREEDOM.

use super::{Freedom, Graphs, Settings};
use crate::absent::without_text_or_vision;
use anchorrec_kernels::Real;
use anchorrec_recommender::work::ADAM_BYTES;
use anchorrec_recommender::{
    Card, ModelSpec, Present, Range, Recommender, SettingError, Size, Timed, Timing, TrainingSet, Work,
};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// The declaration of FREEDOM.
pub struct Spec;

impl ModelSpec for Spec {
    type Settings = Settings;
    type Shared<F: Real> = Arc<Graphs<F>>;

    const CARD: Card = Card {
        ranges: &[
            Range::new("freedom.dropout", &["0.8", "0.9"]),
            Range::new("freedom.reg", &["0.001", "0.0001", "0.00001", "0.0"]),
            Range::new("freedom.vision_weight", &["0.1", "0.5"]),
        ],
        timings: &[Timing {
            figure: "freedom_epoch",
            of: Timed::Epoch,
            settings: &["freedom.reg=0.001"],
            goal: None,
            what: "one epoch of FREEDOM, published weight of the features, on Sports with validation",
            limit: "feature tables, embeddings and moments once, for each step, and a ranking; no product is counted",
        }],
        ..Card::new(
            "freedom",
            "FREEDOM",
            "a frozen item graph of text and vision, a pruned user-item graph",
            "Zhou, Shen: \"A Tale of Two Graphs: Freezing and Denoising Graph Structures for Multimodal Recommendation\", ACM MM 2023, \
             arXiv 2211.06924",
        )
    };

    fn check(settings: &Settings) -> Result<(), SettingError> {
        settings.check()
    }

    fn lacking(present: Present) -> Option<&'static str> {
        without_text_or_vision(present)
    }

    /// The feature tables and all embeddings with their moments through memory once. What the products of a batch's items and of the pruned graph
    /// take depends on what was drawn, and is not counted.
    fn least_step(settings: &Settings, size: &Size) -> Vec<Work> {
        let numbers = size.text_and_vision_numbers() + size.embedding_numbers(settings.embedding_dim);
        vec![Work::moved(ADAM_BYTES * numbers)]
    }

    fn share<F: Real>(settings: &Settings, set: &TrainingSet<F>) -> Arc<Graphs<F>> {
        let (text, vision) = (set.features.text, set.features.vision);
        Arc::new(Graphs::new(set.users, set.items, set.pairs, text, vision, settings))
    }

    fn build<F: Real>(
        settings: &Settings,
        graphs: &Arc<Graphs<F>>,
        set: &TrainingSet<F>,
        _: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Box<dyn Recommender<F>>, SettingError> {
        Ok(Box::new(Freedom::new(settings, graphs.clone(), set.features.text, set.features.vision, rng)?))
    }
}
