//! What the golden tests compare of tables between the first and the last of a model, and how all build its cases.

use anchorrec_conformance::golden::RELATIVE;
use anchorrec_graph::UserItemGraph;
use anchorrec_recommender::{Batch, Embeddings};
use anchorrec_testkit::assert_close;
use anchorrec_testkit::golden::{self, Case};
use ndarray::{Array2, Axis, concatenate};
use serde_json::Value;

/// The batch that a case's forward pass is of. What is drawn in it was recorded under the seed 0.
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

/// The final embeddings of all users and items in a step.
pub fn embeddings(case: &Case, got: &Embeddings<f64>) {
    let forward = &case.file["forward"];
    tensor(case, "final_user", &got.users, &forward["final_user"]);
    tensor(case, "final_item", &got.items, &forward["final_item"]);
}

/// A table of users and items in one, users first.
pub fn users_and_items(case: &Case, key: &str, got: &Embeddings<f64>, want: &Value) {
    tensor(case, key, &concatenate![Axis(0), got.users, got.items], want);
}
