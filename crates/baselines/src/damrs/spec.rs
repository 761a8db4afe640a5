//! What a trainer, a search and a page must know of DA-MRS.

use super::{DaMrs, Graphs, Settings};
use crate::absent::without_text_or_vision;
use anchorrec_kernels::Real;
use anchorrec_recommender::work::ADAM_BYTES;
use anchorrec_recommender::{
    Card, ModelSpec, Present, Range, Recommender, SettingError, Size, Timed, Timing, TrainingSet, Variation, Work,
};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// The declaration of DA-MRS.
pub struct Spec;

impl ModelSpec for Spec {
    type Settings = Settings;
    type Shared<F: Real> = Arc<Graphs<F>>;

    const CARD: Card = Card {
        ranges: &[
            Range::new("damrs.weights.kl", &["1.0", "0.0", "0.0001", "0.001", "0.01", "0.1", "10.0"]),
            Range::new("damrs.weights.nd", &["0.001", "0.0", "0.0001", "0.01", "0.1", "1.0"]),
            Range::new("damrs.item_layers", &["1", "2"]),
            Range::new("damrs.id_layers", &["2", "1", "3"]),
            Range::new("damrs.neighbours", &["10", "3", "5", "15", "20"]),
        ],
        ablations: &[
            Variation::new("no-nd", "without the neighbour discrimination", &["damrs.weights.nd=0.0"]),
            Variation::new("no-kl", "without the alignment of users", &["damrs.weights.kl=0.0"]),
        ],
        alternatives: &[Variation::new(
            "logged-exponents",
            "feedback weighed with the exponents that the logs of the published runs list",
            &["damrs.exponents.mean=1.5", "damrs.exponents.agreement=1.5"],
        )],
        timings: &[Timing {
            figure: "damrs_step",
            of: Timed::Step,
            settings: &[],
            goal: None,
            what: "one training step of DA-MRS on Sports",
            limit: "cosines and their gradients of as many items as the batch has pairs with all items; the layer mean twice, embeddings and moments once",
        }],
        // The weights of the feedback depend on the embeddings and are detached, always.
        without_stops: None,
        ..Card::new(
            "damrs",
            "DA-MRS",
            "item graphs on which modalities agree, feedback weighed by them",
            "Xv et al.: \"Improving Multi-modal Recommender Systems by Denoising and Aligning Multi-modal Content and User Feedback\", KDD 2024, \
             doi 10.1145/3637528.3671703",
        )
    };

    fn check(settings: &Settings) -> Result<(), SettingError> {
        settings.check()
    }

    fn lacking(present: Present) -> Option<&'static str> {
        if !present.text && !present.vision {
            return Some(
                "there are neither text nor vision features (text_feat.npy, image_feat.npy): the item graph of common users is alone, and there is \
                 nothing that it could be denoised by",
            );
        }
        without_text_or_vision(present)
    }

    /// The layer mean forward and backward, all embeddings with their moments through memory once; and for the three graphs of a data set with both
    /// modalities the cosines of the batch's items with all, and those times both their factors.
    fn least_step(settings: &Settings, size: &Size) -> Vec<Work> {
        let dim = settings.embedding_dim;
        let mean = size.layer_mean(dim, settings.id_layers);
        let discrimination = if settings.weights.nd > 0.0 {
            Work::computed(3.0 * 3.0 * 2.0 * (size.batch * size.items) as f64 * dim as f64)
        } else {
            Work::default()
        };
        vec![mean, discrimination, mean, Work::moved(ADAM_BYTES * size.embedding_numbers(dim))]
    }

    fn share<F: Real>(settings: &Settings, set: &TrainingSet<F>) -> Arc<Graphs<F>> {
        let (vision, text) = (set.features.vision, set.features.text);
        Arc::new(Graphs::new(set.users, set.items, set.pairs, vision, text, settings))
    }

    fn build<F: Real>(
        settings: &Settings,
        graphs: &Arc<Graphs<F>>,
        _: &TrainingSet<F>,
        _: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Box<dyn Recommender<F>>, SettingError> {
        Ok(Box::new(DaMrs::new(settings, graphs.clone(), rng)?))
    }
}
