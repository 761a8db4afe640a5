//! FREEDOM against the official implementation: graphs, forward, loss terms, gradients, scores; with and without pruning.

#[path = "official/freedom.rs"]
mod official;

use anchorrec_encoders::{Batch, Recommender};
use anchorrec_graph::UserItemGraph;
use anchorrec_testkit::{assert_close, assert_close_among, assert_close_scalar, golden};
use ndarray::Array2;
use official::PARAMETERS;

const RELATIVE: f64 = 1e-9;

/// `Â`, users first.
fn adjacency(graph: &UserItemGraph<f64>) -> Array2<f64> {
    golden::adjacency(&graph.users_to_items.to_dense(), &graph.items_to_users.to_dense())
}

#[test]
fn golden_freedom() {
    for case in official::cases() {
        let (name, file) = (&case.name, &case.file);
        let check = |key: &str, got: &Array2<f64>, want: &Array2<f64>| {
            assert_close(&format!("{name} {key}"), got.view(), want.view(), RELATIVE);
        };
        let model = official::model(&case);
        assert_eq!(model.params().len(), file["params"].as_object().expect("params").len());
        let graphs = model.graphs();
        let expected = &file["graph"];
        check("norm_adj", &adjacency(&graphs.user_item), &golden::sparse(&expected["norm_adj"]));
        check("masked_adj", &adjacency(model.training_graph()), &golden::sparse(&expected["masked_adj"]));
        let items = graphs.items.as_ref().expect("two modalities");
        check("mm_adj", &items.forward.to_dense(), &golden::sparse(&expected["mm_adj"]));
        check("mm_adj transposed", &items.transpose.to_dense().reversed_axes(), &golden::sparse(&expected["mm_adj"]));
        // What edges are drawn by is the weight that they have in the full graph.
        let [users, items] = ["edge_users", "edge_items"].map(|key| golden::indices(&expected[key]));
        let full = graphs.user_item.users_to_items.to_dense();
        let got = Array2::from_shape_fn((1, users.len()), |(_, e)| full[[users[e] as usize, items[e] as usize]]);
        check("edge_values", &got, &golden::matrix(&expected["edge_values"]));

        let training = model.embeddings_over(model.training_graph());
        check("final_user", &training.users, &golden::matrix(&file["forward"]["final_user"]));
        check("final_item", &training.items, &golden::matrix(&file["forward"]["final_item"]));
        let embeddings = model.embeddings();
        let scores = embeddings.users.dot(&embeddings.items.t());
        check("eval_scores", &scores, &golden::matrix(&file["eval_scores"]));

        let [users, positives, negatives] = &case.data.batches[0];
        let step = model.step(&Batch { users, positives, negatives, seed: 0 });
        for (key, ours) in [("bpr", "bpr"), ("bpr_text", "bpr_text"), ("bpr_image", "bpr_vision")] {
            let term = step.terms.iter().find(|term| term.name == ours).expect(ours);
            let want = golden::number(&file["losses"][key]);
            assert_close_scalar(&format!("{name} {key}"), term.value, want, RELATIVE);
        }
        let total = golden::number(&file["losses"]["total"]);
        assert_close_scalar(&format!("{name} total"), step.total(), total, RELATIVE);
        // A bias is the same for the positive and the negative: its gradient is the rounding of those of the others.
        let want = |key: &str| golden::matrix(&file["grads"][key]);
        let elements = PARAMETERS.iter().flat_map(|(theirs, _)| want(theirs));
        let largest = elements.fold(0.0f64, |largest, g| largest.max(g.abs()));
        for (theirs, ours) in PARAMETERS {
            let id = model.params().id(ours).expect(ours);
            let got = step.gradients.to_dense(id, model.params());
            let name = format!("{name} grad {theirs}");
            assert_close_among(&name, got.view(), want(theirs).view(), RELATIVE, largest);
        }
    }
}

#[test]
fn an_epoch_draws_its_edges_by_its_seed_and_evaluation_sees_all() {
    for case in official::cases() {
        let name = &case.name;
        let mut model = official::model(&case);
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
