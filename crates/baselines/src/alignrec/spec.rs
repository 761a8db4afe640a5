//! What a trainer, a search and a page must know of AlignRec.

use super::{AlignRec, Graphs, Settings};
use anchorrec_kernels::Real;
use anchorrec_recommender::work::ADAM_BYTES;
use anchorrec_recommender::{
    Card, ModelSpec, Present, Range, Recommender, SettingError, Size, Timed, Timing, TrainingSet, Variation, Work,
};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// The declaration of AlignRec.
pub struct Spec;

impl ModelSpec for Spec {
    type Settings = Settings;
    type Shared<F: Real> = Arc<Graphs<F>>;

    const CARD: Card = Card {
        ranges: &[
            Range::new("alignrec.item_layers", &["1", "2"]),
            Range::new("alignrec.weights.align", &["0.01", "0.001", "0.1"]),
            Range::new("alignrec.weights.sim", &["0.1", "0.01"]),
            Range::new("alignrec.weights.ui", &["0.1", "0.01"]),
            Range::new("alignrec.weights.reg", &["0.0001", "0.01"]),
        ],
        alternatives: &[
            Variation::new(
                "frozen-targets",
                "SIM compares with the raw features for ever",
                &["alignrec.targets=frozen"],
            ),
            Variation::new(
                "shared-targets",
                "SIM compares with the features as they are trained",
                &["alignrec.targets=shared"],
            ),
        ],
        without_stops: Some(&["alignrec.targets=frozen"]),
        timings: &[Timing {
            figure: "alignrec_epoch",
            of: Timed::Epoch,
            settings: &["alignrec.targets=shared"],
            goal: None,
            what: "one epoch of AlignRec, shared targets, on Sports with validation",
            limit: "the layer mean twice, three products of the fused features, they, embeddings and moments once, for each step, and a ranking",
        }],
        ..Card::new(
            "alignrec",
            "AlignRec",
            "fused features aligned directly with the ID space",
            "Liu et al.: \"AlignRec: Aligning and Training in Multimodal Recommendations\", CIKM 2024, arXiv 2403.12384",
        )
    };

    fn check(settings: &Settings) -> Result<(), SettingError> {
        settings.check()
    }

    fn lacking(present: Present) -> Option<&'static str> {
        (!present.mm).then_some(
            "there are no fused features (mm_feat.npy): the alignment and similarity terms are absent, so this is the ID encoder \
             alone, not AlignRec",
        )
    }

    /// The layer mean forward and backward, three products of the fused features with `D` columns (gates forward, weight gradient, table gradient), and the
    /// fused features and all embeddings with their moments through memory once.
    fn least_step(settings: &Settings, size: &Size) -> Vec<Work> {
        let dim = settings.embedding_dim;
        let (mean, numbers) = (size.layer_mean(dim, settings.id_layers), size.fused_numbers());
        let product = Work::computed(2.0 * numbers * dim as f64);
        vec![mean, product, product, product, mean, Work::moved(ADAM_BYTES * (numbers + size.embedding_numbers(dim)))]
    }

    fn share<F: Real>(settings: &Settings, set: &TrainingSet<F>) -> Arc<Graphs<F>> {
        Arc::new(Graphs::new(set.users, set.items, set.pairs, set.features.mm, settings.neighbours))
    }

    fn build<F: Real>(
        settings: &Settings,
        graphs: &Arc<Graphs<F>>,
        set: &TrainingSet<F>,
        batch_size: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Box<dyn Recommender<F>>, SettingError> {
        Ok(Box::new(AlignRec::new(settings, batch_size, graphs.clone(), set.features.mm, rng)?))
    }
}
