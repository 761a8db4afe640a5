//! `reg = ½ (Σ‖z_u‖² + Σ‖z_i‖² + Σ‖z_j‖²) / B_cfg`: final embeddings stay short.

use super::evaluated::Evaluated;
use anchorrec_kernels::Real;
use anchorrec_losses::{Triples, half_squared_norm};
use anchorrec_recommender::Term;
use ndarray::Array2;

/// REG of the final rows `z`; the divisor is the configured batch size, also in a shorter batch. Sends back `dz`.
pub(crate) fn reg<F: Real>(
    weight: f64,
    batch_size: usize,
    z: &Triples<Array2<F>>,
) -> Option<Evaluated<Triples<Array2<F>>>> {
    if weight <= 0.0 {
        return None;
    }
    let losses = z.each().map(|rows| half_squared_norm(rows.view(), F::of(batch_size as f64)));
    let value = losses.iter().fold(F::zero(), |sum, loss| sum + loss.value);
    let [users, positives, negatives] = losses.map(|loss| loss.backward(F::of(weight)));
    let term = Term::new("reg", "squared norms of the final embeddings", value, weight);
    Some(Evaluated { term, gradients: Triples { users, positives, negatives } })
}
