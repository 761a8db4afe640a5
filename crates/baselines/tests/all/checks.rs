//! What the golden tests of all models compare alike.

use anchorrec_graph::UserItemGraph;
use anchorrec_recommender::{Batch, Embeddings, Recommender, Step};
use anchorrec_testkit::golden::{self, Case};
use anchorrec_testkit::{assert_close, assert_close_but_for, assert_close_scalar};
use ndarray::Array2;
use serde_json::Value;

/// The largest relative error.
pub const RELATIVE: f64 = 1e-9;

/// The batch that a case's losses and gradients are of.
pub fn first_batch(case: &Case) -> Batch<'_> {
    let [users, positives, negatives] = &case.data.batches[0];
    Batch { users, positives, negatives, seed: 0, index: 0 }
}

/// A tensor.
pub fn tensor(case: &Case, key: &str, got: &Array2<f64>, want: &Value) {
    assert_close(&case.label(key), got.view(), golden::matrix(want).view(), RELATIVE);
}

/// `Â`, users first, against a sparse matrix of the case's `graph`.
pub fn adjacency(case: &Case, key: &str, graph: &UserItemGraph<f64>) {
    let got = golden::adjacency(&graph.users_to_items.to_dense(), &graph.items_to_users.to_dense());
    let want = golden::sparse(&case.file["graph"][key]);
    assert_close(&case.label(key), got.view(), want.view(), RELATIVE);
}

/// The final embeddings of all users and items.
pub fn embeddings(case: &Case, got: &Embeddings<f64>) {
    let forward = &case.file["forward"];
    tensor(case, "final_user", &got.users, &forward["final_user"]);
    tensor(case, "final_item", &got.items, &forward["final_item"]);
}

/// Scores of all users and items as they are ranked.
pub fn scores(case: &Case, model: &dyn Recommender<f64>) {
    let embeddings = model.embeddings();
    tensor(case, "eval_scores", &embeddings.users.dot(&embeddings.items.t()), &case.file["eval_scores"]);
}

/// Loss terms, by official name and ours, and their weighted sum.
pub fn losses(case: &Case, step: &Step<f64>, terms: &[(&str, &str)]) {
    let check = |key: &str, got: f64| {
        assert_close_scalar(&case.label(key), got, golden::number(&case.file["losses"][key]), RELATIVE);
    };
    for (theirs, ours) in terms {
        check(theirs, step.terms.iter().find(|term| term.name == *ours).expect(ours).value);
    }
    check("total", step.total());
}

/// Gradients of all parameters, by official name and ours.
pub fn gradients(case: &Case, model: &dyn Recommender<f64>, step: &Step<f64>, parameters: &[(&str, &str)]) {
    let grads = &case.file["grads"];
    let rounding = case.rounding(grads);
    for (theirs, ours) in parameters {
        let id = model.params().id(ours).expect(ours);
        let (got, want) = (step.gradients.to_dense(id, model.params()), golden::matrix(&grads[*theirs]));
        let name = case.label(&format!("grad {theirs}"));
        assert_close_but_for(&name, got.view(), want.view(), RELATIVE, rounding);
    }
}
