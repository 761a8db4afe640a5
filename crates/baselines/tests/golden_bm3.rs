//! BM3 against the official implementation, with and without recorded dropout: graph, forward, loss terms, gradients, scores.

#[path = "official/bm3.rs"]
mod official;

use anchorrec_encoders::Recommender;
use anchorrec_testkit::{assert_close, assert_close_scalar, golden};
use ndarray::{Array2, s};
use official::{Official, PARAMETERS, TERMS};

const RELATIVE: f64 = 1e-9;

#[test]
fn golden_bm3() {
    let cases = Official::all();
    assert!(cases.iter().any(|case| case.file.get("dropout_masks").is_some()), "a case with dropout");
    for case in cases {
        let check = |key: &str, got: &Array2<f64>, want: &Array2<f64>| {
            assert_close(&format!("{} {key}", case.stem), got.view(), want.view(), RELATIVE);
        };
        let (users, items) = (case.data.users, case.data.items);
        let graph = case.graph();
        let mut adjacency = Array2::zeros((users + items, users + items));
        adjacency.slice_mut(s![..users, users..]).assign(&graph.users_to_items.to_dense());
        adjacency.slice_mut(s![users.., ..users]).assign(&graph.items_to_users.to_dense());
        check("norm_adj", &adjacency, &golden::sparse(&case.file["graph"]["norm_adj"]));

        let model = case.model();
        assert_eq!(model.params().len(), case.file["params"].as_object().expect("params").len());
        let encoded = model.model.encode(&case.batch(0));
        check("u_online_ori", &encoded.h_users, &golden::matrix(&case.file["forward"]["u_online_ori"]));
        check("i_online_ori", &encoded.h_items, &golden::matrix(&case.file["forward"]["i_online_ori"]));
        let embeddings = model.embeddings();
        let scores = embeddings.users.dot(&embeddings.items.t());
        check("eval_scores", &scores, &golden::matrix(&case.file["eval_scores"]));

        let step = model.step(&case.batch(0));
        let names: Vec<&str> = step.terms.iter().map(|term| term.name).collect();
        assert_eq!(names, TERMS.map(|(_, ours)| ours));
        let values = TERMS.iter().zip(&step.terms).map(|((theirs, _), term)| (*theirs, term.value));
        for (key, got) in values.chain([("total", step.total())]) {
            let want = golden::number(&case.file["losses"][key]);
            assert_close_scalar(&format!("{} {key}", case.stem), got, want, RELATIVE);
        }
        for (theirs, ours) in PARAMETERS {
            let id = model.params().id(ours).expect(ours);
            let got = step.gradients.to_dense(id, model.params());
            check(&format!("grad {theirs}"), &got, &golden::matrix(&case.file["grads"][*theirs]));
        }
    }
}
