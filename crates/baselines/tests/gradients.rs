//! The backward pass of every baseline against central differences, for random sizes.

use anchorrec_baselines::bm3::{self, Masks};
use anchorrec_baselines::{lightgcn, vbpr};
use anchorrec_encoders::{Batch, Recommender, Step};
use anchorrec_graph::UserItemGraph;
use anchorrec_graph::user_item::DegreeOffset;
use anchorrec_testkit::{assert_gradient, random};
use ndarray::Array2;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// A data set of random size and a batch of it.
struct Case {
    rng: ChaCha8Rng,
    users: usize,
    items: usize,
    graph: Arc<UserItemGraph<f64>>,
    triples: [Vec<u32>; 3],
}

impl Case {
    fn new(seed: u64) -> Case {
        let mut rng = random::generator(seed);
        let (users, items, batch) = (rng.random_range(4..9), rng.random_range(4..9), rng.random_range(1..7));
        let pairs: Vec<(u32, u32)> =
            random::indices(20, users, &mut rng).into_iter().zip(random::indices(20, items, &mut rng)).collect();
        let graph = Arc::new(UserItemGraph::<f64>::new(users, items, &pairs, DegreeOffset::Tiny));
        let triples = [users, items, items].map(|bound| random::indices(batch, bound, &mut rng));
        Case { rng, users, items, graph, triples }
    }

    fn batch(&self) -> Batch<'_> {
        Batch { users: &self.triples[0], positives: &self.triples[1], negatives: &self.triples[2], seed: 7 }
    }

    fn features(&mut self) -> Array2<f64> {
        let width = self.rng.random_range(3..8);
        random::matrix(self.items, width, &mut self.rng)
    }
}

/// Every parameter's gradient in `step(model)` against differences of its total.
fn check<M: Recommender<f64> + Clone>(model: &M, step: impl Fn(&M) -> Step<f64>) {
    let gradients = step(model).gradients;
    for id in model.params().ids() {
        let parameter = model.params().parameter(id);
        let analytic = gradients.to_dense(id, model.params());
        assert_gradient(&parameter.name, analytic.view(), parameter.value.view(), |v| {
            let mut moved = model.clone();
            moved.params_mut()[id] = v.to_owned();
            step(&moved).total()
        });
    }
}

#[test]
fn lightgcn() {
    for seed in 0..6 {
        let mut case = Case::new(seed);
        let settings = lightgcn::Settings { embedding_dim: 3, layers: case.rng.random_range(0..4), reg: 0.2 };
        let model = lightgcn::LightGcn::new(&settings, case.graph.clone(), &mut case.rng).expect("settings");
        check(&model, |model| model.step(&case.batch()));
    }
}

#[test]
fn vbpr() {
    for seed in 0..6 {
        let mut case = Case::new(seed);
        let features = Arc::new(case.features());
        let settings = vbpr::Settings { embedding_dim: case.rng.random_range(1..5), reg: 0.2 };
        let model = vbpr::Vbpr::new(&settings, case.users, features, &mut case.rng).expect("settings");
        check(&model, |model| model.step(&case.batch()));
    }
}

/// Differences see through a stop-gradient, so the targets stay those of the model where it stands.
#[test]
fn bm3() {
    for seed in 0..8 {
        let mut case = Case::new(seed);
        let (text, vision) = (case.features(), case.features());
        let has = |bit: u64| seed & bit == 0;
        let settings = bm3::Settings {
            embedding_dim: 3,
            layers: case.rng.random_range(0..4),
            dropout: 0.4 * (seed % 3) as f64,
            reg: 0.2,
            align: 0.7,
        };
        let (text, vision) = (has(1).then_some(&text), has(2).then_some(&vision));
        let model = bm3::Bm3::new(&settings, case.graph.clone(), text, vision, &mut case.rng).expect("settings");
        let batch = case.batch();
        let encoded = model.encode(&batch);
        let targets = encoded.targets(&Masks::draw(&encoded, settings.dropout, batch.seed));
        let step = model.step(&batch);
        assert_eq!(step.terms, model.step_towards(&encoded, &targets).terms, "a step is towards these targets");
        assert_eq!(step.terms.len(), 3 + 2 * (usize::from(has(1)) + usize::from(has(2))));
        check(&model, |model| model.step_towards(&model.encode(&batch), &targets));
    }
}

#[test]
fn vbpr_without_features_is_refused() {
    let settings = vbpr::Settings::default();
    let none = Arc::new(Array2::<f32>::zeros((4, 0)));
    let error = vbpr::Vbpr::new(&settings, 3, none, &mut random::generator(0)).unwrap_err();
    assert!(
        error.to_string().starts_with("setting `model` = vbpr: expected a model that needs no features"),
        "{error}"
    );
}
