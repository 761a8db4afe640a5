//! Comparisons with values of a file.

use anchorrec_recommender::Recommender;
use anchorrec_testkit::golden::Case;
use anchorrec_testkit::{assert_close, golden};
use ndarray::Array2;
use serde_json::Value;

/// The largest relative error of a value.
pub const RELATIVE: f64 = 1e-9;

pub(super) fn assert_scores(case: &Case, what: &str, model: &dyn Recommender<f64>, want: &Value) {
    let embeddings = model.embeddings();
    assert_table(case, what, &embeddings.users.dot(&embeddings.items.t()), want);
}

pub(super) fn assert_table(case: &Case, what: &str, got: &Array2<f64>, want: &Value) {
    assert_close(&case.label(what), got.view(), golden::matrix(want).view(), RELATIVE);
}
