//! What a trainer, a search and a page must know of BPR-MF.

use super::{BprMf, Settings};
use anchorrec_kernels::Real;
use anchorrec_recommender::work::ADAM_BYTES;
use anchorrec_recommender::{
    Card, ModelSpec, Range, Recommender, SettingError, Size, Timed, Timing, TrainingSet, Work,
};
use rand_chacha::ChaCha8Rng;

/// The declaration of BPR-MF.
pub struct Spec;

impl ModelSpec for Spec {
    type Settings = Settings;
    type Shared<F: Real> = ();

    const CARD: Card = Card {
        ranges: &[Range::new("bprmf.reg", &["0.001", "0.1", "0.01", "0.0001", "0.00001"])],
        timings: &[Timing {
            figure: "bprmf_epoch",
            of: Timed::Epoch,
            settings: &[],
            goal: None,
            what: "one epoch of BPR-MF on Sports with validation",
            limit: "embeddings and moments once, for each step, and a ranking",
        }],
        ..Card::new(
            "bprmf",
            "BPR-MF",
            "matrix factorisation, no graph and no features",
            "Rendle et al.: \"BPR: Bayesian Personalized Ranking from Implicit Feedback\", UAI 2009, arXiv 1205.2618",
        )
    };

    fn check(settings: &Settings) -> Result<(), SettingError> {
        settings.check()
    }

    /// All embeddings with their moments through memory once.
    fn least_step(settings: &Settings, size: &Size) -> Vec<Work> {
        vec![Work::moved(ADAM_BYTES * size.embedding_numbers(settings.embedding_dim))]
    }

    fn share<F: Real>(_: &Settings, _: &TrainingSet<F>) {}

    fn build<F: Real>(
        settings: &Settings,
        (): &(),
        set: &TrainingSet<F>,
        _: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Box<dyn Recommender<F>>, SettingError> {
        Ok(Box::new(BprMf::new(settings, set.users, set.items, rng)?))
    }
}
