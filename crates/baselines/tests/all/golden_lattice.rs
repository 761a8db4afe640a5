//! LATTICE against the official implementation: graphs, the learned graph step by step, forward, and the tables that gradients pass.

use crate::checks;
use anchorrec_baselines::lattice::{Graphs, Lattice, Settings};
use anchorrec_conformance::golden::{RELATIVE, Translation};
use anchorrec_encoders::Gradient;
use anchorrec_recommender::{Batch, Recommender};
use anchorrec_testkit::golden::{self, Case};
use anchorrec_testkit::{assert_close, assert_close_but_for, random};
use ndarray::{Array2, Axis, concatenate, s};
use serde_json::Value;
use std::sync::Arc;

/// The model of the case with its first parameters.
fn model(case: &Case) -> Lattice<f64> {
    let (translation, data, rng) = (Translation::of("lattice"), &case.data, &mut random::generator(0));
    let settings: Settings = translation.typed_settings(case);
    let [_, text, vision] = translation.features(case);
    let (vision, text) = (vision.as_ref(), text.as_ref());
    let graphs = Arc::new(Graphs::new(data.users, data.items, &data.pairs, vision, text, &settings));
    let batch_size = golden::count(&case.file["meta"]["train_batch_size"]);
    let mut model = Lattice::new(&settings, batch_size, graphs, vision, text, rng).expect("settings");
    translation.fill(case, model.params_mut());
    model
}

/// A sparse table, written out.
fn sparse(case: &Case, key: &str, got: &Array2<f64>, want: &Value) {
    assert_close(&case.label(key), got.view(), golden::sparse(want).view(), RELATIVE);
}

/// The elements of `table` where the sparse `want` has some.
fn on_support(table: &Array2<f64>, want: &Value) -> Array2<f64> {
    let mut there = Array2::zeros(table.dim());
    for (r, c) in golden::indices(&want["rows"]).into_iter().zip(golden::indices(&want["cols"])) {
        there[[r as usize, c as usize]] = table[[r as usize, c as usize]];
    }
    there
}

#[test]
fn golden_lattice() {
    for case in Translation::of("lattice").cases() {
        let model = model(&case);
        let (graphs, expected) = (model.graphs(), &case.file["graph"]);

        // N, column after column.
        let (users, items) = (case.data.users, case.data.items);
        let identity = Array2::eye(users + items);
        let (of_users, of_items) = graphs
            .user_item
            .layer(&identity.slice(s![..users, ..]).to_owned(), &identity.slice(s![users.., ..]).to_owned());
        sparse(&case, "norm_adj", &concatenate![Axis(0), of_users, of_items], &expected["norm_adj"]);
        for (key, graph) in [("O_v", &graphs.vision), ("O_t", &graphs.text)] {
            let graph = graph.as_ref().expect("two modalities");
            sparse(&case, key, &graph.forward.to_dense(), &expected[key]);
            sparse(&case, key, &graph.transpose.to_dense().reversed_axes(), &expected[key]);
        }

        // The learned graph, step by step.
        let forward = &case.file["forward"];
        for (key, projected) in ["X_v", "X_t"].into_iter().zip(model.projected()) {
            checks::tensor(&case, key, &projected, &forward[key]);
        }
        let learned = model.learn().expect("two modalities");
        let (stages, g) = (learned.stages(), learned.graph());
        let row = |values: &[f64]| Array2::from_shape_vec((1, values.len()), values.to_vec()).expect("a row");
        checks::tensor(&case, "w", &row(learned.shares()), &forward["w"]);
        checks::tensor(&case, "r", &row(&stages.degrees), &forward["r"]);
        sparse(&case, "T_v", &stages.cosines[0], &forward["T_v"]);
        sparse(&case, "T_t", &stages.cosines[1], &forward["T_t"]);
        sparse(&case, "A", &stages.mixed, &forward["A"]);
        sparse(&case, "L", &stages.normalised, &forward["L"]);
        sparse(&case, "O", &stages.frozen, &forward["O"]);
        sparse(&case, "G", &g.forward.to_dense(), &forward["G"]);
        sparse(&case, "G transposed", &g.transpose.to_dense().reversed_axes(), &forward["G"]);

        // Embeddings.
        let item_layers = golden::count(&case.file["meta"]["n_layers"]);
        let e_items = &model.params()[model.params().id("item_embedding.weight").expect("item embeddings")];
        checks::tensor(&case, "h", &g.whole(item_layers).propagate(e_items.clone()), &forward["h"]);
        let collaborative = model.embeddings_over(None);
        checks::tensor(&case, "C_u", &collaborative.users, &forward["C_u"]);
        checks::tensor(&case, "C_i", &collaborative.items, &forward["C_i"]);
        checks::embeddings(&case, &model.embeddings());
    }
}

