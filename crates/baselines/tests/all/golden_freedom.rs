//! FREEDOM against the official implementation: its graphs, what it trains on, and all that models have in common on recorded edges.

use crate::checks;
use anchorrec_baselines::freedom::{Freedom, Graphs, Settings};
use anchorrec_conformance::golden::{RELATIVE, Translation, compare};
use anchorrec_encoders::Params;
use anchorrec_recommender::{Batch, Embeddings, Recommender, Step};
use anchorrec_testkit::golden::{self, Case};
use anchorrec_testkit::{assert_close, random};
use ndarray::Array2;
use std::sync::Arc;

/// A model on the edges that a case kept; a new epoch draws no others.
struct Recorded(Freedom<f64>);

impl Recommender<f64> for Recorded {
    fn params(&self) -> &Params<f64> {
        self.0.params()
    }

    fn params_mut(&mut self) -> &mut Params<f64> {
        self.0.params_mut()
    }

    fn step(&self, batch: &Batch) -> Step<f64> {
        self.0.step(batch)
    }

    fn embeddings(&self) -> Embeddings<f64> {
        self.0.embeddings()
    }
}

/// The model of the case with its first parameters, on the edges that the case kept.
fn model(case: &Case) -> Freedom<f64> {
    let (translation, data, rng) = (Translation::of("freedom"), &case.data, &mut random::generator(0));
    let settings: Settings = translation.typed_settings(case);
    let [_, text, vision] = translation.features(case);
    let (text, vision) = (text.as_ref(), vision.as_ref());
    let graphs = Graphs::new(data.users, data.items, &data.pairs, text, vision, &settings);
    let mut model = Freedom::new(&settings, Arc::new(graphs), text, vision, rng).expect("settings");
    translation.fill(case, model.params_mut());
    let graph = &case.file["graph"];
    if let Some(kept) = graph.get("kept_edge_idx") {
        let [users, items] = ["edge_users", "edge_items"].map(|key| golden::indices(&graph[key]));
        let pairs = golden::indices(kept).into_iter().map(|edge| (users[edge as usize], items[edge as usize]));
        model.train_on(&pairs.collect::<Vec<_>>());
    }
    model
}

#[test]
fn golden_freedom_on_recorded_edges() {
    let translation = Translation::of("freedom");
    let cases: Vec<Case> = translation.cases().into_iter().filter(|case| translation.drawn(case).is_some()).collect();
    assert!(!cases.is_empty(), "no case whose edges are drawn");
    cases.iter().for_each(|case| compare(&translation, case, &|_| Box::new(Recorded(model(case)))));
}

#[test]
fn golden_freedom() {
    for case in Translation::of("freedom").cases() {
        let model = model(&case);
        let graphs = model.graphs();
        checks::adjacency(&case, "norm_adj", &graphs.user_item);
        checks::adjacency(&case, "masked_adj", model.training_graph());
        let expected = &case.file["graph"];
        let items = graphs.items.as_ref().expect("two modalities");
        let want = golden::sparse(&expected["mm_adj"]);
        assert_close(&case.label("mm_adj"), items.forward.to_dense().view(), want.view(), RELATIVE);
        assert_close(&case.label("mm_adj transposed"), items.transpose.to_dense().t(), want.view(), RELATIVE);
        // What edges are drawn by is the weight that they have in the full graph.
        let [users, items] = ["edge_users", "edge_items"].map(|key| golden::indices(&expected[key]));
        let full = graphs.user_item.users_to_items.to_dense();
        let got = Array2::from_shape_fn((1, users.len()), |(_, e)| full[[users[e] as usize, items[e] as usize]]);
        checks::tensor(&case, "edge_values", &got, &expected["edge_values"]);

        checks::embeddings(&case, &model.embeddings_over(model.training_graph()));
    }
}

#[test]
fn an_epoch_draws_its_edges_by_its_seed_and_evaluation_sees_all() {
    for case in Translation::of("freedom").cases() {
        let name = &case.name;
        let mut model = model(&case);
        let dropout = golden::number(&case.file["meta"]["dropout"]);
        let evaluated = model.embeddings();
        let mut edges = |seed| {
            model.begin_epoch(seed);
            assert_eq!(model.embeddings(), evaluated, "{name}");
            model.training_graph().users_to_items.clone()
        };
        let drawn = [edges(1), edges(2), edges(1)];
        let kept = (case.data.pairs.len() as f64 * (1.0 - dropout)) as usize;
        assert!(drawn.iter().all(|edges| edges.nnz() == kept), "{name}: {kept} edges");
        assert_eq!(drawn[0], drawn[2], "{name}");
        assert_eq!(drawn[0] == drawn[1], dropout == 0.0, "{name}");
    }
}
