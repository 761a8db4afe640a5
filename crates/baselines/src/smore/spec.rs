//! What a trainer, a search and a page must know of SMORE.

use super::{Graphs, Settings, Smore};
use anchorrec_kernels::Real;
use anchorrec_recommender::work::ADAM_BYTES;
use anchorrec_recommender::{
    Card, ModelSpec, Present, Range, Recommender, SettingError, Size, Timed, Timing, TrainingSet, Work,
};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// The declaration of SMORE.
pub struct Spec;

impl ModelSpec for Spec {
    type Settings = Settings;
    type Shared<F: Real> = Arc<Graphs<F>>;

    const CARD: Card = Card {
        ranges: &[
            Range::new("smore.id_layers", &["3", "4"]),
            Range::new("smore.vision_neighbours", &["10", "15", "20", "40"]),
            Range::new("smore.text_neighbours", &["10", "15", "20", "40"]),
            Range::new("smore.weights.align", &["0.01", "0.03"]),
            Range::new("smore.weights.reg", &["0.0001", "0.00001"]),
            Range::new("smore.dropout", &["0.0", "0.1"]),
        ],
        timings: &[Timing {
            figure: "smore_step",
            of: Timed::Step,
            settings: &[],
            goal: None,
            what: "one training step of SMORE on Sports",
            limit: "three products of the tables, tables and moments once",
        }],
        ..Card::new(
            "smore",
            "SMORE",
            "text and image features filtered and fused in the frequency domain",
            "Ong, Khong: \"Spectrum-based Modality Representation Fusion Graph Convolutional Network for Multimodal Recommendation\", \
             WSDM 2025, arXiv 2412.14978",
        )
    };

    fn check(settings: &Settings) -> Result<(), SettingError> {
        settings.check()
    }

    fn lacking(present: Present) -> Option<&'static str> {
        Self::refuses(present).then_some(
            "there are not both text and image features (text_feat.npy, image_feat.npy): there is nothing to fuse, and the model refuses",
        )
    }

    fn refuses(present: Present) -> bool {
        !present.text || !present.vision
    }

    /// Three products of both feature tables with `D` columns (forward, weight gradient, table gradient), and every feature parameter with its two
    /// moments through memory once.
    fn least_step(settings: &Settings, size: &Size) -> Vec<Work> {
        let numbers = size.text_and_vision_numbers();
        let product = Work::computed(2.0 * numbers * settings.embedding_dim as f64);
        vec![product, product, product, Work::moved(ADAM_BYTES * numbers)]
    }

    fn share<F: Real>(settings: &Settings, set: &TrainingSet<F>) -> Arc<Graphs<F>> {
        let (vision, text) = (set.features.vision, set.features.text);
        Arc::new(Graphs::new(set.users, set.items, set.pairs, vision, text, settings))
    }

    fn build<F: Real>(
        settings: &Settings,
        graphs: &Arc<Graphs<F>>,
        set: &TrainingSet<F>,
        batch_size: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Box<dyn Recommender<F>>, SettingError> {
        let (vision, text) = (set.features.vision, set.features.text);
        Ok(Box::new(Smore::new(settings, batch_size, graphs.clone(), vision, text, rng)?))
    }
}
