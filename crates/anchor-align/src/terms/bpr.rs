//! `bpr = mean softplus(-(z_u·z_i - z_u·z_j))`: a positive scores above its negative.

use super::evaluated::Evaluated;
use anchorrec_kernels::Real;
use anchorrec_losses::{Triples, bpr_of_triples};
use anchorrec_recommender::Term;
use ndarray::Array2;

/// BPR of the final rows `z`. Sends back `dz`.
pub(crate) fn bpr<F: Real>(weight: f64, z: &Triples<Array2<F>>) -> Option<Evaluated<Triples<Array2<F>>>> {
    if weight <= 0.0 {
        return None;
    }
    let loss = bpr_of_triples(z.view(), F::zero());
    let mut d_z = z.zeros_like();
    loss.backward(F::of(weight), d_z.view_mut());
    let term = Term::new("bpr", "ranking: positives above negatives", loss.value, weight);
    Some(Evaluated { term, gradients: d_z })
}
