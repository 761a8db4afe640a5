//! `ui = mean relu(μ + (1 - cos(sg z_u, z_i)) - (1 - cos(sg z_u, z_j)))`: items arrange themselves around the user.

use super::evaluated::Evaluated;
use anchorrec_kernels::Real;
use anchorrec_losses::{Triples, cosine_margin};
use anchorrec_recommender::Term;
use ndarray::Array2;

/// UI of the final rows `z` with the margin `μ`. Sends back `(dz_i, dz_j)`; sg `z_u`.
pub(crate) fn ui<F: Real>(
    weight: f64,
    margin: f64,
    z: &Triples<Array2<F>>,
) -> Option<Evaluated<(Array2<F>, Array2<F>)>> {
    if weight <= 0.0 {
        return None;
    }
    let loss = cosine_margin(z.users.view(), z.positives.view(), z.negatives.view(), F::of(margin));
    let term = Term::new("ui", "margin between users and items", loss.value, weight);
    Some(Evaluated { term, gradients: loss.backward(F::of(weight)) })
}
