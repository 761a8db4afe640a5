//! What a trainer, a search and a page must know of LGMRec.

use super::{Graphs, LgmRec, Settings};
use crate::absent::NEITHER_TEXT_NOR_VISION;
use anchorrec_kernels::Real;
use anchorrec_recommender::{
    Card, ModelSpec, Present, Range, Recommender, SettingError, Size, Timed, Timing, TrainingSet, Work,
};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// The declaration of LGMRec.
pub struct Spec;

impl ModelSpec for Spec {
    type Settings = Settings;
    type Shared<F: Real> = Arc<Graphs<F>>;

    const CARD: Card = Card {
        ranges: &[
            Range::new("lgmrec.id_layers", &["2", "4"]),
            Range::new("lgmrec.hypergraph_layers", &["1", "2"]),
            Range::new("lgmrec.hyperedges", &["4", "64"]),
            Range::new("lgmrec.dropout", &["0.5", "0.6", "0.8"]),
            Range::new("lgmrec.global_weight", &["0.3", "0.6", "0.2"]),
        ],
        timings: &[Timing {
            figure: "lgmrec_step",
            of: Timed::Step,
            settings: &[],
            goal: None,
            what: "one training step of LGMRec on Sports",
            limit: "two products of the tables, three of the batch with all users and items",
        }],
        ..Card::new(
            "lgmrec",
            "LGMRec",
            "features over the interaction graph, and a hypergraph of each modality",
            "Guo et al.: \"LGMRec: Local and Global Graph Learning for Multimodal Recommendation\", AAAI 2024, arXiv 2312.16400",
        )
    };

    fn check(settings: &Settings) -> Result<(), SettingError> {
        settings.check()
    }

    fn lacking(present: Present) -> Option<&'static str> {
        match (present.text, present.vision) {
            (true, true) => None,
            (false, false) => Some(NEITHER_TEXT_NOR_VISION),
            _ => Some(
                "there are not both text and image features (text_feat.npy, image_feat.npy): the contrast between their hypergraphs is absent, \
                 and the one modality is the whole of the global part",
            ),
        }
    }

    /// Two products of both feature tables with `D + K` columns (forward, weight gradient), and three of a batch of users and items with all of
    /// them (logits, gradients of either side).
    fn least_step(settings: &Settings, size: &Size) -> Vec<Work> {
        let numbers = size.text_and_vision_numbers();
        let product = Work::computed(2.0 * numbers * (settings.embedding_dim + settings.hyperedges) as f64);
        let contrast = Work::computed(2.0 * size.batch as f64 * size.embedding_numbers(settings.embedding_dim));
        vec![product, product, contrast, contrast, contrast]
    }

    fn share<F: Real>(_: &Settings, set: &TrainingSet<F>) -> Arc<Graphs<F>> {
        Arc::new(Graphs::new(set))
    }

    fn build<F: Real>(
        settings: &Settings,
        graphs: &Arc<Graphs<F>>,
        _: &TrainingSet<F>,
        _: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Box<dyn Recommender<F>>, SettingError> {
        Ok(Box::new(LgmRec::new(settings, graphs.clone(), rng)?))
    }
}
