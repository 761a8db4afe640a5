//! BM3 against the official implementation, with and without recorded dropout: graph, forward, loss terms, gradients, scores.

#[path = "official/bm3.rs"]
mod official;

use anchorrec_encoders::{Batch, Recommender};
use anchorrec_testkit::{assert_close, assert_close_scalar, golden};
use ndarray::Array2;
use official::{PARAMETERS, TERMS};

const RELATIVE: f64 = 1e-9;

#[test]
fn golden_bm3() {
    let cases = official::cases();
    assert!(cases.iter().any(|case| case.file.get("dropout_masks").is_some()), "a case with dropout");
    for case in cases {
        let check = |key: &str, got: &Array2<f64>, want: &Array2<f64>| {
            assert_close(&case.label(key), got.view(), want.view(), RELATIVE);
        };
        let graph = official::graph(&case);
        let adjacency = golden::adjacency(&graph.users_to_items.to_dense(), &graph.items_to_users.to_dense());
        check("norm_adj", &adjacency, &golden::sparse(&case.file["graph"]["norm_adj"]));

        let model = official::model(&case);
        assert_eq!(model.params().len(), case.file["params"].as_object().expect("params").len());
        let [users, positives, negatives] = &case.data.batches[0];
        let batch = Batch { users, positives, negatives, seed: 0 };
        let encoded = model.model.encode(&batch);
        check("u_online_ori", &encoded.h_users, &golden::matrix(&case.file["forward"]["u_online_ori"]));
        check("i_online_ori", &encoded.h_items, &golden::matrix(&case.file["forward"]["i_online_ori"]));
        let embeddings = model.embeddings();
        let scores = embeddings.users.dot(&embeddings.items.t());
        check("eval_scores", &scores, &golden::matrix(&case.file["eval_scores"]));

        let step = model.step(&batch);
        let names: Vec<&str> = step.terms.iter().map(|term| term.name).collect();
        assert_eq!(names, TERMS.map(|(_, ours)| ours));
        let values = TERMS.iter().zip(&step.terms).map(|((theirs, _), term)| (*theirs, term.value));
        for (key, got) in values.chain([("total", step.total())]) {
            let want = golden::number(&case.file["losses"][key]);
            assert_close_scalar(&case.label(key), got, want, RELATIVE);
        }
        for (theirs, ours) in PARAMETERS {
            let id = model.params().id(ours).expect(ours);
            let got = step.gradients.to_dense(id, model.params());
            check(&format!("grad {theirs}"), &got, &golden::matrix(&case.file["grads"][*theirs]));
        }
    }
}
