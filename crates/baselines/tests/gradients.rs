//! The backward pass of every baseline against central differences, for random sizes.

use anchorrec_baselines::lightgcn;
use anchorrec_encoders::{Batch, Recommender};
use anchorrec_graph::UserItemGraph;
use anchorrec_graph::user_item::DegreeOffset;
use anchorrec_testkit::{assert_gradient, random};
use rand::RngExt;
use std::sync::Arc;

#[test]
fn lightgcn() {
    for seed in 0..6 {
        let rng = &mut random::generator(seed);
        let (users, items, batch) = (rng.random_range(4..9), rng.random_range(4..9), rng.random_range(1..7));
        let pairs: Vec<(u32, u32)> =
            random::indices(20, users, rng).into_iter().zip(random::indices(20, items, rng)).collect();
        let graph = Arc::new(UserItemGraph::<f64>::new(users, items, &pairs, DegreeOffset::Tiny));
        let settings = lightgcn::Settings { embedding_dim: 3, layers: rng.random_range(0..4), reg: 0.2 };
        let model = lightgcn::LightGcn::new(&settings, graph, rng).expect("settings");
        let [u, i, j] = [
            random::indices(batch, users, rng),
            random::indices(batch, items, rng),
            random::indices(batch, items, rng),
        ];
        let batch = Batch { users: &u, positives: &i, negatives: &j, seed: 0 };
        let step = model.step(&batch);
        for id in model.params().ids() {
            let parameter = model.params().parameter(id);
            let analytic = step.gradients.to_dense(id, model.params());
            assert_gradient(&parameter.name, analytic.view(), parameter.value.view(), |v| {
                let mut moved = model.clone();
                moved.params_mut()[id] = v.to_owned();
                moved.step(&batch).total()
            });
        }
    }
}
