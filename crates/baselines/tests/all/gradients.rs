//! The backward pass of every baseline against central differences, for random sizes.

use anchorrec_baselines::bm3::{self, Masks};
use anchorrec_baselines::{alignrec, damrs, freedom, lattice, lgmrec, lightgcn, smore, vbpr};
use anchorrec_graph::UserItemGraph;
use anchorrec_graph::user_item::DegreeOffset;
use anchorrec_recommender::{Batch, FeatureTables, Recommender, Step, TrainingSet};
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
        Batch { users: &self.triples[0], positives: &self.triples[1], negatives: &self.triples[2], seed: 0, index: 0 }
    }

    /// Features of a random width, or none.
    fn features(&self, there: bool, rng: &mut impl Rng) -> Option<Array2<f64>> {
        there.then(|| random::matrix(self.items, rng.random_range(3..6), rng) + 0.3)
    }
}

/// Panics unless the gradients of `step(model)` are those that differences of its total see, for every parameter.
fn assert_gradients<M: Recommender<f64> + Clone>(model: &M, step: impl Fn(&M) -> Step<f64>) {
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

fn assert_step<M: Recommender<f64> + Clone>(model: &M, batch: &Batch) {
    assert_gradients(model, |model| model.step(batch));
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
            // Differences see through a stop-gradient.
            targets: alignrec::Targets::Frozen,
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

/// Differences see through a stop-gradient, so the weights of the feedback stay those of the model where it stands.
#[test]
fn damrs() {
    for seed in 0..8 {
        let rng = &mut random::generator(seed);
        let case = Case::new(rng);
        let (vision, text) = (case.features(seed % 4 != 2, rng), case.features(seed % 4 < 2, rng));
        let settings = damrs::Settings {
            embedding_dim: rng.random_range(2..5),
            id_layers: rng.random_range(0..4),
            item_layers: rng.random_range(0..3),
            neighbours: 3,
            near: 2,
            next: 2,
            temperature: 0.6,
            weights: damrs::TermWeights { nd: 0.5, kl: 0.7 },
            ..damrs::Settings::default()
        };
        let (users, items) = (case.users, case.items);
        let graphs = damrs::Graphs::new(users, items, &case.pairs, vision.as_ref(), text.as_ref(), &settings);
        let mut model = damrs::DaMrs::new(&settings, Arc::new(graphs), rng).expect("settings");
        // Embeddings with distances: at those of a fresh model all weights are near one half.
        model.params_mut().iter_mut().for_each(|parameter| parameter.value *= 2.0);
        let batch = case.batch();
        let feedback = model.encode(&batch).feedback;
        assert_gradients(&model, |model| model.step_believing(&model.encode(&batch), &feedback));
        assert_eq!(model.step(&batch).terms, model.step_believing(&model.encode(&batch), &feedback).terms);
    }
}

#[test]
fn lattice() {
    for seed in 0..12 {
        let rng = &mut random::generator(seed);
        let case = Case::new(rng);
        let (vision, text) = (case.features(seed % 4 != 2, rng), case.features(seed % 4 < 2, rng));
        let settings = lattice::Settings {
            embedding_dim: rng.random_range(2..5),
            id_layers: rng.random_range(0..4),
            item_layers: rng.random_range(1..4),
            neighbours: 3,
            frozen_share: [0.3, 0.9, 0.0, 1.0][seed as usize % 4],
            reg: 0.6,
        };
        let (users, items) = (case.users, case.items);
        let graphs = lattice::Graphs::new(users, items, &case.pairs, vision.as_ref(), text.as_ref(), &settings);
        let batch_size = case.triples[0].len() + 1;
        let (vision, text) = (vision.as_ref(), text.as_ref());
        let mut model =
            lattice::Lattice::new(&settings, batch_size, Arc::new(graphs), vision, text, rng).expect("settings");
        if let Some(weights) = model.params().id("modality_weights") {
            model.params_mut()[weights] = random::matrix(1, 2, rng);
        }
        model.begin_epoch(seed);
        assert_step(&model, &case.batch());
        // Later batches: the graph is a constant, so differences of the embeddings see all that there is, and the rest has no gradient.
        let later = Batch { index: 1, ..case.batch() };
        assert_step(&model, &later);
    }
}

#[test]
fn smore() {
    for seed in 0..6 {
        let rng = &mut random::generator(seed);
        let case = Case::new(rng);
        let (text, vision) = (case.features(true, rng), case.features(true, rng));
        let settings = smore::Settings {
            embedding_dim: rng.random_range(1..6),
            id_layers: rng.random_range(0..4),
            item_layers: rng.random_range(0..3),
            vision_neighbours: 3,
            text_neighbours: 2,
            dropout: [0.0, 0.4][seed as usize % 2],
            temperature: 0.5,
            weights: smore::TermWeights { align: 0.6, reg: 0.7 },
        };
        let (users, items) = (case.users, case.items);
        let graphs = smore::Graphs::new(users, items, &case.pairs, vision.as_ref(), text.as_ref(), &settings);
        let batch_size = case.triples[0].len() + 1;
        let graphs = Arc::new(graphs);
        let model = smore::Smore::new(&settings, batch_size, graphs.clone(), vision.as_ref(), text.as_ref(), rng);
        assert_step(&model.expect("settings"), &case.batch());

        let refused = smore::Smore::new(&settings, batch_size, graphs, vision.as_ref(), None, rng).unwrap_err();
        assert!(refused.to_string().contains("`model` = smore"), "{refused}");
    }
}

#[test]
fn lgmrec() {
    for seed in 0..8 {
        let rng = &mut random::generator(seed);
        let case = Case::new(rng);
        let (text, vision) = (case.features(seed % 4 != 2, rng), case.features(seed % 4 < 2, rng));
        let settings = lgmrec::Settings {
            embedding_dim: rng.random_range(2..5),
            id_layers: rng.random_range(0..3),
            local_layers: rng.random_range(0..4),
            hypergraph_layers: rng.random_range(1..3),
            hyperedges: rng.random_range(1..5),
            dropout: [0.0, 0.3][seed as usize % 2],
            global_weight: 0.6,
            // Rows near 0 have gradients of 1e12 that differences cannot see: no softmax saturates here. The golden values have such rows.
            temperature: 2.0,
            gumbel_at_evaluation: true,
            weights: lgmrec::TermWeights { align: 0.4, reg: 0.7 },
        };
        let features = FeatureTables { mm: None, text: text.as_ref(), vision: vision.as_ref() };
        let set = TrainingSet { users: case.users, items: case.items, pairs: &case.pairs, features };
        let graphs = Arc::new(lgmrec::Graphs::new(&set));
        let model = lgmrec::LgmRec::new(&settings, graphs, rng).expect("settings");
        let names: Vec<_> = model.step(&case.batch()).terms.iter().map(|term| term.name).collect();
        let both = text.is_some() && vision.is_some();
        assert_eq!(names.contains(&"contrast_users") && names.contains(&"contrast_items"), both, "{names:?}");
        assert_step(&model, &case.batch());
    }
}

#[test]
fn vbpr() {
    for seed in 0..6 {
        let rng = &mut random::generator(seed);
        let case = Case::new(rng);
        let features = Arc::new(case.features(true, rng).expect("features"));
        let settings = vbpr::Settings { embedding_dim: rng.random_range(1..5), reg: 0.2 };
        let model = vbpr::Vbpr::new(&settings, case.users, features, rng).expect("settings");
        assert_step(&model, &case.batch());
    }
}

/// Differences see through a stop-gradient, so the targets stay those of the model where it stands.
#[test]
fn bm3() {
    for seed in 0..8 {
        let rng = &mut random::generator(seed);
        let case = Case::new(rng);
        let has = |bit: u64| seed & bit == 0;
        let (text, vision) = (case.features(has(1), rng), case.features(has(2), rng));
        let settings = bm3::Settings {
            embedding_dim: 3,
            layers: rng.random_range(0..4),
            dropout: 0.4 * (seed % 3) as f64,
            reg: 0.2,
            align: 0.7,
        };
        let graph = Arc::new(UserItemGraph::new(case.users, case.items, &case.pairs, DegreeOffset::Tiny));
        let model = bm3::Bm3::new(&settings, graph, text.as_ref(), vision.as_ref(), rng).expect("settings");
        let batch = case.batch();
        let encoded = model.encode(&batch);
        let targets = encoded.targets(&Masks::draw(&encoded, settings.dropout, batch.seed));
        let step = model.step(&batch);
        assert_eq!(step.terms, model.step_towards(&encoded, &targets).terms, "a step is towards these targets");
        assert_eq!(step.terms.len(), 3 + 2 * (usize::from(has(1)) + usize::from(has(2))));
        assert_gradients(&model, |model| model.step_towards(&model.encode(&batch), &targets));
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
