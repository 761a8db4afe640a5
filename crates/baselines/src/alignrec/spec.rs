//! What a trainer, a search and a page must know of AlignRec.

use super::{AlignRec, Graphs, Settings};
use anchorrec_kernels::Real;
use anchorrec_recommender::{Card, ModelSpec, Present, Range, Recommender, SettingError, TrainingSet, Variation};
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
