//! LightGCN against the official implementation: graph, forward, loss terms, gradients, scores.

#[path = "official/lightgcn.rs"]
mod official;

use anchorrec_encoders::{Batch, Recommender};
use anchorrec_testkit::{assert_close, assert_close_scalar, golden};
use ndarray::Array2;
use official::PARAMETERS;

const RELATIVE: f64 = 1e-9;

#[test]
fn golden_lightgcn() {
    for case in official::cases() {
        let check = |key: &str, got: &Array2<f64>, want: &Array2<f64>| {
            assert_close(&case.label(key), got.view(), want.view(), RELATIVE);
        };
        let graph = official::graph(&case);
        let adjacency = golden::adjacency(&graph.users_to_items.to_dense(), &graph.items_to_users.to_dense());
        check("norm_adj", &adjacency, &golden::sparse(&case.file["graph"]["norm_adj"]));

        let model = official::model(&case);
        let embeddings = model.embeddings();
        check("final_user", &embeddings.users, &golden::matrix(&case.file["forward"]["final_user"]));
        check("final_item", &embeddings.items, &golden::matrix(&case.file["forward"]["final_item"]));
        let scores = embeddings.users.dot(&embeddings.items.t());
        check("eval_scores", &scores, &golden::matrix(&case.file["eval_scores"]));

        let [users, positives, negatives] = &case.data.batches[0];
        let step = model.step(&Batch { users, positives, negatives, seed: 0 });
        for (key, got) in
            [("bpr", step.terms[0].value), ("emb_reg_unweighted", step.terms[1].value), ("total", step.total())]
        {
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