/// What passes the learned graph on its way back.
#[test]
fn golden_lattice_backward_tables() {
    for case in Translation::of("lattice").cases() {
        let (model, expected) = (model(&case), &case.file["backward"]);
        let item_layers = golden::count(&case.file["meta"]["n_layers"]);
        let e_items = &model.params()[model.params().id("item_embedding.weight").expect("item embeddings")];
        let sent =
            model.learn().expect("two modalities").backward(item_layers, e_items, golden::matrix(&expected["h"]));
        let rounding = case.rounding(&case.file["grads"]);
        let check = |key: &str, got: &Array2<f64>, want: &Array2<f64>| {
            assert_close_but_for(&case.label(&format!("backward {key}")), got.view(), want.view(), RELATIVE, rounding);
        };
        check("X_v", &sent.projected[0], &golden::matrix(&expected["X_v"]));
        check("X_t", &sent.projected[1], &golden::matrix(&expected["X_t"]));
        check("w", &Array2::from_shape_vec((1, 2), sent.shares).expect("two"), &golden::matrix(&expected["w"]));
        for (key, got) in [("G", sent.graph.to_dense()), ("A", sent.mixed.to_dense())] {
            check(key, &on_support(&got, &expected[key]), &golden::sparse(&expected[key]));
        }
    }
}

/// Within an epoch the graph keeps its numbers, whatever becomes of the weights, and sends nothing back.
#[test]
fn later_batches_of_an_epoch_take_the_graph_as_it_was() {
    for case in Translation::of("lattice").cases() {
        let mut model = model(&case);
        model.begin_epoch(0);
        let before = model.epoch_graph().expect("begun").graph().forward.clone();
        let ids: Vec<_> = model.params().ids().collect();
        for &id in &ids {
            model.params_mut()[id].mapv_inplace(|x| 1.25 * x + 0.1);
        }
        let [users, positives, negatives] = &case.data.batches[0];
        let batch = |index| Batch { users, positives, negatives, seed: 0, index };
        let (first, later) = (model.step(&batch(0)), model.step(&batch(1)));
        assert_eq!(model.epoch_graph().expect("begun").graph().forward, before);
        // A graph that is frozen entirely, of items that are their own only neighbours, or of numbers, whose cosines are 1 or -1, looks the same to all batches.
        let meta = &case.file["meta"];
        let is_one = |key: &str| golden::count(&meta[key]) == 1;
        if golden::number(&meta["lambda_coeff"]) == 1.0 || is_one("knn_k") || is_one("embedding_size") {
            continue;
        }
        assert_ne!(model.learn().expect("two modalities").graph().forward, before);
        assert_ne!(first.total(), later.total(), "{}", case.name);
        for id in ids {
            let ours = &model.params().parameter(id).name;
            let is_embedding = ours.ends_with("embedding.weight");
            assert!(!matches!(first.gradients.get(id), Gradient::Zero), "{ours}");
            assert_eq!(matches!(later.gradients.get(id), Gradient::Zero), !is_embedding, "{ours}");
        }
    }
}
