//! The backward pass of every baseline against central differences, for random sizes.

use anchorrec_baselines::{alignrec, freedom, lightgcn};
use anchorrec_encoders::{Batch, Recommender};
use anchorrec_graph::UserItemGraph;
use anchorrec_graph::user_item::DegreeOffset;
use anchorrec_testkit::{assert_gradient, random};
use ndarray::Array2;
use rand::{Rng, RngExt};
use std::sync::Arc;

/// Sizes, training pairs and one batch, in which users and items repeat.
struct Case {
    users: usize,
    items: usize,
    pairs: Vec<(u32, u32)>,
    triples: [Vec<u32>; 3],
}

impl Case {
    fn new(rng: &mut impl Rng) -> Case {
        let (users, items, batch) = (rng.random_range(4..9), rng.random_range(4..9), rng.random_range(1..7));
        let pairs = random::indices(20, users, rng).into_iter().zip(random::indices(20, items, rng)).collect();
        let triples = [
            random::indices(batch, users, rng),
            random::indices(batch, items, rng),
            random::indices(batch, items, rng),
        ];
        Case { users, items, pairs, triples }
    }

    fn batch(&self) -> Batch<'_> {
        Batch { users: &self.triples[0], positives: &self.triples[1], negatives: &self.triples[2], seed: 0 }
    }

    /// Features of a random width, or none.
    fn features(&self, there: bool, rng: &mut impl Rng) -> Option<Array2<f64>> {
        there.then(|| random::matrix(self.items, rng.random_range(3..6), rng) + 0.3)
    }
}

/// Panics unless the gradients of a step of `model` are those that differences see, for every parameter.
fn assert_step<M: Recommender<f64> + Clone>(model: &M, batch: &Batch) {
    let step = model.step(batch);
    for id in model.params().ids() {
        let parameter = model.params().parameter(id);
        let analytic = step.gradients.to_dense(id, model.params());
        assert_gradient(&parameter.name, analytic.view(), parameter.value.view(), |v| {
            let mut moved = model.clone();
            moved.params_mut()[id] = v.to_owned();
            moved.step(batch).total()
        });
    }
}

#[test]
fn lightgcn() {
    for seed in 0..6 {
        let rng = &mut random::generator(seed);
        let case = Case::new(rng);
        let graph = Arc::new(UserItemGraph::new(case.users, case.items, &case.pairs, DegreeOffset::Tiny));
        let settings = lightgcn::Settings { embedding_dim: 3, layers: rng.random_range(0..4), reg: 0.2 };
        let model = lightgcn::LightGcn::new(&settings, graph, rng).expect("settings");
        assert_step(&model, &case.batch());
    }
}

#[test]
fn alignrec() {
    for seed in 0..8 {
        let rng = &mut random::generator(seed);
        let case = Case::new(rng);
        let features = case.features(seed % 4 != 3, rng);
        let settings = alignrec::Settings {
            embedding_dim: rng.random_range(2..5),
            id_layers: rng.random_range(0..3),
            item_layers: rng.random_range(0..3),
            neighbours: 3,
            temperature: 0.5,
            weights: alignrec::TermWeights { align: 0.6, ui: 0.7, sim: 0.8, reg: 0.3 },
        };
        let graphs = alignrec::Graphs::new(case.users, case.items, &case.pairs, features.as_ref(), settings.neighbours);
        let batch_size = case.triples[0].len() + 1;
        let model = alignrec::AlignRec::new(&settings, batch_size, Arc::new(graphs), features.as_ref(), rng);
        let model = model.expect("settings");
        let names: Vec<_> = model.step(&case.batch()).terms.iter().map(|term| term.name).collect();
        let all = ["bpr", "ui", "reg", "align_users", "align_items", "sim"];
        assert_eq!(names, all[..if features.is_some() { 6 } else { 3 }]);
        assert_step(&model, &case.batch());
    }
}

#[test]
fn freedom() {
    for seed in 0..8 {
        let rng = &mut random::generator(seed);
        let case = Case::new(rng);
        let (text, vision) = (case.features(seed % 4 != 2, rng), case.features(seed % 4 < 2, rng));
        let settings = freedom::Settings {
            embedding_dim: rng.random_range(2..5),
            id_layers: rng.random_range(0..4),
            item_layers: rng.random_range(0..3),
            neighbours: 3,
            vision_weight: 0.3,
            dropout: [0.0, 0.5][seed as usize % 2],
            reg: 0.6,
        };
        let (users, items) = (case.users, case.items);
        let graphs = freedom::Graphs::new(users, items, &case.pairs, text.as_ref(), vision.as_ref(), &settings);
        let mut model =
            freedom::Freedom::new(&settings, Arc::new(graphs), text.as_ref(), vision.as_ref(), rng).expect("settings");
        model.begin_epoch(seed);
        let terms = 1 + usize::from(text.is_some()) + usize::from(vision.is_some());
        assert_eq!(model.step(&case.batch()).terms.len(), terms);
        assert_step(&model, &case.batch());
    }
}
