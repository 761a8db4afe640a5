//! What the golden tests of all models compare alike.

use anchorrec_graph::UserItemGraph;
use anchorrec_recommender::{Batch, Embeddings, Recommender, Step};
use anchorrec_testkit::golden::{self, Case};
use anchorrec_testkit::{assert_close, assert_close_but_for, assert_close_scalar};
use ndarray::{Array2, Axis, concatenate};
use serde_json::Value;

/// The largest relative error.
pub const RELATIVE: f64 = 1e-9;

/// A batch of a case. What is drawn in it was recorded by its place in the epoch, which is also its seed.
pub fn batch(case: &Case, index: usize) -> Batch<'_> {
    let [users, positives, negatives] = &case.data.batches[index];
    Batch { users, positives, negatives, seed: index as u64, index }
}

/// The batch that a case's losses and gradients are of.
pub fn first_batch(case: &Case) -> Batch<'_> {
    batch(case, 0)
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

/// A table of users and items in one, users first.
pub fn users_and_items(case: &Case, key: &str, got: &Embeddings<f64>, want: &Value) {
    tensor(case, key, &concatenate![Axis(0), got.users, got.items], want);
}

/// Loss terms, by official name and ours, and their weighted sum.
pub fn losses(case: &Case, step: &Step<f64>, terms: &[(&str, &str)]) {
    losses_of(case, &case.file["losses"], step, terms);
}

/// Loss terms of any step and their sum; `expected` has the official values. A term of weight 0 is not computed: the sum shows that no other is left out.
pub fn losses_of(case: &Case, expected: &Value, step: &Step<f64>, terms: &[(&str, &str)]) {
    let check = |key: &str, got: f64| {
        assert_close_scalar(&case.label(key), got, golden::number(&expected[key]), RELATIVE);
    };
    for (theirs, ours) in terms {
        if let Some(term) = step.terms.iter().find(|term| term.name == *ours) {
            check(theirs, term.value);
        }
    }
    assert!(
        step.terms.iter().all(|term| terms.iter().any(|(_, ours)| *ours == term.name)),
        "{}: {:?}",
        case.name,
        step.terms
    );
    check("total", step.total());
}

/// The sums of the batches after the first at the initial parameters, and the terms of the shorter one.
pub fn later_batches(case: &Case, model: &dyn Recommender<f64>, terms: &[(&str, &str)]) {
    let expected = &case.file["losses"];
    if case.data.batches.len() > 1 {
        let total = model.step(&batch(case, 1)).total();
        assert_close_scalar(
            &case.label("total of batch 1"),
            total,
            golden::number(&expected["total_batch1"]),
            RELATIVE,
        );
    }
    if case.data.batches.len() > 2 {
        losses_of(case, &expected["terms_batch2_partial"], &model.step(&batch(case, 2)), terms);
    }
}

/// Gradients of all parameters, by official name and ours.
pub fn gradients(case: &Case, model: &dyn Recommender<f64>, step: &Step<f64>, parameters: &[(&str, &str)]) {
    let grads = &case.file["grads"];
    let rounding = case.rounding(grads);
    for (theirs, ours) in parameters {
        let id = model.params().id(ours).expect(ours);
        let (got, name) = (step.gradients.to_dense(id, model.params()), case.label(&format!("grad {theirs}")));
        if grads[*theirs].is_null() {
            assert!(got.iter().all(|&d| d == 0.0), "{name}: none is expected");
            continue;
        }
        let want = golden::matrix(&grads[*theirs]);
        assert_close_but_for(&name, got.view(), want.view(), RELATIVE, rounding);
    }
}

/// Every parameter of the file is one of ours, or has no gradient there and is never moved.
pub fn parameters_are_known(case: &Case, parameters: &[(&str, &str)]) {
    for (name, initial) in case.file["params"].as_object().expect("params") {
        if parameters.iter().all(|(theirs, _)| theirs != name) {
            assert!(case.file["grads"][name].is_null(), "{}: unknown {name}", case.name);
            let adam = case.file["adam"].as_object().expect("Adam's steps");
            for (_, after) in adam.iter().filter(|(key, _)| key.starts_with("params_after_")) {
                assert_eq!(&after[name], initial, "{}: {name} moves", case.name);
            }
        }
    }
}
