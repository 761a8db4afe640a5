//! What a trainer, a search and a page must know of VBPR.

use super::{Settings, Vbpr, side_by_side};
use crate::absent::without_text_or_vision;
use anchorrec_kernels::Real;
use anchorrec_recommender::work::ADAM_BYTES;
use anchorrec_recommender::{
    Card, ModelSpec, Present, Range, Recommender, SettingError, Size, Timed, Timing, TrainingSet, Work,
};
use ndarray::Array2;
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// The declaration of VBPR.
pub struct Spec;

impl ModelSpec for Spec {
    type Settings = Settings;
    type Shared<F: Real> = Arc<Array2<F>>;

    const CARD: Card = Card {
        ranges: &[Range::new("vbpr.reg", &["0.01", "2.0", "1.0", "0.1", "0.001", "0.0001", "0.00001"])],
        timings: &[Timing {
            figure: "vbpr_epoch",
            of: Timed::Epoch,
            settings: &[],
            goal: None,
            what: "one epoch of VBPR on Sports with validation",
            limit: "embeddings and moments once, for each step, and a ranking; no product is counted",
        }],
        ..Card::new(
            "vbpr",
            "VBPR",
            "raw features beside the item embeddings, no graph",
            "He, McAuley: \"VBPR: Visual Bayesian Personalized Ranking from Implicit Feedback\", AAAI 2016, arXiv 1510.01784",
        )
    };

    fn check(settings: &Settings) -> Result<(), SettingError> {
        settings.check()
    }

    fn lacking(present: Present) -> Option<&'static str> {
        if Self::refuses(present) {
            return Some(
                "there are neither text nor image features (text_feat.npy, image_feat.npy): there is nothing to score by, and the model refuses",
            );
        }
        without_text_or_vision(present)
    }

    fn refuses(present: Present) -> bool {
        !present.text && !present.vision
    }

    /// All embeddings, twice as wide for users, with their moments through memory once. The products of a batch's items depend on how many differ,
    /// and are not counted.
    fn least_step(settings: &Settings, size: &Size) -> Vec<Work> {
        let numbers = ((2 * size.users + size.items) * settings.embedding_dim) as f64;
        vec![Work::moved(ADAM_BYTES * numbers)]
    }

    fn share<F: Real>(_: &Settings, set: &TrainingSet<F>) -> Arc<Array2<F>> {
        let raw: Vec<_> = [set.features.text, set.features.vision].into_iter().flatten().map(|x| x.view()).collect();
        Arc::new(side_by_side(set.items, &raw))
    }

    fn build<F: Real>(
        settings: &Settings,
        features: &Arc<Array2<F>>,
        set: &TrainingSet<F>,
        _: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Box<dyn Recommender<F>>, SettingError> {
        Ok(Box::new(Vbpr::new(settings, set.users, features.clone(), rng)?))
    }
}
