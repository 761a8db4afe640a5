//! What a trainer, a search and a page must know of AnchorRec.

use crate::{AnchorRec, Graphs, Modalities, Settings, Targets};
use anchorrec_kernels::Real;
use anchorrec_recommender::work::ADAM_BYTES;
use anchorrec_recommender::{
    Card, FeatureTables, ModelSpec, Present, Range, Recommender, SettingError, Size, Timed, Timing, TrainingSet,
    Variation, Work,
};
use ndarray::Array2;
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// The declaration of AnchorRec.
pub struct Spec;

impl ModelSpec for Spec {
    type Settings = Settings;
    type Shared<F: Real> = Arc<Graphs<F>>;

    const CARD: Card = Card {
        ranges: &[
            Range::new("anchorrec.item_layers", &["1", "2", "3"]),
            Range::new("anchorrec.weights.align", &["0.001", "0.01"]),
            Range::new("anchorrec.weights.amp", &["0.1", "0.3"]),
            Range::new("anchorrec.temperature", &["0.2", "0.05", "0.25"]),
            Range::new("anchorrec.decoder_weight", &["0.0005", "0.5"]),
        ],
        ablations: &[
            Variation::new("no-aal", "without the alignment terms", &["anchorrec.weights.align=0.0"]),
            Variation::new("no-amp", "without AMP, which keeps each modality in shape", &["anchorrec.weights.amp=0.0"]),
            Variation::new(
                "no-projections",
                "aligned directly in the embeddings' own space, without heads and decoder",
                &["anchorrec.space=embedding", "anchorrec.mix.of=encodings", "anchorrec.train_input_heads=true"],
            ),
            Variation::new("no-ui", "without the UI term", &["anchorrec.weights.ui=0.0"]),
            Variation::new(
                "no-decoder",
                "without the decoded anchor in the item's final embedding",
                &["anchorrec.decoder_weight=0.0"],
            ),
        ],
        alternatives: &[
            Variation::new(
                "frozen-targets",
                "AMP compares with the raw features for ever",
                &["anchorrec.targets=frozen"],
            ),
            Variation::new(
                "shared-targets",
                "AMP compares with the features as they are trained",
                &["anchorrec.targets=shared"],
            ),
            Variation::new(
                "aligned-encodings",
                "the second alignment term reaches the encoders of text and vision",
                &["anchorrec.mix.of=encodings", "anchorrec.train_input_heads=true"],
            ),
        ],
        timings: &[
            Timing {
                figure: "anchorrec_step_shared",
                of: Timed::Step,
                settings: &[],
                goal: Some(0.20),
                what: "one training step on Sports, shared targets",
                limit: "three products of the tables, half a Gram matrix, tables and moments once",
            },
            Timing {
                figure: "anchorrec_step_frozen",
                of: Timed::Step,
                settings: &["anchorrec.targets=frozen"],
                goal: Some(0.17),
                what: "one training step on Sports, frozen targets",
                limit: "as shared, without the Gram matrix, which is constant",
            },
            Timing {
                figure: "anchorrec_epoch",
                of: Timed::Epoch,
                settings: &[],
                goal: Some(24.97),
                what: "one epoch on Sports with validation, shared targets",
                limit: "the steps and a ranking",
            },
        ],
        changes_no_ranking: &["anchorrec.train_input_heads"],
        without_stops: Some(&[
            "anchorrec.weights.ui=0.0",
            "anchorrec.train_input_heads=false",
            "anchorrec.targets=frozen",
        ]),
        ..Card::new(
            "anchorrec",
            "AnchorRec",
            "each modality aligned with the ID space in a projection, the rest of it kept in shape",
            "Jeong, Kang, Lee: \"Anchored Alignment: Preventing Positional Collapse in Multimodal Recommender Systems\", \
             SIGIR 2026, arXiv 2603.12726",
        )
    };

    fn check(settings: &Settings) -> Result<(), SettingError> {
        settings.check()
    }

    fn lacking(present: Present) -> Option<&'static str> {
        match (present.mm, present.text, present.vision) {
            (true, true, true) => None,
            (true, false, true) => {
                Some("there are no text features (text_feat.npy): the encoder and the terms of text are absent")
            }
            (true, true, false) => {
                Some("there are no image features (image_feat.npy): the encoder and the terms of images are absent")
            }
            (true, false, false) => Some(
                "there are neither text nor image features (text_feat.npy, image_feat.npy): the encoders and the terms of both are absent, and \
                 only the anchor's are left",
            ),
            (false, ..) => Some(
                "there is no anchor (mm_feat.npy): the alignment terms, SMO and the decoder are absent, so this is the encoders alone, \
                 not AnchorRec",
            ),
        }
    }

    /// Three products of all feature tables with `D` columns (forward, weight gradient, table gradient), half a Gram matrix of the batch in the
    /// widest modality (AMP), and every feature parameter with its two moments through memory once. With frozen targets the Gram matrix
    /// never changes, and what AMP needs of it can be known before training: none is counted.
    fn least_step(settings: &Settings, size: &Size) -> Vec<Work> {
        let numbers = size.feature_numbers();
        let product = Work::computed(2.0 * numbers * settings.embedding_dim as f64);
        let mut parts = vec![product, product, product];
        if settings.targets == Targets::Shared {
            parts.push(Work::computed((size.batch * size.batch) as f64 * size.widest() as f64));
        }
        parts.push(Work::moved(ADAM_BYTES * numbers));
        parts
    }

    fn share<F: Real>(settings: &Settings, set: &TrainingSet<F>) -> Arc<Graphs<F>> {
        Arc::new(Graphs::new(set.users, set.items, set.pairs, modalities(set.features), settings))
    }

    fn build<F: Real>(
        settings: &Settings,
        graphs: &Arc<Graphs<F>>,
        set: &TrainingSet<F>,
        batch_size: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Box<dyn Recommender<F>>, SettingError> {
        Ok(Box::new(AnchorRec::new(settings, batch_size, graphs.clone(), modalities(set.features), rng)?))
    }
}

fn modalities<F>(features: FeatureTables<'_, F>) -> Modalities<&Array2<F>> {
    let FeatureTables { mm, text, vision } = features;
    Modalities { mm, text, vision }
}
