//! What a model computes with its first parameters.

use super::translation::Translation;
use super::values::{RELATIVE, assert_scores, assert_table};
use anchorrec_recommender::{Batch, Recommender, Step};
use anchorrec_testkit::golden::{self, Case};
use anchorrec_testkit::{assert_close_but_for, assert_close_scalar};
use serde_json::Value;

pub(super) fn compare(translation: &Translation, case: &Case, model: &dyn Recommender<f64>) {
    // Recorded draws are in the forward pass of a step, and not in an evaluation.
    if translation.drawn(case).is_none() {
        let embeddings = model.embeddings();
        for (key, got) in [("final_user", &embeddings.users), ("final_item", &embeddings.items)] {
            if let Some(want) = case.file["forward"].get(key) {
                assert_table(case, key, got, want);
            }
        }
    }
    assert_scores(case, "eval_scores", model, &case.file["eval_scores"]);

    let losses = case.file["losses"].as_object().expect("losses");
    let step = model.step(&batch(case, 0));
    assert_terms(translation, case, "", &step, &case.file["losses"]);
    assert_close_scalar(&case.label("total"), step.total(), golden::number(&losses["total"]), RELATIVE);
    for (key, value) in losses {
        if let Some(which) = key.strip_prefix("total_batch") {
            let total = model.step(&batch(case, index(which))).total();
            assert_close_scalar(&case.label(key), total, golden::number(value), RELATIVE);
        }
        if let Some(which) = key.strip_prefix("terms_batch") {
            assert_terms(translation, case, &format!("{key}: "), &model.step(&batch(case, index(which))), value);
        }
    }
    assert_gradients(translation, case, "", model, &step, &case.file["grads"]);
}

/// A batch as the first of an epoch. What is drawn in it was recorded by its number, which is also its seed.
fn batch(case: &Case, index: usize) -> Batch<'_> {
    let [users, positives, negatives] = &case.data.batches[index];
    Batch { users, positives, negatives, seed: index as u64, index: 0 }
}

/// The number that a name continues with: `2_partial`.
fn index(name: &str) -> usize {
    name.split('_').next().and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("a batch, not {name}"))
}

/// Compares the terms of a step. One of weight 0 is not computed: the sum shows that no other is left out.
pub(super) fn assert_terms(translation: &Translation, case: &Case, label: &str, step: &Step<f64>, want: &Value) {
    for term in &step.terms {
        assert!(translation.knows_term(term.name), "{}: unknown term {} of ours", case.name, term.name);
    }
    for (theirs, ours, weighted) in translation.terms() {
        if let Some(term) = step.terms.iter().find(|term| term.name == ours) {
            let got = term.value * if weighted { term.weight } else { 1.0 };
            let want = want.get(theirs).unwrap_or_else(|| panic!("{}: no {label}{theirs}", case.name));
            assert_close_scalar(&case.label(&format!("{label}{theirs}")), got, golden::number(want), RELATIVE);
        }
    }
}

/// Compares the gradients of a step; one that the file leaves empty is exactly zero.
pub(super) fn assert_gradients(
    translation: &Translation,
    case: &Case,
    label: &str,
    model: &dyn Recommender<f64>,
    step: &Step<f64>,
    grads: &Value,
) {
    let rounding = case.rounding(grads);
    for (theirs, ours) in translation.parameters(case) {
        let id = model.params().id(ours).unwrap_or_else(|| panic!("{}: no parameter {ours}", case.name));
        let (got, name) = (step.gradients.to_dense(id, model.params()), case.label(&format!("{label}grad {theirs}")));
        match &grads[theirs] {
            Value::Null => assert!(got.iter().all(|&d| d == 0.0), "{name}: none is expected"),
            want => assert_close_but_for(&name, got.view(), golden::matrix(want).view(), RELATIVE, rounding),
        }
    }
}
