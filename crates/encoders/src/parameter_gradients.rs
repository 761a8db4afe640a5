//! The oracle for layers: every parameter's gradient against central differences.

use crate::{Gradients, Params};
use anchorrec_testkit::assert_gradient;

/// Panics unless `gradients` are those of `loss` at `params`, for every parameter.
pub(crate) fn assert_parameter_gradients(
    params: &Params<f64>,
    gradients: &Gradients<f64>,
    loss: impl Fn(&Params<f64>) -> f64,
) {
    for id in params.ids() {
        let analytic = gradients.to_dense(id, params);
        assert_gradient(&params.parameter(id).name, analytic.view(), params[id].view(), |value| {
            let mut moved = params.clone();
            moved[id] = value.to_owned();
            loss(&moved)
        });
    }
}
