//! LightGCN against the official implementation: graph, forward, loss terms, gradients, scores.

mod official;

use anchorrec_encoders::Recommender;
use anchorrec_testkit::{assert_close, assert_close_scalar, golden};
use ndarray::{Array2, s};
use official::{Official, PARAMETERS};

const RELATIVE: f64 = 1e-9;

#[test]
fn golden_lightgcn() {
    for case in Official::all() {
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
        let embeddings = model.embeddings();
        check("final_user", &embeddings.users, &golden::matrix(&case.file["forward"]["final_user"]));
        check("final_item", &embeddings.items, &golden::matrix(&case.file["forward"]["final_item"]));
        let scores = embeddings.users.dot(&embeddings.items.t());
        check("eval_scores", &scores, &golden::matrix(&case.file["eval_scores"]));

        let step = model.step(&case.batch(0));
        for (key, got) in
            [("bpr", step.terms[0].value), ("emb_reg_unweighted", step.terms[1].value), ("total", step.total())]
        {
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
