//! What a trainer, a search and a page must know of LATTICE.

use super::{Graphs, Lattice, Settings};
use crate::absent::without_text_or_vision;
use anchorrec_kernels::Real;
use anchorrec_recommender::work::ADAM_BYTES;
use anchorrec_recommender::{
    Card, ModelSpec, Present, Range, Recommender, SettingError, Size, Timed, Timing, TrainingSet, Variation, Work,
};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// The declaration of LATTICE.
pub struct Spec;

impl ModelSpec for Spec {
    type Settings = Settings;
    type Shared<F: Real> = Arc<Graphs<F>>;

    const CARD: Card = Card {
        ranges: &[Range::new("lattice.reg", &["0.00001", "0.0", "0.0001", "0.001"])],
        ablations: &[
            Variation::new("no-learned", "the frozen item graphs alone", &["lattice.frozen_share=1.0"]),
            Variation::new("no-frozen", "the learned item graph alone", &["lattice.frozen_share=0.0"]),
        ],
        timings: &[Timing {
            figure: "lattice_step",
            of: Timed::Step,
            settings: &[],
            goal: None,
            what: "one training step of LATTICE on Sports",
            limit: "the layer mean twice, embeddings and moments once; the graph that is learned once an epoch is not counted",
        }],
        ..Card::new(
            "lattice",
            "LATTICE",
            "an item graph learned from image and text features",
            "Zhang et al.: \"Mining Latent Structures for Multimedia Recommendation\", ACM MM 2021, arXiv 2104.09036",
        )
    };

    fn check(settings: &Settings) -> Result<(), SettingError> {
        settings.check()
    }

    fn lacking(present: Present) -> Option<&'static str> {
        without_text_or_vision(present)
    }

    /// The layer mean forward and backward, all embeddings with their moments through memory once.
    fn least_step(settings: &Settings, size: &Size) -> Vec<Work> {
        let mean = size.layer_mean(settings.embedding_dim, settings.id_layers);
        vec![mean, mean, Work::moved(ADAM_BYTES * size.embedding_numbers(settings.embedding_dim))]
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
        Ok(Box::new(Lattice::new(settings, batch_size, graphs.clone(), vision, text, rng)?))
    }
}
