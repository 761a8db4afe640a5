//! AMP over wide features that never change, in `f32`: the norm of the targets comes from squares kept at start-up, the rest from
//! feature space. The same step in `f64` compares all pairs.

use anchorrec_align::{AnchorRec, Graphs, Modalities, Settings, Targets, Weights};
use anchorrec_kernels::Real;
use anchorrec_recommender::{Batch, Recommender};
use anchorrec_testkit::{assert_close_scalar, random};
use ndarray::Array2;
use std::sync::Arc;

const USERS: usize = 40;
const ITEMS: usize = 90;
const WIDTH: usize = 1100;

fn model<F: Real>() -> AnchorRec<F> {
    let rng = &mut random::generator(1);
    let vision = random::matrix(ITEMS, WIDTH, rng).mapv(|x| F::of(f64::from(x as f32)));
    let features = Modalities { vision: Some(vision), ..Modalities::default() };
    let pairs: Vec<(u32, u32)> =
        random::indices(200, USERS, rng).into_iter().zip(random::indices(200, ITEMS, rng)).collect();
    let settings = Settings { targets: Targets::Frozen, ..Settings::default() };
    let graphs = Arc::new(Graphs::new(USERS, ITEMS, &pairs, features.as_ref(), &settings));
    assert_eq!(graphs.cosine_squares.vision.is_some(), F::as_f32s(&[]).is_some(), "squares are kept in f32");
    let mut model = AnchorRec::new(&settings, 64, graphs, features.as_ref(), rng).expect("settings");
    // The draws of a model in another type are others: the weights of both are these.
    let ids: Vec<_> = model.params().ids().collect();
    for id in ids {
        let shape = model.params()[id].dim();
        if shape != (ITEMS, WIDTH) {
            model.params_mut()[id] = random::matrix(shape.0, shape.1, rng).mapv(|x| F::of(f64::from(x as f32 * 0.3)));
        }
    }
    model
}

#[test]
fn a_step_in_f32_equals_all_pairs_in_f64() {
    let rng = &mut random::generator(2);
    let (users, positives, negatives) =
        (random::indices(64, USERS, rng), random::indices(64, ITEMS, rng), random::indices(64, ITEMS, rng));
    let batch = Batch { users: &users, positives: &positives, negatives: &negatives, seed: 0, index: 0 };
    let mut weights = Weights::default();
    weights.amp.vision = Some(1.0);
    let (fast_model, plain_model) = (model::<f32>(), model::<f64>());
    let fast = fast_model.step_weighted(&batch, &weights);
    let plain = plain_model.step_weighted(&batch, &weights);
    // Sums of some thousand products in f32.
    assert_close_scalar("amp_vision", fast.total(), plain.total(), 1e-5);
    for id in plain_model.params().ids() {
        let fast = fast.gradients.to_dense(id, fast_model.params()).mapv(f64::from);
        let plain = plain.gradients.to_dense(id, plain_model.params());
        let off = largest(&(fast - &plain)) / largest(&plain).max(1e-30);
        assert!(off < 1e-4, "{}: off by {off:e} of the largest", plain_model.params().parameter(id).name);
    }
}

fn largest(x: &Array2<f64>) -> f64 {
    x.iter().fold(0.0, |m, x| m.max(x.abs()))
}
